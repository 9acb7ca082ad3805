import type {
    Approval,
    AuditRow,
    Balance,
    Bar,
    Bbo,
    Book,
    Breakers,
    Distribution,
    Fill,
    LatencyName,
    Level,
    Lifecycle,
    Limits,
    NodeEvent,
    Order,
    Pipeline,
    Pnl,
    Position,
    Reject,
    Severity,
    Side,
    Strategy,
    TopicKind,
    Topics,
    Trade,
} from './model';
import { fields, flag, isFields, list, num, text, type Fields, type Json } from './read';

const side = (from: Fields): Side => {
    const value = text(from, 'side')?.toLowerCase();
    return value === 'buy' || value === 'sell' ? value : null;
};

const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : []);

const levels = (value: Json | undefined): Level[] =>
    Array.isArray(value) ? value.flatMap((row): Level[] => (Array.isArray(row) && row.length >= 2 ? [[String(row[0]), String(row[1])]] : [])) : [];

function distribution(summary: Json | undefined, histogram: Json | undefined): Distribution | null {
    const buckets = Array.isArray(histogram)
        ? histogram.flatMap((pair): [number, number][] =>
              Array.isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'number' ? [[pair[0], pair[1]]] : [],
          )
        : [];
    if (!isFields(summary) && buckets.length === 0) return null;
    const from = fields(summary);
    return { count: num(from, 'count'), p50: num(from, 'p50'), p99: num(from, 'p99'), p999: num(from, 'p999'), max: num(from, 'max'), buckets };
}

function pipeline(data: Json): Pipeline {
    const from = fields(data);
    const latency = fields(from['latency']);
    const histograms = fields(from['histograms']);
    const of = (name: LatencyName) => distribution(latency[name], histograms[name]);
    const resources = fields(from['resources']);
    return {
        state: text(from, 'state') ?? '?',
        trusted: flag(from, 'trusted'),
        uptimeMs: num(from, 'uptimeMs'),
        stages: list(from['stages']).map((s) => ({
            name: text(s, 'name') ?? '?',
            ratePerSecond: num(s, 'ratePerSecond'),
            total: num(s, 'total'),
            depth: num(s, 'depth'),
            capacity: num(s, 'capacity'),
            lag: num(s, 'lag'),
            drops: num(s, 'drops'),
            refused: num(s, 'refused'),
            p50Ns: num(s, 'p50Ns'),
            p99Ns: num(s, 'p99Ns'),
            maxNs: num(s, 'maxNs'),
            detail: text(s, 'detail'),
        })),
        venues: list(from['venues']).map((v) => ({
            name: text(v, 'name') ?? '?',
            state: text(v, 'state') ?? '?',
            framesPerSecond: num(v, 'framesPerSecond'),
            eventsPerSecond: num(v, 'eventsPerSecond'),
            ageMs: num(v, 'ageMs'),
            synced: num(v, 'synced'),
            gaps: num(v, 'gaps'),
            resyncs: num(v, 'resyncs'),
            quarantined: num(v, 'quarantined'),
            shed: num(v, 'shed'),
            disconnects: num(v, 'disconnects'),
            orderSession: text(v, 'orderSession'),
        })),
        readers: list(from['readers']).map((r) => ({
            name: text(r, 'name') ?? '?',
            ring: text(r, 'ring') ?? '',
            lag: num(r, 'lag'),
            lost: num(r, 'lost'),
            laps: num(r, 'laps'),
        })),
        incidents: list(from['incidents']).map((i) => ({
            class: text(i, 'class') ?? '?',
            subject: text(i, 'subject') ?? '',
            count: num(i, 'count'),
            ledger: num(i, 'ledger'),
            firstMs: num(i, 'firstMs'),
            lastMs: num(i, 'lastMs'),
            text: text(i, 'text'),
        })),
        resources: Object.fromEntries(Object.keys(resources).map((name) => [name, num(resources, name)])),
        latency: { decisionNs: of('decisionNs'), executionNs: of('executionNs'), tickToDecisionNs: of('tickToDecisionNs') },
    };
}

const bbo = (b: Fields): Bbo => ({
    instrument: text(b, 'instrument') ?? '?',
    bid: text(b, 'bid'),
    bidQuantity: text(b, 'bidQuantity'),
    ask: text(b, 'ask'),
    askQuantity: text(b, 'askQuantity'),
    last: text(b, 'last'),
    flags: texts(b['flags']),
    ageMs: num(b, 'ageMs'),
});

function book(data: Json): Book {
    const from = fields(data);
    return {
        instrument: text(from, 'instrument') ?? '?',
        updateId: text(from, 'updateId'),
        sequence: num(from, 'sequence'),
        flags: texts(from['flags']),
        ageMs: num(from, 'ageMs'),
        levels: num(from, 'levels'),
        bids: levels(from['bids']),
        asks: levels(from['asks']),
    };
}

