import { useState } from 'preact/hooks';
import { amount, clock, exact, milliseconds, seconds, words } from '../format';
import { KillForm } from '../panels/kill';
import { sendCommand, useCommand, useSession, useTopic } from '../session';
import { Mark, Meter, SideMark, toneOf } from '../ui/marks';
import { Panel, waiting } from '../ui/panel';
import { Table } from '../ui/table';
import { AskWhy } from '../ui/why';
import type { Approval, Limit } from '../wire/model';

export function Risk() {
    return (
        <div class="screen risk">
            <Limits />
            <Breakers />
            <Approvals />
            <KillPanel />
            <Rejects />
        </div>
    );
}

const unit = (l: Limit) => (l.unit ? ` ${l.unit.toLowerCase()}` : '');

function Limits() {
    const limits = useTopic('limits');
    const session = useSession();
    const [asked, setAsked] = useState<Limit | null>(null);
    const [value, setValue] = useState('');
    const worst = [...(limits?.limits ?? [])].sort((a, b) => (b.percent ?? -1) - (a.percent ?? -1));
    return (
        <Panel
            id="limits"
            title="Limits, the fullest first"
            why={limits ? null : waiting}
            none={worst.length === 0 ? 'the node has no limits' : null}
        >
            <Table
                label="Limits and their use"
                rows={worst}
                keyOf={(l) => `${l.name}/${l.scope}`}
                rowClass={(l) => ((l.percent ?? 0) >= 90 ? 'bad-row' : '')}
                columns={[
                    { name: 'limit', cell: (l) => <span title={l.meaning ?? ''}>{words(l.name)}</span> },
                    { name: 'of', cell: (l) => l.of || words(l.scope) || 'node' },
                    {
                        name: 'used',
                        cell: (l) =>
                            l.percent === null ? (
                                <span class="muted">nothing used up</span>
                            ) : (
                                <Meter share={l.percent / 100} label={`${words(l.name)} ${l.of ?? ''}: ${l.percent.toFixed(0)} % used`} />
                            ),
                    },
                    { name: '%', number: true, cell: (l) => `${(l.percent ?? 0) >= 90 ? '✖ ' : ''}${l.percent?.toFixed(0) ?? '–'}` },
                    { name: 'now', number: true, cell: (l) => <span title={l.used ?? ''}>{amount(l.used)}</span> },
                    { name: 'cap', number: true, cell: (l) => `${l.cap ?? 'none'}${unit(l)}` },
                    ...(session.may('trader')
                        ? [
                              {
                                  name: 'do',
                                  cell: (l: Limit) => (
                                      <button
                                          type="button"
                                          class="plain"
                                          aria-label={`Change limit ${l.name} ${l.of ?? ''}`}
                                          onClick={() => {
                                              setValue(l.cap ?? '');
                                              setAsked(l);
                                          }}
                                      >
                                          change
                                      </button>
                                  ),
                              },
                          ]
                        : []),
                ]}
            />
            {asked && (
                <AskWhy
                    id="limit-dialog"
                    title={`Change ${words(asked.name)} ${asked.of ?? ''}`}
                    confirm="Change"
                    onClose={() => setAsked(null)}
                    says="Lowering works at once. Raising or taking away waits for a second person."
                    act={(s, why) => sendCommand(s, 'limit', { name: asked.name, value, ...scopeOf(asked), why })}
                >
                    <label>
                        New value ({unit(asked).trim() || 'number'}, “none” takes it away){' '}
                        <input name="value" value={value} onInput={(e) => setValue(e.currentTarget.value)} />
                    </label>
                </AskWhy>
            )}
        </Panel>
    );
}

/** A limit is named by its scope as the node writes it ("instrument:3", of "BTC-USDT.OKX"); the command wants the name. */
export function scopeOf(limit: { scope: string; of: string | null }): Record<string, string | number> {
    const [kind, number] = limit.scope.split(':');
    if (kind === 'strategy' && number !== undefined) return { strategy: Number(number) };
    if ((kind === 'venue' || kind === 'instrument') && limit.of) return { [kind]: limit.of };
    return {};
}

