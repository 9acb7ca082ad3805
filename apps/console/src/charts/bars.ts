import type { Bar } from '../wire/model';

/** Bars that can be drawn, oldest first. */
export function drawable(bars: readonly Bar[]): readonly Bar[] {
    const good = bars.filter((b) => b.openMs > 0 && [b.open, b.high, b.low, b.close].every(Number.isFinite));
    return good.sort((a, b) => a.openMs - b.openMs);
}
