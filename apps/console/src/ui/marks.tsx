import type { ComponentChildren } from 'preact';
import type { Side } from '../wire/model';

/** Buy or sell by shape and word; the colour only repeats it. */
export function SideMark({ side }: { side: Side }) {
    if (side === null) return <span class="muted">–</span>;
    return side === 'buy' ? <span class="buy">▲ BUY</span> : <span class="sell">▼ SELL</span>;
}

export type Tone = 'good' | 'warn' | 'bad' | 'idle';

const shapes: Record<Tone, string> = { good: '●', warn: '◐', bad: '✖', idle: '○' };

/** A state as shape, word and colour. */
export function Mark({ tone, children }: { tone: Tone; children: ComponentChildren }) {
    return (
        <span class={`mark ${tone}`}>
            <span aria-hidden="true">{shapes[tone]} </span>
            {children}
        </span>
    );
}

/** A share between 0 and 1 as a bar, with the figure beside it in words. Plain: a full bar is no reason to worry. */
export function Meter({ share, label, plain = false }: { share: number | null; label: string; plain?: boolean }) {
    const bounded = share === null ? 0 : Math.min(1, Math.max(0, share));
    const tone = share === null || plain ? 'idle' : share >= 0.9 ? 'bad' : share >= 0.7 ? 'warn' : 'good';
    const width = `${Math.round(bounded * 100)}%`;
    return (
        <span
            class={`bar ${tone}`}
            role="meter"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(bounded * 100)}
            aria-valuetext={label}
            aria-label={label}
            title={label}
        >
            <span class="bar-used" style={{ width }} />
        </span>
    );
}

export function toneOf(state: string): Tone {
    switch (state.toUpperCase()) {
        case 'READY':
        case 'OPEN':
        case 'RUNNING':
        case 'CLOSED':
        case 'SYNCED':
        case 'OK':
        case 'APPROVED':
        case 'WORKING':
        case 'FILLED':
            return 'good';
        case 'WARM-UP':
        case 'WARMUP':
        case 'DEGRADED':
        case 'SILENT':
        case 'HALFOPEN':
        case 'PENDING':
        case 'PARTIALLYFILLED':
        case 'STALE':
        case 'DRAINING':
        case 'RESYNC':
        case 'HELD':
            return 'warn';
        case 'DOWN':
        case 'TRIPPED':
        case 'KILLED':
        case 'UNKNOWN':
        case 'FAILED':
        case 'REJECTED':
        case 'GAP':
        case 'CROSSED':
        case 'STOPPED':
            return 'bad';
        default:
            return 'idle';
    }
}