const trade = (t: Fields): Trade => ({
    n: num(t, 'n') ?? 0,
    atMs: num(t, 'atMs'),
    price: text(t, 'price'),
    quantity: text(t, 'quantity'),
    side: side(t),
});

const bar = (b: Fields): Bar => ({
    openMs: num(b, 'openMs') ?? 0,
    open: num(b, 'open') ?? NaN,
    high: num(b, 'high') ?? NaN,
    low: num(b, 'low') ?? NaN,
    close: num(b, 'close') ?? NaN,
    volume: num(b, 'volume'),
    vwap: num(b, 'vwap'),
    vwapDay: num(b, 'vwapDay'),
});

const order = (o: Fields): Order => ({
    id: text(o, 'id') ?? '?',
    strategy: text(o, 'strategy'),
    instrument: text(o, 'instrument') ?? '?',
    side: side(o),
    type: text(o, 'type'),
    price: text(o, 'price'),
    quantity: text(o, 'quantity'),
    filled: text(o, 'filled'),
    state: text(o, 'state') ?? '?',
    reason: text(o, 'reason'),
    live: flag(o, 'live') ?? false,
    createdMs: num(o, 'createdMs'),
    updatedMs: num(o, 'updatedMs'),
    decisionNs: num(o, 'decisionNs'),
    ackNs: num(o, 'ackNs'),
});

const fill = (f: Fields): Fill => ({
    n: num(f, 'n') ?? 0,
    atMs: num(f, 'atMs'),
    order: text(f, 'order'),
    strategy: text(f, 'strategy'),
    instrument: text(f, 'instrument') ?? '?',
    side: side(f),
    price: text(f, 'price'),
    quantity: text(f, 'quantity'),
    fee: text(f, 'fee'),
    feeAsset: text(f, 'feeAsset'),
    maker: flag(f, 'maker'),
});

const position = (p: Fields): Position => ({
    instrument: text(p, 'instrument') ?? '?',
    strategy: text(p, 'strategy'),
    quantity: text(p, 'quantity'),
    averagePrice: text(p, 'averagePrice'),
    realised: text(p, 'realised'),
    unrealised: text(p, 'unrealised'),
    fees: text(p, 'fees'),
    net: text(p, 'net'),
    currency: text(p, 'currency'),
});

const balance = (b: Fields): Balance => ({
    venue: text(b, 'venue') ?? '?',
    asset: text(b, 'asset') ?? '?',
    expected: text(b, 'expected'),
    free: text(b, 'free'),
    locked: text(b, 'locked'),
    difference: text(b, 'difference'),
    withinTolerance: flag(b, 'withinTolerance'),
});

function pnl(data: Json): Pnl {
    const from = fields(data);
    const history = from['history'];
    return {
        total: text(from, 'total'),
        today: text(from, 'today'),
        rows: list(from['rows']).map((r) => ({
            strategy: text(r, 'strategy'),
            venue: text(r, 'venue'),
            currency: text(r, 'currency'),
            realised: text(r, 'realised'),
            unrealised: text(r, 'unrealised'),
            fees: text(r, 'fees'),
            net: text(r, 'net'),
        })),
        history: Array.isArray(history)
            ? history.flatMap((pair): [number, number][] => {
                  if (!Array.isArray(pair) || typeof pair[0] !== 'number') return [];
                  const value = Number(pair[1]);
                  return Number.isFinite(value) ? [[pair[0], value]] : [];
              })
            : [],
    };
}

const strategy = (s: Fields): Strategy => ({
    number: text(s, 'number') ?? '?',
    name: text(s, 'name') ?? '?',
    instrument: text(s, 'instrument'),
    state: text(s, 'state') ?? '?',
    orders: num(s, 'orders'),
    fills: num(s, 'fills'),
    rejects: num(s, 'rejects'),
    net: text(s, 'net'),
    version: text(s, 'version'),
    phase: text(s, 'phase'),
    lastSwap: text(s, 'lastSwap'),
});

function limits(data: Json): Limits {
    const from = fields(data);
    return {
        killed: texts(from['killed']),
        limits: list(from['limits']).map((l) => ({
            name: text(l, 'name') ?? '?',
            scope: text(l, 'scope') ?? '',
            of: text(l, 'of'),
            unit: text(l, 'unit'),
            used: text(l, 'used'),
            cap: text(l, 'cap'),
            percent: num(l, 'percent'),
            meaning: text(l, 'meaning'),
        })),
    };
}

function breakers(data: Json): Breakers {
    const from = fields(data);
    return {
        tripped: list(from['tripped']).map((t) => ({
            name: text(t, 'name') ?? '?',
            scope: text(t, 'scope') ?? '',
            of: text(t, 'of'),
            used: text(t, 'used'),
            cap: text(t, 'cap'),
            ageMs: num(t, 'ageMs'),
        })),
        venues: list(from['venues']).map((v) => ({
            venue: text(v, 'venue') ?? '?',
            state: text(v, 'state') ?? '?',
            failures: num(v, 'failures'),
            openings: num(v, 'openings'),
        })),
    };
}

