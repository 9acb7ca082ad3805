// Injects the six classes of failure into a running demo, one after another, and says as one line of JSON what the Overview named, when, and
// what the three of screen, Prometheus and ledger counted:
//   node e2e/faults.mjs URL TOKEN METRICS-URL LEDGER
// LEDGER is the command that prints the journal, as a JSON array of words. Stamps are the program's own: when the fault was asked for, when the
// node saw it. Exit code 0 when every fault was named and the counts were equal.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { launch, openConsole, until } from './page.mjs';

const [url, token, metrics, ledgerWords] = process.argv.slice(2);
const [program, ...words] = JSON.parse(ledgerWords);
const faults = [
    { kind: 'Burst', venue: 'kraken', class: 'burst', subject: 'kraken', events: ['burst'] },
    // While the venue is fast: that is when a reader that stands still loses something.
    { kind: 'SlowReader', venue: 'kraken', class: 'slow-reader', subject: 'kraken', events: ['lost'], takeAway: true },
    { kind: 'ExecutionBacklog', venue: 'okx', class: 'execution-backlog', events: ['backlog'] },
    { kind: 'Silence', venue: 'okx', class: 'venue-silent', subject: 'okx', events: ['silent'] },
    { kind: 'KillSidecar', venue: '', class: 'observer-lost', subject: 'sidecar', events: ['observer'] },
    { kind: 'RestartNode', venue: '', class: 'restart', subject: 'node', events: ['restart', 'node'] },
];

const authorized = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const api = async (path) => (await fetch(`${url}/api/v1/${path}`, { headers: authorized })).json();

async function command(body, key) {
    const answer = await fetch(`${url}/api/v1/commands/fault`, {
        method: 'POST',
        headers: { ...authorized, 'idempotency-key': key },
        body: JSON.stringify({ ...body, why: 'drill' }),
    });
    if (!answer.ok) throw new Error(`fault ${body.kind}: ${await answer.text()}`);
}

/** What stands on the Overview; cells as people read them. */
const screen = (page) =>
    page.evaluate(() => {
        const number = (cell) => Number(cell.textContent.replace(/[^0-9]/g, ''));
        return [...document.querySelectorAll('[data-panel=incidents] tbody tr')].map((row) => {
            const cells = row.querySelectorAll('td');
            const name = cells[2].textContent.replace(/[^a-z-]/g, '');
            return { class: name, subject: cells[3].textContent, count: number(cells[4]), ledger: number(cells[5]), text: cells[6].textContent };
        });
    });

async function prometheus() {
    const page = await (await fetch(`${metrics}/metrics`)).text();
    const lines = [...page.matchAll(/^penstock_incidents_total\{class="([^"]+)",subject="([^"]+)"[^}]*\} (\d+)$/gm)];
    return lines.map(([, name, subject, count]) => ({ class: name, subject, count: Number(count) }));
}

async function ledger() {
    const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 1 << 26 });
    const inspected = JSON.parse(stdout.trim().split('\n').at(-1));
    const session = Math.max(...inspected.sessions.map((s) => s.session));
    return inspected.incidents.filter((i) => i.session === session).map((i) => ({ class: i.class, subject: i.subject, count: i.total }));
}

const found = [];
const failures = [];
const browser = await launch();
try {
    const page = await openConsole(browser, url, token);
    for (const fault of faults) {
        const of = (rows) => rows.filter((r) => r.class === fault.class && (fault.subject ?? r.subject) === r.subject);
        const sum = (rows) => of(rows).reduce((total, row) => total + row.count, 0);
        const before = fault.kind === 'RestartNode' ? 0 : sum(await screen(page));
        await command({ venue: fault.venue, kind: fault.kind, on: true }, `drill-${fault.kind}`);
        await until(`${fault.kind} on the Overview`, async () => sum(await screen(page)) > before);
        if (fault.takeAway) await command({ venue: fault.venue, kind: fault.kind, on: false }, `off-${fault.kind}`);
        const equal = await until(`equal counts of ${fault.kind}`, async () => {
            const [shown, scraped, journaled] = [of(await screen(page)), of(await prometheus()), of(await ledger())];
            const isEqual =
                shown.length > 0 &&
                shown.every((row) =>
                    [row.ledger, ...[scraped, journaled].map((rows) => rows.find((r) => r.subject === row.subject)?.count)].every(
                        (count) => count === row.count,
                    ),
                );
            return isEqual ? { shown, scraped, journaled } : { error: { shown, scraped, journaled } };
        });
        const { data: events } = await api('events');
        const asked = events.find((e) => e.kind === 'fault' && e.text.startsWith(`fault ${fault.kind} on`));
        const named = events.find((e) => fault.events.includes(e.kind) && e.atMs >= asked.atMs);
        if (!named) failures.push(`${fault.kind}: no event names it`);
        found.push({ kind: fault.kind, rows: equal.shown, askedMs: asked.atMs, namedMs: named?.atMs ?? null, text: named?.text ?? null });
    }
} catch (error) {
    failures.push(String(error));
} finally {
    await browser.close();
}

console.log(JSON.stringify({ held: failures.length === 0, failures, faults: found }));
process.exitCode = failures.length === 0 ? 0 : 1;