function Breakers() {
    const breakers = useTopic('breakers');
    const session = useSession();
    const [armed, setArmed] = useState<{ name: string; scope: string; of: string | null } | null>(null);
    return (
        <Panel id="breakers" title="Breakers" why={breakers ? null : waiting}>
            {breakers?.tripped.length === 0 && (
                <p>
                    <Mark tone="good">no risk breaker has tripped</Mark>
                </p>
            )}
            <ul class="plain-list">
                {breakers?.tripped.map((t) => (
                    <li key={`${t.name}/${t.scope}`}>
                        <Mark tone="bad">
                            {words(t.name)} {t.of || t.scope}: {t.used ?? '–'} of {t.cap ?? '–'}, for {milliseconds(t.ageMs)}
                        </Mark>
                        {session.may('trader') && (
                            <button type="button" class="plain" onClick={() => setArmed(t)}>
                                arm again (approval)
                            </button>
                        )}
                    </li>
                ))}
            </ul>
            <Table
                label="Breakers of the venues' order sessions"
                rows={breakers?.venues ?? []}
                keyOf={(v) => v.venue}
                columns={[
                    { name: 'venue', cell: (v) => v.venue },
                    { name: 'state', cell: (v) => <Mark tone={v.state.toLowerCase() === 'open' ? 'bad' : toneOf(v.state)}>{words(v.state)}</Mark> },
                    { name: 'failures', number: true, cell: (v) => exact(v.failures) },
                    { name: 'openings', number: true, cell: (v) => exact(v.openings) },
                ]}
            />
            {armed && (
                <AskWhy
                    id="breaker-dialog"
                    title={`Arm ${words(armed.name)} again`}
                    confirm="Ask for approval"
                    onClose={() => setArmed(null)}
                    says="A second person has to approve before anything trades again."
                    act={(s, why) => sendCommand(s, 'breaker', { name: armed.name, action: 'arm', ...scopeOf(armed), why })}
                />
            )}
        </Panel>
    );
}

function Approvals() {
    const approvals = useTopic('approvals');
    const rows = [...(approvals ?? [])].sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0)).slice(0, 20);
    return (
        <Panel
            id="approvals"
            title="Approvals by a second person"
            why={approvals ? null : waiting}
            none={rows.length === 0 ? 'nobody has asked for one' : null}
        >
            <ul class="plain-list">
                {rows.map((a) => (
                    <ApprovalItem key={a.id} approval={a} />
                ))}
            </ul>
        </Panel>
    );
}

function ApprovalItem({ approval: a }: { approval: Approval }) {
    const session = useSession();
    const command = useCommand();
    const [why, setWhy] = useState('');
    const pending = a.state === 'pending';
    const own = a.by === session.name;
    const decide = (approve: boolean) => void command.send((s) => s.api.decide(a.id, approve, a.hash, why.trim()));
    const left = a.expiresMs === null ? null : Math.max(0, (a.expiresMs - Date.now()) / 1000);
    return (
        <li class="approval">
            <p>
                <Mark tone={toneOf(a.state)}>{a.state}</Mark> <strong>{a.summary || a.command}</strong> <span class="muted">{a.id}</span>
            </p>
            <p>
                asked by {a.by} at {clock(a.atMs)}: {a.why}
                {pending && left !== null ? ` · expires in ${seconds(Math.round(left))}` : ''}
            </p>
            {!pending && (
                <p>
                    {a.decidedBy ? `${a.state} by ${a.decidedBy}: ${a.decidedWhy ?? ''}` : ''} {a.result ?? ''}
                </p>
            )}
            {pending && own && <p class="muted">You asked for it: somebody else has to decide.</p>}
            {pending && !own && session.may('admin') && (
                <div class="buttons">
                    <label>
                        Why <input value={why} maxLength={200} onInput={(e) => setWhy(e.currentTarget.value)} />
                    </label>
                    <button type="button" class="danger" disabled={command.busy || why.trim() === ''} onClick={() => decide(true)}>
                        Approve
                    </button>
                    <button type="button" class="plain" disabled={command.busy || why.trim() === ''} onClick={() => decide(false)}>
                        Deny
                    </button>
                </div>
            )}
            {command.said !== '' && (
                <p class={command.failed ? 'said failed' : 'said'} role="status">
                    {command.said}
                </p>
            )}
        </li>
    );
}

function KillPanel() {
    const session = useSession();
    const limits = useTopic('limits');
    return (
        <Panel id="kill" title="Kill" why={session.may('trader') ? null : `the role ${session.role} may not`}>
            {limits && limits.killed.length > 0 && (
                <p>
                    <Mark tone="bad">killed: {limits.killed.join(', ')}</Mark>
                </p>
            )}
            <KillForm />
        </Panel>
    );
}

function Rejects() {
    const rejects = useTopic('rejects');
    const rows = rejects ? [...rejects].reverse() : [];
    return (
        <Panel
            id="rejects"
            title="Rejects by the risk check"
            wide
            why={rejects ? null : waiting}
            none={rows.length === 0 ? 'every order asked for has passed' : null}
        >
            <Table
                label="Rejected orders, newest first"
                rows={rows}
                most={50}
                keyOf={(r) => r.n}
                columns={[
                    { name: 'time', cell: (r) => clock(r.atMs) },
                    { name: 'strategy', cell: (r) => r.strategy ?? '–' },
                    { name: 'instrument', cell: (r) => r.instrument },
                    { name: 'side', cell: (r) => <SideMark side={r.side} /> },
                    { name: 'rule', cell: (r) => r.rule ?? '–' },
                    { name: 'why', cell: (r) => `${r.text ?? ''}${r.skipped ? ` (and ${r.skipped} more like it)` : ''}` },
                ]}
            />
        </Panel>
    );
}
