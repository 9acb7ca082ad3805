import { describe, expect, it } from 'vitest';
import { SeriesTail, changedFrom } from '../src/charts/tail';

interface Row {
    time: number;
    value: number;
}

/** A chart's series as the library keeps it: refuses what the library refuses. */
class Kept {
    points: Row[] = [];
    whole = 0;

    setData(points: Row[]): void {
        this.points = points;
        this.whole++;
    }

    update(point: Row): void {
        const last = this.points.at(-1)!;
        if (point.time < last.time) throw new Error(`${point.time} after ${last.time}`);
        if (point.time === last.time) this.points.pop();
        this.points.push(point);
    }
}

const rows = (...values: number[]): Row[] => values.map((value, time) => ({ time, value }));

describe('rows brought into a chart', () => {
    it('begin to differ where one is another object, whatever left before', () => {
        const before = rows(1, 2, 3);
        expect(changedFrom(before, before)).toBe(3);
        expect(changedFrom(before, [...before, { time: 3, value: 4 }])).toBe(3);
        expect(changedFrom(before, [before[1]!, before[2]!])).toBe(2);
        expect(changedFrom(before, [before[0]!, { time: 1, value: 9 }, before[2]!])).toBe(1);
        expect(changedFrom(before, rows(1, 2, 3))).toBe(0);
        expect(changedFrom(before, [])).toBe(0);
        expect(changedFrom([], before)).toBe(0);
    });

    it('are drawn whole once, then only where they changed', () => {
        const kept = new Kept();
        const tail = new SeriesTail<Row, Row>(kept);
        let now = rows(1, 2, 3);
        tail.draw(now, (r) => r);
        // The newest changes; it ends and the next begins; nothing changes.
        for (const next of [
            [...now.slice(0, 2), { time: 2, value: 5 }],
            [...now.slice(0, 2), { time: 2, value: 6 }, { time: 3, value: 7 }],
        ]) {
            now = next;
            tail.draw(now, (r) => r);
            expect(kept.points).toEqual(now);
        }
        tail.draw(now, () => {
            throw new Error('drawn again');
        });
        expect(kept.whole).toBe(1);
    });

    it('are drawn whole where one before the newest is told late, also one that was not there', () => {
        const kept = new Kept();
        const tail = new SeriesTail<Row, Row>(kept);
        const [a, b, d] = [{ time: 0, value: 1 }, { time: 1, value: 2 }, { time: 3, value: 3 }];
        for (const now of [[a, b, d], [a, { time: 1, value: 9 }, d], [a, b, { time: 2, value: 4 }, d]]) {
            tail.draw(now, (r) => r);
            expect(kept.points).toEqual(now);
        }
        expect(kept.whole).toBe(3);
    });

    it('are drawn whole where more changed, where none is known, and when asked for', () => {
        const kept = new Kept();
        const tail = new SeriesTail<Row, Row>(kept);
        for (const now of [rows(1, 2, 3, 4), rows(1, 2, 3, 5), []]) {
            tail.draw(now, (r) => r);
            expect(kept.points).toEqual(now);
        }
        expect(kept.whole).toBe(3);
        const now = rows(1, 2);
        tail.draw(now, (r) => r);
        tail.forget();
        tail.draw(now, (r) => r);
        expect(kept.whole).toBe(5);
    });

    it('of a day do not stay in the chart: it forgets what the page forgot', () => {
        const kept = new Kept();
        const tail = new SeriesTail<Row, Row>(kept);
        let now = rows(...Array.from({ length: 600 }, (_, i) => i));
        tail.draw(now, (r) => r);
        let most = 0;
        for (let time = 600; time < 3_000; time++) {
            now = [...now.slice(1), { time, value: time }];
            tail.draw(now, (r) => r);
            most = Math.max(most, kept.points.length);
            expect(kept.points.slice(-600)).toEqual(now);
        }
        expect(most).toBeLessThan(1_000);
        expect(kept.whole).toBeLessThan(10);
    });
});
