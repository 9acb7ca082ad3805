import type { Bar } from '../wire/model';

/** Minutes a moving average may reach over, by length of a bar: only what the bars the gateway keeps do cover. */
export function reaches(intervalMs: number, kept = 600): number[] {
    return [1, 5, 15, 60].filter((n) => n * 60_000 >= intervalMs && n * 60_000 <= kept * intervalMs);
}

/** Volume-weighted average price of the last n minutes, for each bar; null while nothing was traded in them. */
export function movingVwap(bars: readonly Bar[], minutes: number): (number | null)[] {
    const reachMs = minutes * 60_000;
    // Sums up to each bar: what lies between two bars is a difference, however many there are.
    const worth = [0];
    const volume = [0];
    let first = 0;
    return bars.map((bar, i) => {
        const traded = bar.vwap === null ? 0 : (bar.volume ?? 0);
        worth.push(worth[i]! + (bar.vwap ?? 0) * traded);
        volume.push(volume[i]! + traded);
        while (bars[first]!.openMs <= bar.openMs - reachMs) first++;
        const over = volume[i + 1]! - volume[first]!;
        return over > 0 ? (worth[i + 1]! - worth[first]!) / over : null;
    });
}