const reject = (r: Fields): Reject => ({
    n: num(r, 'n') ?? 0,
    atMs: num(r, 'atMs'),
    strategy: text(r, 'strategy'),
    instrument: text(r, 'instrument') ?? '?',
    side: side(r),
    rule: text(r, 'rule'),
    text: text(r, 'text'),
    skipped: num(r, 'skipped'),
});

const approval = (a: Fields): Approval => ({
    id: text(a, 'id') ?? '?',
    command: text(a, 'command') ?? '?',
    summary: text(a, 'summary') ?? '',
    hash: text(a, 'hash') ?? '',
    by: text(a, 'by') ?? '?',
    why: text(a, 'why') ?? '',
    atMs: num(a, 'atMs'),
    expiresMs: num(a, 'expiresMs'),
    state: text(a, 'state') ?? '?',
    decidedBy: text(a, 'decidedBy'),
    decidedWhy: text(a, 'decidedWhy'),
    result: text(a, 'result'),
});

const severities: readonly string[] = ['info', 'warning', 'alarm'] satisfies Severity[];

const event = (e: Fields): NodeEvent => {
    const severity = text(e, 'severity') ?? '';
    return {
        n: num(e, 'n') ?? 0,
        atMs: num(e, 'atMs'),
        severity: severities.includes(severity) ? (severity as Severity) : 'warning',
        kind: text(e, 'kind') ?? '?',
        venue: text(e, 'venue'),
        instrument: text(e, 'instrument'),
        text: text(e, 'text') ?? '',
    };
};

function lifecycle(data: Json): Lifecycle {
    const from = fields(data);
    return {
        state: text(from, 'state') ?? '?',
        waitingFor: text(from, 'waitingFor'),
        degradation: texts(from['degradation']),
        trusted: flag(from, 'trusted'),
        session: num(from, 'session'),
        environment: text(from, 'environment'),
        name: text(from, 'name'),
        pid: num(from, 'pid'),
        uptimeMs: num(from, 'uptimeMs'),
        history: list(from['history']).map((h) => ({ atMs: num(h, 'atMs'), state: text(h, 'state') ?? '?', why: text(h, 'why') })),
        journal: Object.fromEntries(Object.entries(fields(from['journal'])).filter(([, v]) => typeof v !== 'object')) as Lifecycle['journal'],
        build: text(from, 'build'),
        runtime: text(from, 'runtime'),
        gatewayUptimeMs: num(from, 'gatewayUptimeMs'),
    };
}

const audit = (a: Fields): AuditRow => ({
    n: num(a, 'n') ?? 0,
    session: num(a, 'session'),
    atMs: num(a, 'atMs'),
    kind: text(a, 'kind') ?? '?',
    done: flag(a, 'done'),
    who: text(a, 'who'),
    why: text(a, 'why'),
    text: text(a, 'text'),
    outcome: text(a, 'outcome'),
});

/** A topic that carries all of its state in every message. */
interface State<T> {
    decode(data: Json): T;
}

/** A topic that carries rows: new ones are added, changed ones replaced, and the oldest leave beyond the most that is kept. */
interface Rows<R> {
    row(from: Fields): R;
    key(row: R): string | number;
    /** Rows kept; memory stays flat however long the page is open. */
    most: number;
    /** Rows that stay even when they are the oldest. */
    keeps?(row: R): boolean;
}

type Shape<T> = State<T> | (T extends (infer R)[] ? Rows<R> : never);

const byNumber = (row: { n: number }) => row.n;
const rowsOf = <R>(row: (from: Fields) => R): State<R[]> => ({ decode: (data) => list(data).map(row) });

export const shapes: { readonly [K in TopicKind]: Shape<Topics[K]> } = {
    pipeline: { decode: pipeline },
    bbo: rowsOf(bbo),
    book: { decode: book },
    trades: { row: trade, key: byNumber, most: 100 },
    bars: { row: bar, key: (b: Bar) => b.openMs, most: 600 },
    orders: { row: order, key: (o: Order) => o.id, most: 700, keeps: (o: Order) => o.live },
    fills: { row: fill, key: byNumber, most: 500 },
    positions: rowsOf(position),
    balances: rowsOf(balance),
    pnl: { decode: pnl },
    strategies: rowsOf(strategy),
    limits: { decode: limits },
    breakers: { decode: breakers },
    rejects: { row: reject, key: byNumber, most: 200 },
    approvals: rowsOf(approval),
    events: { row: event, key: byNumber, most: 500 },
    lifecycle: { decode: lifecycle },
    audit: { row: audit, key: byNumber, most: 500 },
};

export function kindOf(topic: string): TopicKind | null {
    const end = topic.indexOf(':');
    const name = end < 0 ? topic : topic.slice(0, end);
    return Object.hasOwn(shapes, name) ? (name as TopicKind) : null;
}
