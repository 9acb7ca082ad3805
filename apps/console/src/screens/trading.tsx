import { useEffect, useRef, useState } from 'preact/hooks';
import { History } from '../charts/history';
import { LineChart } from '../charts/line';
import { amount, clock, exact, nanoseconds, signed, words } from '../format';
import { sendCommand, useSession, useTopic } from '../session';
import { Mark, Meter, SideMark, toneOf } from '../ui/marks';
import { Panel, waiting } from '../ui/panel';
import { Table } from '../ui/table';
import { AskWhy } from '../ui/why';
import { saying, type TraceStep } from '../wire/api';
import type { Order, Pnl, Position, Strategy } from '../wire/model';

export function Trading() {
    const [traced, setTraced] = useState<string | null>(null);
    return (
        <div class="screen trading">
            <PnlPanel />
            <Exposure />
            <Orders traced={traced} trace={setTraced} />
            <Trace order={traced} />
            <Fills trace={setTraced} />
            <Positions />
            <Strategies />
        </div>
    );
}

function PnlPanel() {
    const pnl = useTopic('pnl');
    return (
        <Panel id="pnl" title="Profit and loss" why={pnl ? null : waiting} none={pnl && pnl.rows.length === 0 ? 'nothing has been traded' : null}>
            {pnl && (
                <>
                    <p class="big">
                        today <strong title={pnl.today ?? ''}>{amount(pnl.today)}</strong> · total{' '}
                        <strong title={pnl.total ?? ''}>{amount(pnl.total)}</strong>
                    </p>
                    <PnlLine pnl={pnl} />
                    <Table
                        label="Profit and loss by strategy and venue"
                        rows={pnl.rows}
                        keyOf={(r) => `${r.strategy}/${r.venue}/${r.currency}`}
                        columns={[
                            { name: 'strategy', cell: (r) => r.strategy ?? '–' },
                            { name: 'venue', cell: (r) => r.venue ?? '–' },
                            { name: 'realised', number: true, cell: (r) => amount(r.realised) },
                            { name: 'unrealised', number: true, cell: (r) => amount(r.unrealised) },
                            { name: 'fees', number: true, cell: (r) => amount(r.fees) },
                            { name: 'net', number: true, cell: (r) => amount(r.net) },
                            { name: 'in', cell: (r) => r.currency ?? '' },
                        ]}
                    />
                </>
            )}
        </Panel>
    );
}

function PnlLine({ pnl }: { pnl: Pnl }) {
    const history = useRef(new History(600)).current;
    const [version, setVersion] = useState(0);
    useEffect(() => {
        for (const [atMs, value] of pnl.history) history.add(atMs / 1000, [['net', value]]);
        setVersion((n) => n + 1);
    }, [pnl]);
    return history.length < 2 ? null : (
        <LineChart history={history} version={version} height={120} label="Net profit over time" value={(v) => signed(v, 2)} />
    );
}

/** What the positions are worth by asset and currency; the bar is each one's share of the largest. */
function Exposure() {
    const positions = useTopic('positions');
    const held = exposures(positions ?? []);
    const most = new Map<string, number>();
    for (const e of held) most.set(e.currency, Math.max(most.get(e.currency) ?? 0, Math.abs(e.worth)));
    return (
        <Panel
            id="exposure"
            title="Exposure by asset, at average price"
            why={positions ? null : waiting}
            none={held.length === 0 ? 'no position is open' : null}
        >
            <ul class="bars">
                {held.map((e) => (
                    <li key={`${e.asset}/${e.currency}`}>
                        <span>{e.asset}</span>
                        <Meter plain share={Math.abs(e.worth) / (most.get(e.currency) || 1)} label={`${e.asset}: ${signed(e.worth)} ${e.currency}`} />
                        <span class="number">
                            {signed(e.worth)} {e.currency}
                        </span>
                    </li>
                ))}
            </ul>
        </Panel>
    );
}

export function exposures(positions: readonly Position[]): { asset: string; currency: string; worth: number }[] {
    const sums = new Map<string, { asset: string; currency: string; worth: number }>();
    for (const p of positions) {
        const worth = Number(p.quantity ?? 0) * Number(p.averagePrice ?? 0);
        if (!Number.isFinite(worth) || worth === 0) continue;
        const asset = p.instrument.split('-')[0] ?? p.instrument;
        const currency = p.currency ?? '?';
        const sum = sums.get(`${asset}/${currency}`) ?? { asset, currency, worth: 0 };
        sum.worth += worth;
        sums.set(`${asset}/${currency}`, sum);
    }
    return [...sums.values()].sort((a, b) => Math.abs(b.worth) - Math.abs(a.worth));
}

interface OrdersProps {
    traced: string | null;
    trace(order: string): void;
}

