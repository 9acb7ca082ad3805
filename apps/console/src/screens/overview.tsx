import { useEffect, useRef, useState } from 'preact/hooks';
import { Histogram } from '../charts/histogram';
import { History } from '../charts/history';
import { LineChart } from '../charts/line';
import { bytes, clock, count, exact, milliseconds, nanoseconds, percent, rate, words } from '../format';
import { useTopic } from '../session';
import { Mark, Meter, toneOf, type Tone } from '../ui/marks';
import { Panel, waiting } from '../ui/panel';
import { Table } from '../ui/table';
import type { Incident, NodeEvent, Pipeline, Reader, Severity, Stage, Venue } from '../wire/model';

export const toneOfSeverity: Record<Severity, Tone> = { info: 'idle', warning: 'warn', alarm: 'bad' };

export function Overview() {
    const pipeline = useTopic('pipeline');
    const events = useTopic('events');
    const why = pipeline ? null : waiting;
    return (
        <div class="screen overview">
            <Panel
                id="pipeline"
                title="Pipeline"
                wide
                why={pipeline && pipeline.stages.length === 0 ? 'no node publishes counters' : why}
                aside={pipeline?.trusted === false ? <Mark tone="warn">warming up: figures are not to be trusted yet</Mark> : null}
            >
                {pipeline && <Stages stages={pipeline.stages} />}
            </Panel>
            <Panel id="venues" title="Venues" wide why={pipeline && pipeline.venues.length === 0 ? 'the node has no venue' : why}>
                {pipeline && (
                    <ul class="tiles">
                        {pipeline.venues.map((v) => (
                            <VenueTile key={v.name} venue={v} />
                        ))}
                    </ul>
                )}
            </Panel>
            <Panel
                id="incidents"
                title="Faults of this session"
                wide
                why={why}
                none={pipeline?.incidents.length === 0 ? 'nothing has gone wrong in this session' : null}
            >
                {pipeline && <Incidents rows={pipeline.incidents} />}
            </Panel>
            <Rates pipeline={pipeline} />
            <Latency id="decision" title="Decision latency (ours)" of={pipeline} name="decisionNs" none="no order has been sent yet" />
            <Latency id="execution" title="Execution latency (venue)" of={pipeline} name="executionNs" none="no order has been answered yet" />
            <Panel
                id="consumers"
                title="Consumers of the rings"
                why={pipeline && pipeline.readers.length === 0 ? 'no reader has told where it is' : why}
            >
                {pipeline && <Readers readers={pipeline.readers} />}
            </Panel>
            <Panel id="resources" title="Resources" why={pipeline && Object.keys(pipeline.resources).length === 0 ? 'the node tells none' : why}>
                {pipeline && <Resources of={pipeline.resources} />}
            </Panel>
            <EventPanel
                id="alarms"
                title="Alarms and warnings"
                events={events}
                only={(e) => e.severity !== 'info'}
                none="none since the gateway started"
            />
            <EventPanel id="events" title="Event log" events={events} only={() => true} none="nothing has happened since the gateway started" />
        </div>
    );
}

function Stages({ stages }: { stages: Stage[] }) {
    return (
        <ol class="stages" tabIndex={0} aria-label="Stages from the venues' sockets to their answers">
            {stages.map((s) => {
                const share = s.depth !== null && s.capacity ? s.depth / s.capacity : null;
                const dropped = (s.drops ?? 0) > 0;
                return (
                    <li key={s.name} class={dropped ? 'stage dropped' : 'stage'} data-stage={s.name}>
                        <h3>{s.name}</h3>
                        <p class="stage-rate">{rate(s.ratePerSecond)}</p>
                        <p class="stage-detail">{s.detail ?? ''}</p>
                        <p>
                            {share === null ? (
                                <span class="muted">depth {count(s.depth)}</span>
                            ) : (
                                <Meter share={share} label={`depth ${count(s.depth)} of ${count(s.capacity)}`} />
                            )}
                        </p>
                        <dl>
                            <dt>total</dt>
                            <dd>{exact(s.total)}</dd>
                            <dt>lag</dt>
                            <dd>{count(s.lag)}</dd>
                            <dt>drops</dt>
                            <dd data-drops={s.name} class={dropped ? 'bad' : ''}>
                                {dropped ? '✖ ' : ''}
                                {exact(s.drops)}
                            </dd>
                            <dt>refused</dt>
                            <dd>{exact(s.refused)}</dd>
                            <dt>p50</dt>
                            <dd>{nanoseconds(s.p50Ns)}</dd>
                            <dt>p99</dt>
                            <dd>{nanoseconds(s.p99Ns)}</dd>
                        </dl>
                    </li>
                );
            })}
        </ol>
    );
}

/** The newest first; a count the journal does not have as well is a mistake of ours, and said. */
function Incidents({ rows }: { rows: Incident[] }) {
    return (
        <Table
            label="Faults of this session, the newest first"
            rows={[...rows].sort((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0))}
            keyOf={(i) => `${i.class}/${i.subject}`}
            columns={[
                { name: 'first', cell: (i) => clock(i.firstMs) },
                { name: 'last', cell: (i) => clock(i.lastMs) },
                { name: 'fault', cell: (i) => <Mark tone="bad">{i.class}</Mark> },
                { name: 'of', cell: (i) => i.subject },
                { name: 'count', number: true, cell: (i) => exact(i.count) },
                { name: 'in the journal', number: true, cell: (i) => (i.ledger === i.count ? exact(i.ledger) : `✖ ${exact(i.ledger)}`) },
                { name: 'what', cell: (i) => i.text ?? '' },
            ]}
        />
    );
}

