import type { Bar } from '../wire/model';

/** Minutes a moving average may reach over, by length of a bar: only what the bars the gateway keeps do cover. */
export function reaches(intervalMs: number, kept = 600): number[] {
    return [1, 5, 15, 60].filter((n) => n * 60_000 >= intervalMs && n * 60_000 <= kept * intervalMs);
}

/** Volume-weighted average price of the last n minutes, for each bar; null while nothing was traded in them. */
export function movingVwap(bars: readonly Bar[], minutes: number): (number | null)[] {
    const reachMs = minutes * 60_000;
    let first = 0;
    return bars.map((bar, i) => {
        while (bars[first]!.openMs <= bar.openMs - reachMs) first++;
        let worth = 0;
        let volume = 0;
        for (let k = first; k <= i; k++) {
            const { vwap, volume: traded } = bars[k]!;
            if (vwap === null || traded === null) continue;
            worth += vwap * traded;
            volume += traded;
        }
        return volume > 0 ? worth / volume : null;
    });
}
