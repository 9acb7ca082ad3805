import { describe, expect, it } from 'vitest';
import type { Json } from '../src/wire/read';
import { Store, type TopicMessage } from '../src/wire/store';

const message = (topic: string, seq: number, data: Json, type: 'snapshot' | 'update' = 'update', prev = seq - 1): TopicMessage => ({
    type,
    topic,
    seq,
    prev,
    dropped: 0,
    data,
});

const trade = (n: number) => ({ n, atMs: 1, price: `${n}`, quantity: '1', side: 'buy' });

describe('the store', () => {
    it('keeps a state topic as its last message says it', () => {
        const store = new Store();
        store.watch('book:A.X', () => {});
        store.accept(message('book:A.X', 1, { instrument: 'A.X', bids: [['1.50', '2']], asks: [] }, 'snapshot'));
        store.accept(message('book:A.X', 2, { instrument: 'A.X', bids: [['1.40', '3']], asks: [['1.60', '1']] }));
        expect(store.read('book', 'A.X')).toMatchObject({ bids: [['1.40', '3']], asks: [['1.60', '1']] });
    });

    it('does not turn what the gateway does not know into an empty list', () => {
        const store = new Store();
        store.watch('positions', () => {});
        store.accept(message('positions', 1, null, 'snapshot'));
        expect(store.read('positions')).toBeNull();
        store.accept(message('positions', 2, []));
        expect(store.read('positions')).toEqual([]);
    });

    it('adds new rows of a list topic, replaces changed ones in place and starts anew with a snapshot', () => {
        const store = new Store();
        store.watch('fills', () => {});
        store.accept(
            message(
                'fills',
                1,
                [
                    { n: 1, price: '10' },
                    { n: 2, price: '20' },
                ],
                'snapshot',
            ),
        );
        store.accept(
            message('fills', 2, [
                { n: 1, price: '11' },
                { n: 3, price: '30' },
            ]),
        );
        expect(store.read('fills')?.map((f) => [f.n, f.price])).toEqual([
            [1, '11'],
            [2, '20'],
            [3, '30'],
        ]);
        store.accept(message('fills', 9, [{ n: 7, price: '70' }], 'snapshot'));
        expect(store.read('fills')?.map((f) => f.n)).toEqual([7]);
    });

    it('notices an update that does not follow, and one before its snapshot', () => {
        const store = new Store();
        store.watch('fills', () => {});
        expect(store.accept(message('fills', 5, []))).toBe('missing');
        expect(store.accept(message('fills', 5, [{ n: 1 }], 'snapshot'))).toBe('taken');
        expect(store.accept(message('fills', 8, [{ n: 2 }], 'update', 7))).toBe('missing');
        expect(store.read('fills')?.map((f) => f.n)).toEqual([1]);
    });

    it('holds a bounded number of rows however many come, and live orders longest', () => {
        const store = new Store();
        store.watch('trades:A.X', () => {});
        store.accept(message('trades:A.X', 0, [], 'snapshot'));
        for (let n = 1; n <= 5000; n++) store.accept(message('trades:A.X', n, [trade(n)]));
        const trades = store.read('trades', 'A.X')!;
        expect([trades.length, trades[0]!.n, trades.at(-1)!.n]).toEqual([100, 4901, 5000]);

        store.watch('orders', () => {});
        store.accept(message('orders', 0, [{ id: 'old', live: true }], 'snapshot'));
        for (let n = 1; n <= 1000; n++) store.accept(message('orders', n, [{ id: `o${n}`, live: false }]));
        const orders = store.read('orders')!;
        expect(orders).toHaveLength(700);
        expect(orders[0]!.id).toBe('old');
    });

    it('tells a watcher once however many messages came, and not at all after it left', () => {
        const store = new Store();
        let told = 0;
        const leave = store.watch('pnl', () => told++);
        for (let n = 1; n <= 50; n++) store.accept(message('pnl', n, { total: `${n}` }, 'snapshot'));
        store.flush();
        store.flush();
        expect(told).toBe(1);
        leave();
        store.accept(message('pnl', 51, {}));
        store.flush();
        expect(told).toBe(1);
    });

    it('asks for a topic with its first watcher and gives it back with its last', () => {
        const store = new Store();
        const said: string[] = [];
        store.onWatched = (topic) => said.push(`+${topic}`);
        store.onUnwatched = (topic) => said.push(`-${topic}`);
        const first = store.watch('bbo', () => {});
        const second = store.watch('bbo', () => {});
        first();
        second();
        second();
        expect(said).toEqual(['+bbo', '-bbo']);
        expect(store.topics).toEqual([]);
    });

    it('knows nothing after the connection was lost', () => {
        const store = new Store();
        store.watch('pnl', () => {});
        store.accept(message('pnl', 1, { total: '5' }, 'snapshot'));
        store.forget();
        expect(store.read('pnl')).toBeNull();
    });

    it('takes no harm from anything a message may contain', () => {
        const store = new Store();
        const values: Json[] = [
            null,
            true,
            7,
            'x',
            [],
            [1, 'a', null, [], {}],
            {},
            { bids: 'x', stages: [null, 1, {}], journal: { a: [] }, history: [[], ['a', 'b'], [1, 'x']] },
        ];
        const topics = [
            'pipeline',
            'bbo',
            'book:A',
            'trades:A',
            'bars:A:1s',
            'orders',
            'fills',
            'positions',
            'balances',
            'pnl',
            'strategies',
            'limits',
            'breakers',
            'rejects',
            'approvals',
            'events',
            'lifecycle',
            'audit',
            'nonsense',
            '__proto__',
            'constructor',
            '',
        ];
        for (const topic of topics) store.watch(topic, () => {});
        for (const topic of topics) for (const value of values) expect(() => store.accept(message(topic, 1, value, 'snapshot'))).not.toThrow();
        store.flush();
        expect(store.accept(message('constructor', 1, {}, 'snapshot'))).toBe('unknown');
    });
});