function Orders({ traced, trace }: OrdersProps) {
    const orders = useTopic('orders');
    const session = useSession();
    const [filter, setFilter] = useState('');
    const [liveOnly, setLiveOnly] = useState(false);
    const [cancel, setCancel] = useState<Order | null>(null);
    const wanted = filter.toLowerCase();
    // Live ones first: they are what one may still act on.
    const rows = (orders ?? [])
        .filter(
            (o) =>
                (!liveOnly || o.live) &&
                (wanted === '' || `${o.id} ${o.strategy} ${o.instrument} ${o.state} ${o.side}`.toLowerCase().includes(wanted)),
        )
        .sort((a, b) => Number(b.live) - Number(a.live) || (b.createdMs ?? 0) - (a.createdMs ?? 0));
    const aside = (
        <>
            <label>
                Filter <input value={filter} onInput={(e) => setFilter(e.currentTarget.value)} size={12} />
            </label>
            <label class="check">
                <input type="checkbox" checked={liveOnly} onChange={(e) => setLiveOnly(e.currentTarget.checked)} /> live only
            </label>
        </>
    );
    return (
        <Panel
            id="orders"
            title={`Orders (${orders?.filter((o) => o.live).length ?? '–'} live)`}
            wide
            aside={aside}
            why={orders ? null : waiting}
            none={orders?.length === 0 ? 'no order yet' : null}
        >
            <Table
                label="Orders, live ones first, then the newest"
                rows={rows}
                keyOf={(o) => o.id}
                most={40}
                rowClass={(o) => (o.id === traced ? 'chosen' : '')}
                columns={[
                    {
                        name: 'id',
                        cell: (o) => (
                            <button type="button" class="link" onClick={() => trace(o.id)} aria-label={`Trace of order ${o.id}`}>
                                {o.id}
                            </button>
                        ),
                    },
                    { name: 'strategy', cell: (o) => o.strategy ?? '–' },
                    { name: 'instrument', cell: (o) => o.instrument },
                    { name: 'side', cell: (o) => <SideMark side={o.side} /> },
                    { name: 'quantity', number: true, cell: (o) => o.quantity ?? '–' },
                    { name: 'filled', number: true, cell: (o) => o.filled ?? '–' },
                    { name: 'price', number: true, cell: (o) => o.price ?? '–' },
                    {
                        name: 'state',
                        cell: (o) => (
                            <Mark tone={toneOf(o.state)}>
                                {words(o.state)}
                                {o.reason ? `: ${o.reason}` : ''}
                            </Mark>
                        ),
                    },
                    { name: 'created', cell: (o) => clock(o.createdMs) },
                    { name: 'decision', number: true, cell: (o) => nanoseconds(o.decisionNs) },
                    { name: 'ack', number: true, cell: (o) => nanoseconds(o.ackNs) },
                    ...(session.may('trader')
                        ? [
                              {
                                  name: 'do',
                                  cell: (o: Order) =>
                                      o.live && (
                                          <button type="button" class="plain" onClick={() => setCancel(o)} aria-label={`Cancel order ${o.id}`}>
                                              cancel
                                          </button>
                                      ),
                              },
                          ]
                        : []),
                ]}
            />
            {cancel && (
                <AskWhy
                    id="cancel-order"
                    title={`Cancel ${cancel.id}`}
                    confirm="Cancel the order"
                    onClose={() => setCancel(null)}
                    says={`${cancel.side ?? ''} ${cancel.quantity ?? ''} ${cancel.instrument} at ${cancel.price ?? 'market'}: the venue cancels it.`}
                    act={(s, why) => sendCommand(s, 'order', { action: 'cancel', id: cancel.id, why })}
                />
            )}
        </Panel>
    );
}

/** Why this order exists and where its time went: from the tick to the venue's answer. */
function Trace({ order }: { order: string | null }) {
    const session = useSession();
    const [steps, setSteps] = useState<TraceStep[] | null>(null);
    const [problem, setProblem] = useState('');
    useEffect(() => {
        setSteps(null);
        setProblem('');
        if (order === null) return;
        let here = true;
        session.api.trace(order).then(
            (answer) => here && setSteps(answer),
            (error: unknown) => here && setProblem(saying(error)),
        );
        return () => void (here = false);
    }, [order, session]);
    const why = order === null ? 'choose an order by its id' : problem !== '' ? problem : steps === null ? 'asking the journal' : null;
    return (
        <Panel id="trace" title={`Order trace ${order ?? ''}`} why={why} none={steps?.length === 0 ? 'the journal holds nothing about it' : null}>
            <ol class="trace">
                {steps?.map((s, i) => (
                    <li key={i}>
                        <strong>{s.name}</strong> <span>{clock(s.atMs)}</span>{' '}
                        <span>{s.sinceTickNs === null ? '' : `+${nanoseconds(s.sinceTickNs)}`}</span>
                        <p>{s.text}</p>
                    </li>
                ))}
            </ol>
        </Panel>
    );
}

