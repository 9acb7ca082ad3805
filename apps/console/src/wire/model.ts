// What the console knows, by topic. The contract with the gateway is docs/guides/api.md; this file and decode.ts are the only
// places that know its names. Prices, quantities and amounts stay text: exact decimals that are shown as they came.

export interface Stage {
    name: string;
    ratePerSecond: number | null;
    total: number | null;
    depth: number | null;
    capacity: number | null;
    lag: number | null;
    drops: number | null;
    /** Orders that were not let through: said to whoever sent them, so nothing is lost. */
    refused: number | null;
    p50Ns: number | null;
    p99Ns: number | null;
    maxNs: number | null;
    detail: string | null;
}

export interface Venue {
    name: string;
    state: string;
    framesPerSecond: number | null;
    eventsPerSecond: number | null;
    ageMs: number | null;
    synced: number | null;
    gaps: number | null;
    resyncs: number | null;
    quarantined: number | null;
    shed: number | null;
    disconnects: number | null;
    orderSession: string | null;
}

export interface Reader {
    name: string;
    ring: string;
    lag: number | null;
    lost: number | null;
    laps: number | null;
}

/** Something that went wrong, counted by the node and, of the same, by its journal. */
export interface Incident {
    class: string;
    subject: string;
    count: number | null;
    ledger: number | null;
    firstMs: number | null;
    lastMs: number | null;
    text: string | null;
}

export interface Distribution {
    count: number | null;
    p50: number | null;
    p99: number | null;
    p999: number | null;
    max: number | null;
    /** Upper bound in nanoseconds and count, by powers of two. */
    buckets: readonly (readonly [number, number])[];
}

export type LatencyName = 'decisionNs' | 'executionNs' | 'tickToDecisionNs';

export interface Pipeline {
    state: string;
    trusted: boolean | null;
    uptimeMs: number | null;
    stages: Stage[];
    venues: Venue[];
    readers: Reader[];
    incidents: Incident[];
    resources: Record<string, number | null>;
    latency: Record<LatencyName, Distribution | null>;
}

export interface Bbo {
    instrument: string;
    bid: string | null;
    bidQuantity: string | null;
    ask: string | null;
    askQuantity: string | null;
    last: string | null;
    flags: string[];
    ageMs: number | null;
}

export type Level = readonly [price: string, quantity: string];

export interface Book {
    instrument: string;
    updateId: string | null;
    sequence: number | null;
    flags: string[];
    ageMs: number | null;
    levels: number | null;
    bids: Level[];
    asks: Level[];
}

export type Side = 'buy' | 'sell' | null;

export interface Trade {
    n: number;
    atMs: number | null;
    price: string | null;
    quantity: string | null;
    side: Side;
}

export interface Bar {
    openMs: number;
    open: number;
    high: number;
    low: number;
    close: number;
    volume: number | null;
    /** Average price of this bar by volume, and of the UTC day up to it. */
    vwap: number | null;
    vwapDay: number | null;
}

export interface Order {
    id: string;
    strategy: string | null;
    instrument: string;
    side: Side;
    type: string | null;
    price: string | null;
    quantity: string | null;
    filled: string | null;
    state: string;
    reason: string | null;
    live: boolean;
    createdMs: number | null;
    updatedMs: number | null;
    decisionNs: number | null;
    ackNs: number | null;
}

export interface Fill {
    n: number;
    atMs: number | null;
    order: string | null;
    strategy: string | null;
    instrument: string;
    side: Side;
    price: string | null;
    quantity: string | null;
    fee: string | null;
    feeAsset: string | null;
    maker: boolean | null;
}

export interface Position {
    instrument: string;
    strategy: string | null;
    quantity: string | null;
    averagePrice: string | null;
    realised: string | null;
    unrealised: string | null;
    fees: string | null;
    net: string | null;
    currency: string | null;
}

export interface Balance {
    venue: string;
    asset: string;
    expected: string | null;
    free: string | null;
    locked: string | null;
    difference: string | null;
    withinTolerance: boolean | null;
}

export interface PnlRow {
    strategy: string | null;
    venue: string | null;
    currency: string | null;
    realised: string | null;
    unrealised: string | null;
    fees: string | null;
    net: string | null;
}

export interface Pnl {
    total: string | null;
    today: string | null;
    rows: PnlRow[];
    history: readonly (readonly [atMs: number, value: number])[];
}

export interface Strategy {
    number: string;
    name: string;
    instrument: string | null;
    state: string;
    orders: number | null;
    fills: number | null;
    rejects: number | null;
    net: string | null;
    version: string | null;
    phase: string | null;
    lastSwap: string | null;
}

export interface Limit {
    name: string;
    scope: string;
    of: string | null;
    unit: string | null;
    used: string | null;
    cap: string | null;
    percent: number | null;
    meaning: string | null;
}

export interface Limits {
    killed: string[];
    limits: Limit[];
}

export interface Breakers {
    tripped: { name: string; scope: string; of: string | null; used: string | null; cap: string | null; ageMs: number | null }[];
    venues: { venue: string; state: string; failures: number | null; openings: number | null }[];
}

export interface Reject {
    n: number;
    atMs: number | null;
    strategy: string | null;
    instrument: string;
    side: Side;
    rule: string | null;
    text: string | null;
    skipped: number | null;
}

export interface Approval {
    id: string;
    command: string;
    summary: string;
    hash: string;
    by: string;
    why: string;
    atMs: number | null;
    expiresMs: number | null;
    state: string;
    decidedBy: string | null;
    decidedWhy: string | null;
    result: string | null;
}

export type Severity = 'info' | 'warning' | 'alarm';

export interface NodeEvent {
    n: number;
    atMs: number | null;
    severity: Severity;
    kind: string;
    venue: string | null;
    instrument: string | null;
    text: string;
}

export interface Lifecycle {
    state: string;
    waitingFor: string | null;
    degradation: string[];
    trusted: boolean | null;
    session: number | null;
    environment: string | null;
    name: string | null;
    pid: number | null;
    uptimeMs: number | null;
    history: { atMs: number | null; state: string; why: string | null }[];
    journal: Record<string, number | string | boolean | null>;
    build: string | null;
    runtime: string | null;
    gatewayUptimeMs: number | null;
}

export interface AuditRow {
    n: number;
    session: number | null;
    atMs: number | null;
    kind: string;
    done: boolean | null;
    who: string | null;
    why: string | null;
    text: string | null;
    outcome: string | null;
}

export interface Topics {
    pipeline: Pipeline;
    bbo: Bbo[];
    book: Book;
    trades: Trade[];
    bars: Bar[];
    orders: Order[];
    fills: Fill[];
    positions: Position[];
    balances: Balance[];
    pnl: Pnl;
    strategies: Strategy[];
    limits: Limits;
    breakers: Breakers;
    rejects: Reject[];
    approvals: Approval[];
    events: NodeEvent[];
    lifecycle: Lifecycle;
    audit: AuditRow[];
}

export type TopicKind = keyof Topics;
