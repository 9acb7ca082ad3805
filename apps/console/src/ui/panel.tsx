import type { ComponentChildren } from 'preact';

interface PanelProps {
    id: string;
    title: string;
    /** Why there is nothing to show; null when there is. Never an invented figure in its place. */
    why?: string | null;
    /** Said in place of an empty table when it is known that there is nothing: not the same as not knowing. */
    none?: string | null;
    aside?: ComponentChildren;
    children?: ComponentChildren;
    wide?: boolean;
}

/** A titled region of a screen. It says of itself whether it has data, which is what the tests read. */
export function Panel({ id, title, why = null, none = null, aside, children, wide }: PanelProps) {
    return (
        <section
            class={wide ? `panel wide panel-${id}` : `panel panel-${id}`}
            data-panel={id}
            data-state={why !== null ? 'empty' : none !== null ? 'none' : 'data'}
            aria-labelledby={`panel-${id}`}
        >
            <header class="panel-head">
                <h2 id={`panel-${id}`}>{title}</h2>
                {aside && <div class="panel-aside">{aside}</div>}
            </header>
            {why !== null ? <p class="empty">no data: {why}</p> : none !== null ? <p class="empty">none: {none}</p> : children}
        </section>
    );
}

export const waiting = 'waiting for the first message of the gateway';