function VenueTile({ venue: v }: { venue: Venue }) {
    return (
        <li class={`tile ${toneOf(v.state)}`} data-venue={v.name}>
            <h3>{v.name.toUpperCase()}</h3>
            <Mark tone={toneOf(v.state)}>{v.state}</Mark>
            <p>
                {rate(v.framesPerSecond)} · age {milliseconds(v.ageMs)}
            </p>
            <p>
                gaps {exact(v.gaps)} · resyncs {exact(v.resyncs)} · quarantined {exact(v.quarantined)}
            </p>
            <p>
                books {exact(v.synced)}
                {(v.shed ?? 0) > 0 ? ` · ✖ shed ${exact(v.shed)}` : ''} · orders {v.orderSession ?? 'none'}
            </p>
        </li>
    );
}

/** A minute of messages per second by venue, sampled as the pipeline tells them. */
function Rates({ pipeline }: { pipeline: Pipeline | null }) {
    const history = useRef(new History(240)).current;
    const [version, setVersion] = useState(0);
    useEffect(() => {
        if (!pipeline) return;
        history.add(
            Date.now() / 1000,
            pipeline.venues.map((v) => [v.name, v.framesPerSecond]),
        );
        setVersion((n) => n + 1);
    }, [pipeline]);
    return (
        <Panel
            id="rates"
            title="Messages per second, last minute"
            why={pipeline ? (history.length < 2 ? 'collecting the first samples' : null) : waiting}
        >
            <LineChart
                history={history}
                version={version}
                label="Messages per second by venue over the last minute; the newest figures stand below"
                value={count}
            />
        </Panel>
    );
}

interface LatencyProps {
    id: string;
    title: string;
    of: Pipeline | null;
    name: 'decisionNs' | 'executionNs';
    none: string;
}

function Latency({ id, title, of, name, none }: LatencyProps) {
    const distribution = of?.latency[name] ?? null;
    const measured = distribution !== null && (distribution.count ?? 0) > 0;
    return (
        <Panel id={id} title={title} why={of ? null : waiting} none={measured ? null : none}>
            {distribution && <Histogram of={distribution} label={title} />}
        </Panel>
    );
}

function Readers({ readers }: { readers: Reader[] }) {
    // Those that have lost something first, otherwise in one order: rows that jump cannot be read.
    const worst = [...readers].sort(
        (a, b) => Number((b.lost ?? 0) > 0) - Number((a.lost ?? 0) > 0) || a.name.localeCompare(b.name) || a.ring.localeCompare(b.ring),
    );
    return (
        <Table
            label="Readers of the rings, those that lost something first"
            rows={worst}
            keyOf={(r) => `${r.name}/${r.ring}`}
            rowClass={(r) => ((r.lost ?? 0) > 0 ? 'bad-row' : '')}
            columns={[
                { name: 'reader', cell: (r) => r.name },
                { name: 'ring', cell: (r) => r.ring },
                { name: 'lag', number: true, cell: (r) => exact(r.lag) },
                { name: 'lost', number: true, cell: (r) => ((r.lost ?? 0) > 0 ? `✖ ${exact(r.lost)}` : exact(r.lost)) },
                { name: 'lapped', number: true, cell: (r) => exact(r.laps) },
            ]}
        />
    );
}

function Resources({ of }: { of: Record<string, number | null> }) {
    const shown = (name: string, value: number | null) => {
        if (value === null) return '–';
        if (/bytesPerSecond$/i.test(name)) return `${bytes(value)}/s`;
        if (/bytes$/i.test(name)) return bytes(value);
        return /percent$/i.test(name) ? percent(value / 100) : exact(value);
    };
    return (
        <dl class="facts">
            {Object.entries(of).map(([name, value]) => [
                <dt key={name}>{words(name.replace(/(Bytes|Percent)(PerSecond)?$/, ''))}</dt>,
                <dd key={`${name}-value`}>{shown(name, value)}</dd>,
            ])}
        </dl>
    );
}

interface EventPanelProps {
    id: string;
    title: string;
    events: NodeEvent[] | null;
    only(event: NodeEvent): boolean;
    none: string;
}

function EventPanel({ id, title, events, only, none }: EventPanelProps) {
    const shown = events?.filter(only).reverse() ?? [];
    return (
        <Panel id={id} title={title} why={events ? null : waiting} none={shown.length === 0 ? none : null}>
            <Table
                label={`${title}, newest first`}
                rows={shown}
                most={40}
                keyOf={(e) => e.n}
                columns={[
                    { name: 'time', cell: (e) => clock(e.atMs) },
                    { name: 'what', cell: (e) => <Mark tone={toneOfSeverity[e.severity]}>{e.kind}</Mark> },
                    { name: 'text', cell: (e) => e.text },
                ]}
            />
        </Panel>
    );
}
