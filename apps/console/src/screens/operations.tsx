import { useState } from 'preact/hooks';
import { bytes, clock, exact, seconds, words } from '../format';
import { useEnvironment } from '../panels/kill';
import { sendCommand, useCommand, useQuery, useSession, useTopic } from '../session';
import { Mark, toneOf } from '../ui/marks';
import { Panel, waiting } from '../ui/panel';
import { save } from '../ui/save';
import { Table } from '../ui/table';
import { AskWhy } from '../ui/why';
import { fields, isFields, list, text, type Json } from '../wire/read';

export function Operations() {
    return (
        <div class="screen operations">
            <LifecyclePanel />
            <NodePanel />
            <JournalPanel />
            <Runbooks />
            <Faults />
            <Settings />
            <Configuration />
            <Audit />
        </div>
    );
}

const states = ['INIT', 'WARM-UP', 'READY', 'DEGRADED'];

function LifecyclePanel() {
    const lifecycle = useTopic('lifecycle');
    const history = lifecycle ? [...lifecycle.history].reverse() : [];
    return (
        <Panel id="lifecycle" title="Lifecycle" wide why={lifecycle ? null : waiting}>
            {lifecycle && (
                <>
                    <ol class="states">
                        {states.map((s) => (
                            <li key={s} aria-current={s === lifecycle.state ? 'step' : undefined}>
                                {s === lifecycle.state ? `● ${s}` : s}
                            </li>
                        ))}
                        {!states.includes(lifecycle.state) && <li aria-current="step">● {lifecycle.state}</li>}
                    </ol>
                    {lifecycle.waitingFor && <p>waiting for: {lifecycle.waitingFor}</p>}
                    {lifecycle.degradation.length > 0 && (
                        <p>
                            <Mark tone="warn">degraded: {lifecycle.degradation.join(' · ')}</Mark>
                        </p>
                    )}
                    <Table
                        label="Changes of the lifecycle, newest first"
                        rows={history}
                        most={20}
                        keyOf={(h) => `${h.atMs}/${h.state}`}
                        columns={[
                            { name: 'time', cell: (h) => clock(h.atMs) },
                            { name: 'state', cell: (h) => <Mark tone={toneOf(h.state)}>{h.state}</Mark> },
                            { name: 'why', cell: (h) => h.why ?? '' },
                        ]}
                    />
                </>
            )}
        </Panel>
    );
}

function NodePanel() {
    const l = useTopic('lifecycle');
    return (
        <Panel id="nodes" title="Node and build" why={l ? null : waiting}>
            {l && (
                <dl class="facts">
                    <dt>node</dt>
                    <dd>
                        {l.name ?? '–'} <Mark tone={toneOf(l.state)}>{l.state}</Mark>
                    </dd>
                    <dt>process</dt>
                    <dd>{exact(l.pid)}</dd>
                    <dt>environment</dt>
                    <dd>{l.environment ?? '–'}</dd>
                    <dt>session</dt>
                    <dd>{exact(l.session)}</dd>
                    <dt>up</dt>
                    <dd>{l.uptimeMs === null ? '–' : seconds(l.uptimeMs / 1000)}</dd>
                    <dt>gateway up</dt>
                    <dd>{l.gatewayUptimeMs === null ? '–' : seconds(l.gatewayUptimeMs / 1000)}</dd>
                    <dt>build</dt>
                    <dd>{l.build ?? '–'}</dd>
                    <dt>runtime</dt>
                    <dd>{l.runtime ?? '–'}</dd>
                    <dt>standby</dt>
                    <dd>no data: this gateway is attached to one node</dd>
                </dl>
            )}
        </Panel>
    );
}

function JournalPanel() {
    const lifecycle = useTopic('lifecycle');
    const entries = Object.entries(lifecycle?.journal ?? {});
    const shown = (name: string, value: number | string | boolean | null) => {
        if (name === 'failed') return value === true ? <Mark tone="bad">yes: it takes no more records</Mark> : <Mark tone="good">no</Mark>;
        if (typeof value === 'number') return /bytes$/i.test(name) ? bytes(value) : exact(value);
        return value === null ? '–' : String(value);
    };
    return (
        <Panel
            id="journal"
            title="Journal and recovery"
            why={lifecycle ? (entries.length === 0 ? 'the node tells nothing of its journal' : null) : waiting}
        >
            <dl class="facts">
                {entries.map(([name, value]) => [<dt key={name}>{words(name)}</dt>, <dd key={`${name}-value`}>{shown(name, value)}</dd>])}
            </dl>
        </Panel>
    );
}

