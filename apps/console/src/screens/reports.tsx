import { clock, date } from '../format';
import { useCommand, useQuery, type Session } from '../session';
import { save } from '../ui/save';
import { Panel } from '../ui/panel';
import { Table } from '../ui/table';
import { list, num, text } from '../wire/read';

interface Report {
    name: string;
    path: string | null;
    atMs: number | null;
}

/** Saved instead of shown here: the sheet brings styles of its own, which this page's policy allows nobody. */
const saveSheet = async (session: Session, report: Report) => save(report.name, await session.api.report(report.path ?? ''));

export function Reports() {
    const saving = useCommand();
    const reports = useQuery(async (s): Promise<Report[]> =>
        list(await s.api.get('reports')).map((r) => ({ name: text(r, 'name') ?? '?', path: text(r, 'path'), atMs: num(r, 'atMs') })),
    );
    return (
        <div class="screen reports">
            <Panel
                id="reports"
                title="Reports"
                wide
                why={reports.value ? null : reports.problem || 'asking the gateway'}
                none={reports.value?.length === 0 ? 'no run has been reported yet: penstock report JOURNAL writes a tear sheet' : null}
                aside={
                    <button type="button" class="plain" onClick={reports.reload}>
                        look again
                    </button>
                }
            >
                <Table
                    label="Tear sheets of runs"
                    rows={[...(reports.value ?? [])].sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0))}
                    keyOf={(r) => r.path ?? r.name}
                    columns={[
                        { name: 'name', cell: (r) => r.name },
                        { name: 'written', cell: (r) => `${date(r.atMs)} ${clock(r.atMs)}` },
                        { name: 'file', cell: (r) => <code>{r.path ?? '–'}</code> },
                        {
                            name: 'tear sheet',
                            cell: (r) =>
                                r.path && (
                                    <button
                                        type="button"
                                        disabled={saving.busy}
                                        aria-label={`Save ${r.name}`}
                                        onClick={() => void saving.send((s) => saveSheet(s, r))}
                                    >
                                        save
                                    </button>
                                ),
                        },
                    ]}
                />
                <p class={saving.failed ? 'said failed' : 'said'} role="status">
                    {saving.said}
                </p>
            </Panel>
        </div>
    );
}
