import { describe, expect, it } from 'vitest';
import { History } from '../src/charts/history';
import { mid, symbolOf, venueOf } from '../src/instrument';
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
