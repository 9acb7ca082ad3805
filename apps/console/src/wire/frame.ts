// The one animation loop of the page. It runs only when something has changed, so an idle page costs nothing, and browsers
// do not call it on a hidden tab.

const drawers = new Set<() => void>();
let asked = false;

function draw(): void {
    asked = false;
    for (const drawer of [...drawers]) drawer();
}

/** Asks for one frame; asking again before it came changes nothing. */
export function requestFrame(): void {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
}

/** Adds something that draws in each frame; returns what takes it away. */
export function onFrame(drawer: () => void): () => void {
    drawers.add(drawer);
    return () => drawers.delete(drawer);
}
