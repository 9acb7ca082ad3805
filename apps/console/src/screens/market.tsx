import { useEffect, useRef, useState } from 'preact/hooks';
import { History } from '../charts/history';
import { LineChart } from '../charts/line';
import { clock, exact, milliseconds, signed } from '../format';
import { mid, selectInstrument, symbolOf, useInstrument, venueOf } from '../instrument';
import { Candles } from '../panels/candles';
import { Consolidated } from '../panels/consolidated';
import { HeatMap } from '../panels/heatmap';
import { Ladder } from '../panels/ladder';
import { useTopic } from '../session';
import { Mark, SideMark, toneOf } from '../ui/marks';
import { Panel, waiting } from '../ui/panel';
import { Table } from '../ui/table';
import type { Bbo, Book } from '../wire/model';

export function Market() {
    const bbo = useTopic('bbo');
    const chosen = useInstrument();
    // Nothing chosen yet, or something this node does not have: the first one that has a price.
    const instrument = bbo?.some((b) => b.instrument === chosen) ? chosen : ((bbo?.find((b) => b.bid !== null) ?? bbo?.[0])?.instrument ?? null);
    const book = useTopic('book', instrument);
    const orders = useTopic('orders');
    const [all, setAll] = useState(false);
    const own = orders?.filter((o) => o.live && o.instrument === instrument) ?? [];
    const alike = instrument ? (bbo ?? []).filter((b) => baseOf(b.instrument) === baseOf(instrument)) : [];
    const same = instrument ? (bbo ?? []).filter((b) => symbolOf(b.instrument) === symbolOf(instrument)).map((b) => b.instrument) : [];
    return (
        <div class="screen market">
            <div class="bar-of-choices">
                <label>
                    Instrument
                    <select value={instrument ?? ''} onChange={(e) => selectInstrument(e.currentTarget.value)}>
                        {(bbo ?? []).map((b) => (
                            <option key={b.instrument} value={b.instrument}>
                                {b.instrument}
                            </option>
                        ))}
                    </select>
                </label>
                <label class="check">
                    <input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} /> ladders of all venues
                </label>
            </div>
            <Candles instrument={instrument} own={own} />
            <Panel id="ladder" title={`Ladder ${instrument ?? ''}`} why={book ? null : instrument ? waiting : noInstrument(bbo)}>
                {book && <Ladder book={book} own={own} depth={12} />}
            </Panel>
            <Consolidated instruments={same} why={bbo ? (same.length === 0 ? noInstrument(bbo) : null) : waiting} />
            {all && (
                <section class="ladders wide" aria-label="Ladders of all venues">
                    {alike.map((b) => (
                        <VenueLadder key={b.instrument} instrument={b.instrument} />
                    ))}
                </section>
            )}
            <Tape instrument={instrument} />
            <Cross alike={alike} to={instrument} why={bbo ? (alike.length === 0 ? noInstrument(bbo) : null) : waiting} />
            <Integrity book={book} instrument={instrument} />
            <Spread key={instrument ?? ''} book={book} />
            <Panel id="heatmap" title="Depth over time" why={book ? null : instrument ? waiting : noInstrument(bbo)}>
                {book && <HeatMap key={book.instrument} book={book} />}
            </Panel>
        </div>
    );
}

const baseOf = (instrument: string) => symbolOf(instrument).split('-')[0] ?? '';
const noInstrument = (bbo: Bbo[] | null) => (bbo ? 'the node has no instrument' : waiting);

function VenueLadder({ instrument }: { instrument: string }) {
    const book = useTopic('book', instrument);
    return (
        <div class="small-ladder">
            <h3>{instrument}</h3>
            {book ? <Ladder book={book} own={[]} depth={5} /> : <p class="empty">no data: {waiting}</p>}
        </div>
    );
}

function Tape({ instrument }: { instrument: string | null }) {
    const trades = useTopic('trades', instrument);
    const rows = trades ? [...trades].reverse() : [];
    return (
        <Panel id="tape" title="Tape" why={trades ? null : waiting} none={rows.length === 0 ? 'no trade since the gateway started' : null}>
            <Table
                label="Last trades, newest first"
                rows={rows}
                most={50}
                keyOf={(t) => t.n}
                columns={[
                    { name: 'time', cell: (t) => clock(t.atMs) },
                    { name: 'side', cell: (t) => <SideMark side={t.side} /> },
                    { name: 'price', number: true, cell: (t) => t.price ?? '–' },
                    { name: 'quantity', number: true, cell: (t) => t.quantity ?? '–' },
                ]}
            />
        </Panel>
    );
}

interface CrossProps {
    alike: Bbo[];
    to: string | null;
    why: string | null;
}