function Runbooks() {
    const session = useSession();
    const books = useQuery(async (s) =>
        list(await s.api.get('runbooks')).map((r) => ({ name: text(r, 'name') ?? '?', title: text(r, 'title') ?? '?' })),
    );
    const [open, setOpen] = useState<{ name: string; markdown: string } | null>(null);
    const read = (name: string) =>
        void session.api.get(`runbooks/${encodeURIComponent(name)}`).then(
            (answer) => setOpen({ name, markdown: text(fields(answer), 'markdown') ?? 'It is empty.' }),
            (error: unknown) => setOpen({ name, markdown: String(error) }),
        );
    return (
        <Panel
            id="runbooks"
            title="Runbooks"
            why={books.value ? null : books.problem || 'asking the gateway'}
            none={books.value?.length === 0 ? 'no runbook is installed' : null}
        >
            <ul class="plain-list">
                {books.value?.map((b) => (
                    <li key={b.name}>
                        <button
                            type="button"
                            class="link"
                            aria-expanded={open?.name === b.name}
                            onClick={() => (open?.name === b.name ? setOpen(null) : read(b.name))}
                        >
                            {b.title}
                        </button>
                        {open?.name === b.name && (
                            <pre class="scroll" tabIndex={0} role="region" aria-label={b.title}>
                                {open.markdown}
                            </pre>
                        )}
                    </li>
                ))}
            </ul>
        </Panel>
    );
}

/** Kinds of faults as text, whether the gateway lists words or objects that name them. */
export function faultKinds(answer: Json): string[] {
    const kinds = isFields(answer) ? (answer['kinds'] ?? null) : answer;
    if (!Array.isArray(kinds)) return [];
    return kinds.flatMap((k) => (typeof k === 'string' ? [k] : isFields(k) ? [text(k, 'kind', 'name') ?? ''] : [])).filter((k) => k !== '');
}

function Faults() {
    const session = useSession();
    const environment = useEnvironment();
    const pipeline = useTopic('pipeline');
    const faults = useQuery(async (s) => faultKinds(await s.api.get('faults')));
    const [venue, setVenue] = useState('');
    const [kind, setKind] = useState('');
    const [asked, setAsked] = useState<boolean | null>(null);
    const chosenVenue = venue || pipeline?.venues[0]?.name || '';
    const chosenKind = kind || faults.value?.[0] || '';
    const why =
        environment !== null && environment !== 'SIM'
            ? `faults are injected in simulation only, this is ${environment}`
            : faults.value
              ? faults.value.length === 0
                  ? 'the gateway lists none'
                  : null
              : faults.problem || 'asking the gateway';
    return (
        <Panel id="faults" title="Fault injection" why={why}>
            <div class="bar-of-choices">
                <label>
                    Venue{' '}
                    <select value={chosenVenue} onChange={(e) => setVenue(e.currentTarget.value)}>
                        {pipeline?.venues.map((v) => (
                            <option key={v.name}>{v.name}</option>
                        ))}
                    </select>
                </label>
                <label>
                    Fault{' '}
                    <select value={chosenKind} onChange={(e) => setKind(e.currentTarget.value)}>
                        {faults.value?.map((k) => (
                            <option key={k}>{k}</option>
                        ))}
                    </select>
                </label>
                <button type="button" disabled={!session.may('admin')} onClick={() => setAsked(true)}>
                    inject
                </button>
                <button type="button" class="plain" disabled={!session.may('admin')} onClick={() => setAsked(false)}>
                    take all faults away
                </button>
            </div>
            {!session.may('admin') && <p class="muted">The role {session.role} may look at this, not use it.</p>}
            {asked !== null && (
                <AskWhy
                    id="fault-dialog"
                    title={asked ? `Inject ${chosenKind} at ${chosenVenue}` : `Take all faults of ${chosenVenue} away`}
                    confirm={asked ? 'Inject' : 'Take away'}
                    onClose={() => setAsked(null)}
                    says="Only this simulation is touched. The Overview should name what follows within ten seconds."
                    act={(s, because) => sendCommand(s, 'fault', { venue: chosenVenue, kind: chosenKind, on: asked, why: because })}
                />
            )}
        </Panel>
    );
}

const levels = ['trace', 'debug', 'information', 'warning', 'error', 'critical'];

