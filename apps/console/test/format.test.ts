import { describe, expect, it } from 'vitest';
import {
    amount,
    bytes,
    clock,
    count,
    decimalsOf,
    exact,
    milliseconds,
    nanoseconds,
    padded,
    percent,
    plain,
    rate,
    seconds,
    signed,
    words,
} from '../src/format';

describe('figures', () => {
    it('never write a missing figure as a number', () => {
        for (const write of [count, exact, rate, nanoseconds, milliseconds, bytes, percent, signed, clock, plain]) expect(write(null)).toBe('–');
    });

    it('keep every digit of a count below ten thousand and shorten larger ones', () => {
        expect([0, 7, 9999, 48213, 1_204_000, 9.8e9].map(count)).toEqual(['0', '7', '9999', '48.2k', '1.2M', '9.8G']);
    });

    it('write exact counts in groups without losing a digit', () => {
        expect(exact(9812233).replaceAll('\u202f', '')).toBe('9812233');
    });

    it('choose the unit of a duration', () => {
        expect([0, 812, 1900, 21_000, 4_100_000, 2.5e9, 75e9].map(nanoseconds)).toEqual([
            '0 ns',
            '812 ns',
            '1.9 µs',
            '21.0 µs',
            '4.1 ms',
            '2.5 s',
            '00:01:15',
        ]);
        expect(seconds(90_061)).toBe('1 d 01:01:01');
    });

    it('write memory in binary units', () => {
        expect([0, 1023, 191_200_000].map(bytes)).toEqual(['0 B', '1023 B', '182 MiB']);
    });

    it('sign gains and use a true minus', () => {
        expect([412.8, -31.2, 0, 0.001].map((v) => signed(v))).toEqual(['+412.80', '−31.20', '0.00', '0.00']);
    });

    it('find the decimals a column of prices needs', () => {
        expect(decimalsOf([64011.5, 64011, 0.25])).toBe(2);
        expect(decimalsOf([])).toBe(0);
    });

    it('line prices up without touching a digit, and leave alone what is no price', () => {
        expect([padded('59979.2', 2), padded('60000', 1), padded('1.234', 2), padded('1e5', 3)]).toEqual(['59979.20', '60000.0', '1.234', '1e5']);
    });

    it('cut exact amounts to four decimals and leave shorter ones as they are', () => {
        expect([amount('-3.0624848335'), amount('12.50'), amount('x.123456'), amount(null)]).toEqual(['−3.0625', '12.50', 'x.123456', '–']);
    });

    it('write times of day in UTC and refuse what is no time', () => {
        expect(clock(1763712000123.4)).toBe('08:00:00.123');
        expect([clock(-1), clock(1e300)]).toEqual(['–', '–']);
    });

    it('turn names of the wire into words', () => {
        expect([words('PartiallyFilled'), words('daily-loss'), words('hotAllocatedBytes')]).toEqual([
            'partially filled',
            'daily loss',
            'hot allocated bytes',
        ]);
    });
});
