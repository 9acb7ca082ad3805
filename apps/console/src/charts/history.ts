/** The last samples of some named series over time: fixed room, the oldest leave. */
export class History {
    readonly #times: number[] = [];
    readonly #series = new Map<string, (number | null)[]>();

    /** @param most Samples kept. */
    constructor(private readonly most: number) {}

    /** @param at Seconds, rising. @param values One figure for each series; a series not named has a hole here. */
    add(at: number, values: Iterable<readonly [name: string, value: number | null]>): void {
        const last = this.#times.at(-1);
        if (last !== undefined && at <= last) return;
        const given = new Map(values);
        for (const name of given.keys())
            if (!this.#series.has(name))
                this.#series.set(
                    name,
                    this.#times.map(() => null),
                );
        this.#times.push(at);
        for (const [name, column] of this.#series) column.push(given.get(name) ?? null);
        if (this.#times.length <= this.most) return;
        this.#times.shift();
        for (const [name, column] of this.#series) {
            column.shift();
            if (column.every((value) => value === null)) this.#series.delete(name);
        }
    }

    get names(): string[] {
        return [...this.#series.keys()];
    }

    get length(): number {
        return this.#times.length;
    }

    /** Times first, then one column for each series: what uPlot draws. */
    get columns(): [number[], ...(number | null)[][]] {
        return [this.#times, ...this.#series.values()];
    }

    last(name: string): number | null {
        return this.#series.get(name)?.at(-1) ?? null;
    }
}