/** Best bid and ask of every venue, and how far each lies from the chosen one, in basis points of its middle. */
function Cross({ alike, to, why }: CrossProps) {
    const base = mid(alike.find((b) => b.instrument === to) ?? null);
    const state = (b: Bbo) => b.flags.find((f) => f !== 'synced') ?? b.flags[0] ?? 'unknown';
    return (
        <Panel id="cross" title="Across venues" why={why}>
            <Table
                label="Best bid and ask by venue"
                rows={alike}
                keyOf={(b) => b.instrument}
                rowClass={(b) => (b.flags.includes('stale') ? 'stale' : '')}
                columns={[
                    {
                        name: 'instrument',
                        cell: (b) => (
                            <button type="button" class="link" onClick={() => selectInstrument(b.instrument)}>
                                {b.instrument}
                            </button>
                        ),
                    },
                    { name: 'bid', number: true, cell: (b) => b.bid ?? '–' },
                    { name: 'ask', number: true, cell: (b) => b.ask ?? '–' },
                    {
                        name: 'basis bp',
                        number: true,
                        cell: (b) => {
                            const here = mid(b);
                            return base === null || here === null ? '–' : signed(((here - base) / base) * 1e4, 2);
                        },
                    },
                    { name: 'age', number: true, cell: (b) => milliseconds(b.ageMs) },
                    { name: 'state', cell: (b) => <Mark tone={toneOf(state(b))}>{state(b)}</Mark> },
                ]}
            />
        </Panel>
    );
}

function Integrity({ book, instrument }: { book: Book | null; instrument: string | null }) {
    const pipeline = useTopic('pipeline');
    const events = useTopic('events');
    const venue = pipeline?.venues.find((v) => instrument && v.name.toUpperCase() === venueOf(instrument).toUpperCase());
    const last = events?.findLast((e) => e.instrument === instrument && (e.kind === 'gap' || e.kind === 'resync'));
    return (
        <Panel id="integrity" title="Integrity" why={book ? null : waiting}>
            {book && (
                <dl class="facts">
                    <dt>book</dt>
                    <dd>
                        {book.flags.map((f) => (
                            <Mark key={f} tone={toneOf(f)}>
                                {f}
                            </Mark>
                        ))}
                        {book.flags.length === 0 && 'unknown'}
                    </dd>
                    <dt>age</dt>
                    <dd>{milliseconds(book.ageMs)}</dd>
                    <dt>venue sequence</dt>
                    <dd>{book.updateId ?? '–'}</dd>
                    <dt>ring sequence</dt>
                    <dd>{exact(book.sequence)}</dd>
                    <dt>levels held</dt>
                    <dd>{exact(book.levels)}</dd>
                    <dt>venue gaps</dt>
                    <dd>{exact(venue?.gaps ?? null)}</dd>
                    <dt>venue resyncs</dt>
                    <dd>{exact(venue?.resyncs ?? null)}</dd>
                    <dt>venue quarantined</dt>
                    <dd>{exact(venue?.quarantined ?? null)}</dd>
                    <dt>last gap or resync</dt>
                    <dd>{last ? `${clock(last.atMs)} ${last.text}` : 'none since the gateway started'}</dd>
                </dl>
            )}
        </Panel>
    );
}

const levelsWeighed = 5;

/** Share of the quantity near the middle that is on the bid, from −1 (all ask) to +1 (all bid). */
export function imbalance(book: Book): number | null {
    const sum = (side: Book['bids']) => side.slice(0, levelsWeighed).reduce((total, [, quantity]) => total + Number(quantity), 0);
    const bids = sum(book.bids);
    const asks = sum(book.asks);
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : null;
}

export function spreadBp(book: Book): number | null {
    const bid = Number(book.bids[0]?.[0] ?? NaN);
    const ask = Number(book.asks[0]?.[0] ?? NaN);
    return Number.isFinite(bid) && Number.isFinite(ask) && bid + ask > 0 ? ((ask - bid) / ((ask + bid) / 2)) * 1e4 : null;
}

function Spread({ book }: { book: Book | null }) {
    const spread = useRef(new History(240)).current;
    const weights = useRef(new History(240)).current;
    const sampled = useRef(0);
    const [version, setVersion] = useState(0);
    useEffect(() => {
        const now = Date.now() / 1000;
        if (!book || now - sampled.current < 0.25) return;
        sampled.current = now;
        spread.add(now, [['spread', spreadBp(book)]]);
        weights.add(now, [['imbalance', imbalance(book)]]);
        setVersion((n) => n + 1);
    }, [book]);
    return (
        <Panel
            id="spread"
            title={`Spread and imbalance (${levelsWeighed} levels)`}
            why={book ? (spread.length < 2 ? 'collecting the first samples' : null) : waiting}
        >
            <LineChart
                history={spread}
                version={version}
                height={70}
                label="Spread in basis points over the last minute"
                value={(v) => `${v.toFixed(2)} bp`}
            />
            <LineChart
                history={weights}
                version={version}
                height={70}
                label="Imbalance of the book over the last minute"
                value={(v) => signed(v, 2)}
            />
        </Panel>
    );
}
