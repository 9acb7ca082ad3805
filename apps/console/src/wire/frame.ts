// The one animation loop of the page. It runs only when something has changed, so an idle page costs nothing, and browsers
// do not call it on a hidden tab.

const drawers = new Set<() => void>();
let asked = false;
let given = false;

function draw(): void {
    if (given) {
        given = false;
        requestAnimationFrame(draw);
        return;
    }
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

/** Leaves the next frame to a drawing that fills it, as a chart's first one does: two of them in one frame would hold the page too long. */
export function giveFrame(): void {
    given = true;
}

/** Calls once the next frame has been drawn; returns what takes it back. */
export function afterFrame(then: () => void): () => void {
    let timer = 0;
    const frame = requestAnimationFrame(() => (timer = window.setTimeout(then)));
    return () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
    };
}