function Settings() {
    const session = useSession();
    const environment = useEnvironment();
    const [level, setLevel] = useState('information');
    const [asked, setAsked] = useState<'level' | 'drain' | 'resume' | null>(null);
    return (
        <Panel id="settings" title="While it runs" why={session.may('trader') ? null : `the role ${session.role} may not change anything`}>
            <div class="bar-of-choices">
                <label>
                    Log level{' '}
                    <select value={level} onChange={(e) => setLevel(e.currentTarget.value)}>
                        {levels.map((l) => (
                            <option key={l}>{l}</option>
                        ))}
                    </select>
                </label>
                <button type="button" disabled={!session.may('admin')} onClick={() => setAsked('level')}>
                    set
                </button>
                <button type="button" class="plain" onClick={() => setAsked('resume')}>
                    resume after a kill (approval)
                </button>
                <button type="button" class="plain" disabled={!session.may('admin')} onClick={() => setAsked('drain')}>
                    drain and stop
                </button>
            </div>
            {asked === 'level' && (
                <AskWhy
                    id="level-dialog"
                    title={`Log level ${level}`}
                    confirm="Set"
                    onClose={() => setAsked(null)}
                    says="From now on, until it is set again."
                    act={(s, why) => sendCommand(s, 'log-level', { level, why })}
                />
            )}
            {asked === 'resume' && (
                <AskWhy
                    id="resume-dialog"
                    title="Resume after a kill"
                    confirm="Ask for approval"
                    onClose={() => setAsked(null)}
                    says="A second person has to approve before anything trades again."
                    act={(s, why) => sendCommand(s, 'resume', { why })}
                />
            )}
            {asked === 'drain' && (
                <AskWhy
                    id="drain-dialog"
                    title="Drain and stop"
                    confirm="Drain"
                    typed={environment}
                    onClose={() => setAsked(null)}
                    says="Every order is cancelled and the node stops."
                    act={(s, why) => sendCommand(s, 'state', { action: 'drain', why })}
                />
            )}
        </Panel>
    );
}

function Configuration() {
    const config = useQuery((s) => s.api.get('config'));
    const written = typeof config.value === 'string' ? config.value : JSON.stringify(config.value, null, 2);
    return (
        <Panel
            id="config"
            title="Configuration"
            why={config.value !== null ? null : config.problem || 'asking the gateway'}
            aside={
                <button type="button" class="plain" onClick={config.reload}>
                    read again
                </button>
            }
        >
            <pre class="scroll" tabIndex={0} role="region" aria-label="Configuration of the node, without secrets">
                {written}
            </pre>
        </Panel>
    );
}

function Audit() {
    const audit = useTopic('audit');
    const saving = useCommand();
    const rows = audit ? [...audit].reverse() : [];
    const keep = (format: 'json' | 'csv') => void saving.send(async (s) => save(`audit.${format}`, await s.api.audit(format)));
    const exports = (
        <span class="choices" role="group" aria-label="Save the whole audit trail with its hashes">
            {(['json', 'csv'] as const).map((format) => (
                <button key={format} type="button" class="plain" disabled={saving.busy} onClick={() => keep(format)}>
                    save as {format.toUpperCase()}
                </button>
            ))}
        </span>
    );
    return (
        <Panel
            id="audit"
            title="Audit trail"
            wide
            aside={exports}
            why={audit ? null : waiting}
            none={rows.length === 0 ? 'no command has been given' : null}
        >
            <p class={saving.failed ? 'said failed' : 'said'} role="status">
                {saving.said && `${saving.said}${saving.failed ? '' : ' It carries its hashes: penstock verify FILE checks it.'}`}
            </p>
            <Table
                label="Commands and changes, newest first"
                rows={rows}
                most={60}
                keyOf={(a) => a.n}
                columns={[
                    { name: 'time', cell: (a) => clock(a.atMs) },
                    { name: 'session', number: true, cell: (a) => exact(a.session) },
                    { name: 'what', cell: (a) => <Mark tone={a.done === null ? 'idle' : a.done ? 'good' : 'bad'}>{words(a.kind)}</Mark> },
                    { name: 'who', cell: (a) => a.who ?? '–' },
                    { name: 'why', cell: (a) => a.why ?? '' },
                    { name: 'outcome', cell: (a) => [a.text, a.outcome].filter(Boolean).join(' ') },
                ]}
            />
        </Panel>
    );
}