function Fills({ trace }: { trace(order: string): void }) {
    const fills = useTopic('fills');
    const rows = fills ? [...fills].reverse() : [];
    return (
        <Panel id="fills" title="Fills" why={fills ? null : waiting} none={rows.length === 0 ? 'no fill yet' : null}>
            <Table
                label="Fills, newest first"
                rows={rows}
                most={40}
                keyOf={(f) => f.n}
                columns={[
                    { name: 'time', cell: (f) => clock(f.atMs) },
                    { name: 'instrument', cell: (f) => f.instrument },
                    { name: 'side', cell: (f) => <SideMark side={f.side} /> },
                    { name: 'quantity', number: true, cell: (f) => f.quantity ?? '–' },
                    { name: 'price', number: true, cell: (f) => f.price ?? '–' },
                    { name: 'fee', number: true, cell: (f) => `${amount(f.fee)} ${f.feeAsset ?? ''}` },
                    { name: 'as', cell: (f) => (f.maker === null ? '–' : f.maker ? 'maker' : 'taker') },
                    {
                        name: 'order',
                        cell: (f) =>
                            f.order && (
                                <button type="button" class="link" onClick={() => trace(f.order!)}>
                                    {f.order}
                                </button>
                            ),
                    },
                ]}
            />
        </Panel>
    );
}

/** Ours beside the venue's: positions by instrument, and what each venue says of its balances. */
function Positions() {
    const positions = useTopic('positions');
    const balances = useTopic('balances');
    const none = positions?.length === 0 && (balances?.length ?? 0) === 0 ? 'no position and no balance told' : null;
    return (
        <Panel id="positions" title="Positions, ours and the venues'" why={positions && balances ? null : waiting} none={none}>
            <Table
                label="Positions"
                rows={positions ?? []}
                keyOf={(p) => `${p.instrument}/${p.strategy}`}
                columns={[
                    { name: 'instrument', cell: (p) => p.instrument },
                    { name: 'strategy', cell: (p) => p.strategy ?? '–' },
                    { name: 'quantity', number: true, cell: (p) => amount(p.quantity) },
                    { name: 'average', number: true, cell: (p) => p.averagePrice ?? '–' },
                    { name: 'net', number: true, cell: (p) => `${amount(p.net)} ${p.currency ?? ''}` },
                ]}
            />
            <Table
                label="Balances against the venue's"
                rows={balances ?? []}
                keyOf={(b) => `${b.venue}/${b.asset}`}
                columns={[
                    { name: 'venue', cell: (b) => b.venue },
                    { name: 'asset', cell: (b) => b.asset },
                    { name: 'ours', number: true, cell: (b) => b.expected ?? '–' },
                    { name: 'free', number: true, cell: (b) => b.free ?? '–' },
                    { name: 'locked', number: true, cell: (b) => b.locked ?? '–' },
                    {
                        name: 'drift',
                        number: true,
                        cell: (b) => (
                            <Mark tone={b.withinTolerance === null ? 'idle' : b.withinTolerance ? 'good' : 'bad'}>{amount(b.difference)}</Mark>
                        ),
                    },
                ]}
            />
        </Panel>
    );
}

function Strategies() {
    const strategies = useTopic('strategies');
    const session = useSession();
    const [asked, setAsked] = useState<Strategy | null>(null);
    const action = asked?.state === 'running' ? 'disable' : 'enable';
    return (
        <Panel
            id="strategies"
            title="Strategies"
            why={strategies ? null : waiting}
            none={strategies?.length === 0 ? 'the configuration names none' : null}
        >
            <Table
                label="Strategies and their results"
                rows={strategies ?? []}
                keyOf={(s) => s.number}
                columns={[
                    { name: '#', cell: (s) => s.number },
                    { name: 'name', cell: (s) => s.name },
                    { name: 'instrument', cell: (s) => s.instrument ?? '–' },
                    { name: 'state', cell: (s) => <Mark tone={toneOf(s.state)}>{s.state}</Mark> },
                    { name: 'version', cell: (s) => <span title={s.lastSwap ?? ''}>{s.version?.split(' (')[0] ?? '–'}</span> },
                    { name: 'phase', cell: (s) => s.phase ?? '–' },
                    { name: 'orders', number: true, cell: (s) => exact(s.orders) },
                    { name: 'fills', number: true, cell: (s) => exact(s.fills) },
                    { name: 'rejects', number: true, cell: (s) => exact(s.rejects) },
                    { name: 'net', number: true, cell: (s) => amount(s.net) },
                    ...(session.may('trader')
                        ? [
                              {
                                  name: 'do',
                                  cell: (s: Strategy) => (
                                      <button
                                          type="button"
                                          class="plain"
                                          onClick={() => setAsked(s)}
                                          aria-label={`${s.state === 'running' ? 'Disable' : 'Enable'} strategy ${s.number}`}
                                      >
                                          {s.state === 'running' ? 'disable' : 'enable'}
                                      </button>
                                  ),
                              },
                          ]
                        : []),
                ]}
            />
            {asked && (
                <AskWhy
                    id="strategy-dialog"
                    title={`${words(action)} ${asked.name}`}
                    confirm={`${action} strategy ${asked.number}`}
                    onClose={() => setAsked(null)}
                    says={
                        action === 'disable'
                            ? 'It gets no more market data and sends no more orders.'
                            : 'It trades again as soon as a second person has approved.'
                    }
                    act={(s, why) => sendCommand(s, 'strategy', { strategy: Number(asked.number), action, why })}
                />
            )}
        </Panel>
    );
}
