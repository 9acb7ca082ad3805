// How the console behaves over minutes, as one line of JSON: npm run trace -- --minutes 10 [URL TOKEN]
// Without an address it starts a demo of ten venues of its own. It walks over all screens the whole time, with Chromium's own trace on, and says
// the longest task of the main thread on each screen, by the time it used of a core and by the clock on the wall (on a shared machine a task
// waits for its core in the middle), how many there were beyond 50 ms of each, and the heap on the Overview after a forced collection: after
// every round of them, which takes a minute: the first against the last. What the page holds and what the engine made of its functions are told
// apart: code that runs often is compiled better and larger for many minutes, and the engine throws it away when it likes. Exit code 0 when no
// task used more than 50 ms and what the page holds had not grown by more than a tenth.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launch, openConsole } from './page.mjs';

const taskMsMax = 50;
const secondsPerScreen = 10;
const screens = ['market', 'trading', 'risk', 'operations', 'reports', 'overview'];
const words = process.argv.slice(2);
const at = words.indexOf('--minutes');
const minutes = at < 0 ? 10 : Number(words.splice(at, 2)[1]);

/** Bytes of compiled code, its feedback included, by a snapshot of the heap. */
async function codeBytes(devtools) {
    const chunks = [];
    const take = ({ chunk }) => void chunks.push(chunk);
    devtools.on('HeapProfiler.addHeapSnapshotChunk', take);
    await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    devtools.off('HeapProfiler.addHeapSnapshotChunk', take);
    const { snapshot, nodes } = JSON.parse(chunks.join(''));
    const fields = snapshot.meta.node_fields;
    const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
    const code = snapshot.meta.node_types[type].indexOf('code');
    let bytes = 0;
    for (let at = 0; at < nodes.length; at += fields.length) bytes += nodes[at + type] === code ? nodes[at + size] : 0;
    return bytes;
}

/** A demo of this checkout in a folder of its own; ends with this process. */
async function startDemo() {
    const folder = mkdtempSync(join(tmpdir(), 'penstock-trace-'));
    const program = fileURLToPath(new URL('../../../artifacts/bin/Penstock.Control/release/penstock.dll', import.meta.url));
    const demo = spawn('dotnet', [program, 'demo', '--json', '--port', '0', '--data', join(folder, 'run')], {
        env: { ...process.env, PENSTOCK_HOME: folder },
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    const found = {};
    for await (const line of createInterface({ input: demo.stderr })) {
        found.url ??= /Console on (\S+)/.exec(line)?.[1];
        found.token ??= /Token of its first admin.* (\S+)$/.exec(line)?.[1];
        if (line.includes('READY')) break;
    }
    demo.stderr.resume();
    const end = async () => {
        demo.kill('SIGTERM');
        await new Promise((done) => demo.once('exit', done));
        rmSync(folder, { recursive: true, force: true });
    };
    return { ...found, end };
}

const demo = words.length >= 2 ? { url: words[0], token: words[1], end: async () => {} } : await startDemo();
const browser = await launch('--enable-precise-memory-info');
const tasks = {};
const heap = { rounds: [] };
try {
    const page = await openConsole(browser, demo.url, demo.token);
    const devtools = await page.context().newCDPSession(page);
    const heapNow = async () => {
        await devtools.send('HeapProfiler.collectGarbage');
        const { usedSize } = await devtools.send('Runtime.getHeapUsage');
        const code = await codeBytes(devtools);
        return { bytes: usedSize, code, data: usedSize - code };
    };
    let events = [];
    devtools.on('Tracing.dataCollected', ({ value }) => events.push(...value));
    const traced = async (milliseconds, begin) => {
        events = [];
        await devtools.send('Tracing.start', {
            transferMode: 'ReportEvents',
            traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] },
        });
        await begin();
        await pass(milliseconds);
        const complete = new Promise((done) => devtools.once('Tracing.tracingComplete', done));
        await devtools.send('Tracing.end');
        await complete;
        const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`));
        return events.filter((e) => e.ph === 'X' && e.name === 'RunTask' && main.has(`${e.pid}/${e.tid}`));
    };
    const begun = Date.now();
    const elapsed = () => (Date.now() - begun) / 60_000;
    for (let i = 0; elapsed() < minutes || i % screens.length !== 0; i++) {
        const screen = screens[i % screens.length];
        const open = () => page.evaluate((name) => void (location.hash = `#/${name}`), screen);
        const known = (tasks[screen] ??= { tasks: 0, cpuMsMax: 0, cpuBeyond: 0, wallMsMax: 0, wallBeyond: 0 });
        for (const task of await traced(secondsPerScreen * 1000, open)) {
            const [wallMs, cpuMs] = [task.dur / 1000, (task.tdur ?? 0) / 1000];
            known.tasks++;
            known.cpuMsMax = Math.max(known.cpuMsMax, Math.round(cpuMs));
            known.wallMsMax = Math.max(known.wallMsMax, Math.round(wallMs));
            known.cpuBeyond += cpuMs > taskMsMax ? 1 : 0;
            known.wallBeyond += wallMs > taskMsMax ? 1 : 0;
        }
        if (screen === 'overview') heap.rounds.push({ minute: Number(elapsed().toFixed(1)), ...(await heapNow()) });
    }
    [heap.first, heap.last] = [heap.rounds[0], heap.rounds.at(-1)];
} finally {
    await browser.close();
    await demo.end();
}

const all = Object.values(tasks);
const [cpuMsMax, wallMsMax] = [Math.max(...all.map((t) => t.cpuMsMax)), Math.max(...all.map((t) => t.wallMsMax))];
const held = cpuMsMax <= taskMsMax && heap.last.data <= heap.first.data * 1.1;
console.log(JSON.stringify({ held, minutes, cpuMsMax, wallMsMax, screens: tasks, heap }));
process.exitCode = held ? 0 : 1;
