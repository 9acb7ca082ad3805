/** Where a list begins to differ from an earlier one whose oldest rows may have left since: rows that did not change are the same objects. */
export function changedFrom<T>(before: readonly T[], now: readonly T[]): number {
    const left = now.length > 0 ? before.indexOf(now[0]!) : -1;
    if (left < 0) return 0;
    let at = 0;
    while (at < now.length && before[left + at] === now[at]) at++;
    return at;
}

/** What a series of a chart can be told. */
interface Series<P> {
    setData(points: P[]): void;
    update(point: P): void;
}

/** Points told one by one at most: a candle that ends and the one that begins. */
const fewest = 2;
/** Points a series may have beyond its rows before it is drawn anew: what the page forgot, the chart shall forget as well. */
const spare = 300;

/** Brings rows, oldest first, into a series: those at its end that changed one by one, and everything only where more than that changed. */
export class SeriesTail<T, P extends { time: number }> {
    #drawn: readonly T[] = [];
    #points = 0;
    #last = 0;

    constructor(private readonly series: Series<P>) {}

    draw(rows: readonly T[], point: (row: T, at: number) => P): void {
        if (rows === this.#drawn) return;
        const from = changedFrom(this.#drawn, rows);
        this.#drawn = rows;
        const late = from < rows.length && point(rows[from]!, from).time < this.#last;
        if (from === 0 || late || rows.length - from > fewest || this.#points > rows.length + spare) {
            const points = rows.map(point);
            this.series.setData(points);
            this.#points = points.length;
            this.#last = points.at(-1)?.time ?? 0;
            return;
        }

        for (let at = from; at < rows.length; at++) {
            const changed = point(rows[at]!, at);
            this.series.update(changed);
            if (changed.time > this.#last) this.#points++;
            this.#last = changed.time;
        }
    }

    /** The next drawing is a whole one. */
    forget(): void {
        this.#drawn = [];
    }
}
