import { describe, expect, it } from 'vitest';
import { History } from '../src/charts/history';
import { movingVwap, reaches } from '../src/charts/vwap';
import { mid, symbolOf, venueOf } from '../src/instrument';
import { consolidate, lettersOf } from '../src/panels/consolidated';
import { rowHeight } from '../src/panels/heatmap';
import { imbalance, spreadBp } from '../src/screens/market';
import { faultKinds } from '../src/screens/operations';
import { scopeOf } from '../src/screens/risk';
import { exposures } from '../src/screens/trading';
import { matching } from '../src/ui/palette';
import type { Bbo, Book, Position } from '../src/wire/model';

const book = (bids: [string, string][], asks: [string, string][]): Book => ({
    instrument: 'A-B.X',
    updateId: null,
    sequence: null,
    flags: [],
    ageMs: null,
    levels: null,
    bids,
    asks,
});

describe('what is computed here', () => {
    it('spread and imbalance, and neither for half a book', () => {
        const full = book([['99', '3']], [['101', '1']]);
        expect(spreadBp(full)).toBeCloseTo(200);
        expect(imbalance(full)).toBeCloseTo(0.5);
        expect([spreadBp(book([], [['101', '1']])), imbalance(book([], []))]).toEqual([null, null]);
    });

    it('the height of a row of the depth picture, and none without levels', () => {
        expect(rowHeight([['99', '1']], [['101', '1']])).toBeCloseTo(2 / 40);
        expect(rowHeight([], [['101', '1']])).toBe(0);
    });

    it('a middle only from two prices', () => {
        const bbo = (bid: string | null, ask: string | null): Bbo => ({
            instrument: 'x',
            bid,
            ask,
            bidQuantity: null,
            askQuantity: null,
            last: null,
            flags: [],
            ageMs: null,
        });
        expect([mid(bbo('10', '11')), mid(bbo(null, '11')), mid(null)]).toEqual([10.5, null, null]);
    });

    it('exposure by asset and currency, the largest first, never across currencies', () => {
        const position = (instrument: string, quantity: string, averagePrice: string, currency: string): Position => ({
            instrument,
            strategy: '1',
            quantity,
            averagePrice,
            currency,
            realised: null,
            unrealised: null,
            fees: null,
            net: null,
        });
        expect(
            exposures([
                position('BTC-USDT.A', '1', '100', 'USDT'),
                position('BTC-USDT.B', '-3', '100', 'USDT'),
                position('BTC-USD.C', '1', '50', 'USD'),
                position('ETH-USD.C', '0', '9', 'USD'),
            ]),
        ).toEqual([
            { asset: 'BTC', currency: 'USDT', worth: -200 },
            { asset: 'BTC', currency: 'USD', worth: 50 },
        ]);
    });

    it('the scope a limit is changed in', () => {
        expect(scopeOf({ scope: 'node', of: '' })).toEqual({});
        expect(scopeOf({ scope: 'instrument:3', of: 'BTC-USDT.OKX' })).toEqual({ instrument: 'BTC-USDT.OKX' });
        expect(scopeOf({ scope: 'strategy:2', of: 'x' })).toEqual({ strategy: 2 });
        expect(scopeOf({ scope: 'venue:2', of: 'okx' })).toEqual({ venue: 'okx' });
    });

    it('symbols and venues of instruments', () => {
        expect([symbolOf('BTC-USDT.OKX'), venueOf('BTC-USDT.OKX'), symbolOf('X')]).toEqual(['BTC-USDT', 'OKX', 'X']);
    });

    it('fault kinds in either form', () => {
        expect(faultKinds(['gap', { kind: 'silence' }, 7])).toEqual(['gap', 'silence']);
        expect(faultKinds({ kinds: [{ name: 'burst' }] })).toEqual(['burst']);
        expect(faultKinds(null)).toEqual([]);
    });

    it('commands by words in any order', () => {
        const commands = ['Go to risk', 'Go to market', 'Kill: stop all trading'].map((name) => ({ name, run: () => {} }));
        expect(matching(commands, 'market go').map((c) => c.name)).toEqual(['Go to market']);
        expect(matching(commands, '')).toHaveLength(3);
    });
});

describe('averages by volume', () => {
    const bar = (minute: number, vwap: number | null, volume: number | null) => ({
        openMs: minute * 60_000, open: 1, high: 1, low: 1, close: 1, volume, vwap, vwapDay: null,
    });

    it('of the last n minutes, weighed, with holes where nothing was traded', () => {
        const bars = [bar(0, null, null), bar(1, 100, 1), bar(2, 200, 3), bar(3, 10, 0), bar(9, 7, 2)];
        expect(movingVwap(bars, 2)).toEqual([null, 100, 175, 200, 7]);
        expect(movingVwap(bars, 5)).toEqual([null, 100, 175, 175, 7]);
        expect(movingVwap([], 5)).toEqual([]);
    });

    it('reach no further than the bars that are kept', () => {
        expect(reaches(1000)).toEqual([1, 5]);
        expect(reaches(60_000)).toEqual([1, 5, 15, 60]);
        expect(reaches(300_000)).toEqual([5, 15, 60]);
    });
});

describe('one ladder over venues', () => {
    const book = (venue: string, bids: [string, string][], flags = ['synced']): Book => ({
        instrument: `BTC-USDT.${venue}`, updateId: null, sequence: null, flags, ageMs: null, levels: null, bids, asks: [],
    });

    it('a letter for each venue, and never the same for two', () => {
        expect([...lettersOf(['BINANCE', 'BYBIT', 'BB', 'OKX', 'B', '1'])]).toEqual([
            ['BINANCE', 'B'], ['BYBIT', 'Y'], ['BB', 'A'], ['OKX', 'O'], ['B', 'C'], ['1', 'D'],
        ]);
    });

    it('equal prices are one rung, best first, largest holder first', () => {
        const books = [book('OKX', [['100.0', '1'], ['99', '5']]), book('KRAKEN', [['100', '3'], ['101', '2'], ['x', '1'], ['98', '0']])];
        const rungs = consolidate(books, 'bids', lettersOf(['OKX', 'KRAKEN']), 2);
        expect(rungs.map((r) => [r.price, r.quantity, r.shares.map((s) => s.letter).join('')])).toEqual([
            [101, 2, 'K'],
            [100, 4, 'KO'],
        ]);
    });
});

describe('histories', () => {
    it('keep as many samples as they were made for, with holes where a series said nothing', () => {
        const history = new History(3);
        history.add(1, [['a', 1]]);
        history.add(2, [
            ['a', 2],
            ['b', 20],
        ]);
        history.add(2, [['a', 9]]);
        history.add(3, [['b', 30]]);
        history.add(4, [['b', 40]]);
        expect(history.columns).toEqual([
            [2, 3, 4],
            [2, null, null],
            [20, 30, 40],
        ]);
        expect([history.last('a'), history.last('b')]).toEqual([null, 40]);
    });

    it('forget a series that has said nothing for as long as they reach', () => {
        const history = new History(2);
        history.add(1, [['a', 1]]);
        for (let t = 2; t < 5; t++) history.add(t, [['b', t]]);
        expect(history.names).toEqual(['b']);
    });
});
