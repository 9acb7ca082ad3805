// A stand-in for the gateway while the console is being developed: node e2e/mock.mjs [port]. Its figures are made up; no test of
// the product uses it. It serves artifacts/console (npm run build -- --outDir ../../artifacts/console) with the real policy.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const port = Number(process.argv[2] ?? 7070);
const files = join(fileURLToPath(new URL('.', import.meta.url)), '../../../artifacts/console');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const names = ['binance', 'okx', 'bybit', 'kraken', 'coinbase', 'bitstamp', 'gemini', 'bitfinex', 'kucoin', 'gateio'];
const instruments = names.map((v) => `BTC-USDT.${v.toUpperCase()}`);
const started = Date.now();
let price = 64000;
let n = 0;

const step = () => (price += (Math.random() - 0.5) * 4);
const book = (instrument) => ({
    instrument,
    updateId: n,
    sequence: n,
    flags: ['synced'],
    ageMs: 3,
    levels: 400,
    bids: Array.from({ length: 25 }, (_, i) => [(Math.floor(price * 2) / 2 - i * 0.5).toFixed(2), Math.random().toFixed(3)]),
    asks: Array.from({ length: 25 }, (_, i) => [(Math.floor(price * 2) / 2 + 0.5 + i * 0.5).toFixed(2), Math.random().toFixed(3)]),
});
const summary = { count: 9121, p50: 5100, p99: 21000, p999: 48000, max: 90211 };
const histogram = Array.from({ length: 9 }, (_, i) => [1024 * 2 ** i, Math.round(4000 / (1 + (i - 2) ** 4))]);
const stage = (name, i) => ({
    name,
    ratePerSecond: 48000 / (i + 1),
    total: 9812233 + n,
    depth: i === 2 ? 300 : 0,
    capacity: i === 2 ? 4096 : null,
    lag: i,
    drops: i === 4 ? 12 : 0,
    p50Ns: 900,
    p99Ns: 22000,
    p999Ns: null,
    maxNs: null,
    detail: 'events',
});
const bar = (ms) => ({
    openMs: ms,
    open: price.toFixed(2),
    high: (price + 3).toFixed(2),
    low: (price - 3).toFixed(2),
    close: step().toFixed(2),
    volume: '1.2',
    trades: 3,
});

const data = {
    pipeline: () => ({
        state: 'READY',
        trusted: true,
        uptimeMs: Date.now() - started,
        stages: ['ingress', 'normalise', 'ring', 'books', 'strategy', 'risk', 'execution', 'ack', 'journal'].map(stage),
        venues: names.map((name, i) => ({
            name,
            state: i === 3 ? 'SILENT' : 'OPEN',
            framesPerSecond: 900 + Math.random() * 90 * i,
            eventsPerSecond: 2700,
            ageMs: 3,
            synced: 3,
            gaps: i,
            resyncs: 1,
            quarantined: 17,
            shed: 0,
            disconnects: 0,
            orderSession: 'READY',
        })),
        readers: names.map((ring, i) => ({ name: 'trading', ring, lag: i, lost: i === 2 ? 40 : 0, laps: 0 })),
        resources: { cpuPercent: 34.1, workingSetBytes: 191200000, gen0: 3, gen1: 0, gen2: 0, hotAllocatedBytes: 0 },
        latency: { decisionNs: summary, executionNs: summary, tickToDecisionNs: summary },
        histograms: { decisionNs: histogram, executionNs: histogram },
    }),
    bbo: () =>
        instruments.map((instrument, i) => ({
            instrument,
            bid: (price + i / 3).toFixed(2),
            bidQuantity: '1',
            ask: (price + 0.5 + i / 3).toFixed(2),
            askQuantity: '2',
            last: null,
            flags: i === 3 ? ['stale'] : ['synced'],
            ageMs: i === 3 ? 8100 : 3,
        })),
    orders: () => [
        {
            id: `p${n}`,
            strategy: 1,
            instrument: instruments[0],
            side: n % 2 ? 'buy' : 'sell',
            type: 'limit',
            price: price.toFixed(2),
            quantity: '0.01',
            filled: '0',
            state: 'Working',
            live: n % 9 === 0,
            createdMs: Date.now(),
            decisionNs: 5100,
            ackNs: 4100000,
        },
    ],
    fills: () => [
        {
            n,
            atMs: Date.now(),
            order: `p${n}`,
            strategy: 1,
            instrument: instruments[0],
            side: 'buy',
            price: price.toFixed(2),
            quantity: '0.004',
            fee: '0.01',
            feeAsset: 'USDT',
            maker: true,
        },
    ],
    positions: () => [{ instrument: instruments[0], strategy: 1, quantity: '0.112', averagePrice: '64000.1', net: '10.8', currency: 'USDT' }],
    balances: () => [{ venue: 'okx', asset: 'BTC', expected: '10.112', free: '10.1', locked: '0.012', difference: '0', withinTolerance: true }],
    pnl: () => ({
        total: '412.8',
        today: '390.1',
        rows: [{ strategy: 1, venue: 'okx', currency: 'USDT', realised: '390.1', unrealised: '22.7', fees: '31.2', net: '381.6' }],
        history: Array.from({ length: 60 }, (_, i) => [started - 60000 + i * 1000, String(i)]),
    }),
    strategies: () => [
        {
            number: 1, name: 'market-making', instrument: instruments[0], state: 'running', orders: n, fills: 7, rejects: 0, net: '381.6',
            version: '1.0.0 (Maker-1.0.dll, sha256 300d03e3384e)', phase: 'warming', lastSwap: '1.1.0 (Maker-1.1.dll, sha256 e14640d34a83) warms up',
        },
    ],
    limits: () => ({
        killed: [],
        limits: [
            {
                name: 'position',
                scope: 'instrument:3',
                of: 'BTC-USDT.OKX',
                unit: 'Quantity',
                used: '0.46',
                cap: '0.5',
                percent: 92,
                meaning: 'most held',
            },
            { name: 'order-rate', scope: 'node', of: '', unit: 'Count', used: '11', cap: '60', percent: 18 },
        ],
    }),
    breakers: () => ({
        tripped: [{ name: 'daily-loss', scope: 'node', of: '', used: '10100', cap: '10000', ageMs: 4100 }],
        venues: names.map((venue) => ({ venue, state: 'closed', failures: 0, openings: 0 })),
    }),
    rejects: () => [
        {
            n,
            atMs: Date.now(),
            strategy: 1,
            instrument: instruments[0],
            side: 'buy',
            rule: 'Position',
            text: 'position node: 0.66 / 0.5',
            skipped: 0,
        },
    ],
    approvals: () => [
        {
            id: 'a1-3f9c',
            command: 'limit',
            summary: 'position BTC-USDT.OKX 0.5 → 0.8',
            hash: 'abc',
            by: 'ann',
            why: 'thin market',
            atMs: Date.now(),
            expiresMs: Date.now() + 200000,
            state: 'pending',
        },
    ],
    events: () => [
        {
            n,
            atMs: Date.now(),
            severity: ['info', 'warning', 'alarm'][n % 3],
            kind: 'gap',
            venue: 'kraken',
            instrument: instruments[3],
            text: 'the book lost its sequence and waits for a snapshot',
        },
    ],
    lifecycle: () => ({
        state: 'READY',
        waitingFor: null,
        degradation: [],
        trusted: true,
        session: 2,
        environment: 'sim',
        name: 'mock',
        pid: 1,
        uptimeMs: Date.now() - started,
        history: [{ atMs: started, state: 'READY', why: 'gate passed' }],
        journal: { records: n, bytes: 18200000, failed: false },
        build: '0.1.0',
        runtime: '.NET 10',
    }),
    audit: () => [{ n, session: 1, atMs: Date.now(), kind: 'Kill', done: true, who: 'ann', why: 'drill', text: '', outcome: 'Killed node.' }],
};
const queries = {
    me: () => ({ name: 'mock', role: 'admin' }),
    runbooks: () => [{ name: 'venue-down', title: 'A venue is down' }],
    reports: () => [{ name: 'run 1', path: '/tmp/x.html', atMs: Date.now() }],
    config: () => ({ environment: 'sim', venues: names }),
    faults: () => ['gap', 'silence'],
    'runbooks/venue-down': () => ({ name: 'venue-down', markdown: '# A venue is down' }),
};

const make = (topic) => {
    const kind = topic.split(':')[0];
    if (kind === 'book') return book(topic.slice(5));
    if (kind === 'trades') return [{ n, atMs: Date.now(), price: price.toFixed(2), quantity: '0.02', side: n % 2 ? 'buy' : 'sell' }];
    if (kind === 'bars') return [bar(Math.floor(Date.now() / 1000) * 1000)];
    return data[kind]?.();
};

const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    if (path.startsWith('/api/v1/')) {
        const name = path.slice(8);
        if (request.headers.authorization === 'Bearer wrong') return void response.writeHead(401).end(JSON.stringify({ title: 'no such token' }));
        const answer =
            request.method === 'POST'
                ? { result: 'Killed node; 3 cancels sent.' }
                : name.endsWith('/trace')
                  ? {
                        steps: [
                            { name: 'tick', atMs: Date.now(), sinceTickNs: 0, text: 'book delta' },
                            { name: 'sent', atMs: Date.now(), sinceTickNs: 5100, text: '' },
                        ],
                    }
                  : queries[name]?.();
        response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? { title: 'not found' }));
        return;
    }

    const file = join(files, path === '/' ? 'index.html' : path.replaceAll('..', ''));
    if (!existsSync(file)) return void response.writeHead(404).end();
    response
        .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy })
        .end(readFileSync(file));
});

function frame(text) {
    const body = Buffer.from(text);
    const head =
        body.length < 126
            ? Buffer.from([0x81, body.length])
            : body.length < 65536
              ? Buffer.from([0x81, 126, body.length >> 8, body.length & 255])
              : Buffer.concat([
                    Buffer.from([0x81, 127, 0, 0, 0, 0]),
                    Buffer.from([body.length >>> 24, (body.length >> 16) & 255, (body.length >> 8) & 255, body.length & 255]),
                ]);
    return Buffer.concat([head, body]);
}

server.on('upgrade', (request, socket) => {
    const key = createHash('sha1')
        .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
        .digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
    const topics = new Map();
    const send = (message) => socket.write(frame(JSON.stringify(message)));
    const timers = [20, 10, 4].map((hz) =>
        setInterval(() => {
            step();
            n++;
            for (const [topic, t] of topics) {
                if (t.hz !== hz) continue;
                send({
                    type: t.seq === 0 ? 'snapshot' : 'update',
                    topic,
                    seq: t.seq + 1,
                    prev: t.seq,
                    dropped: n % 400 === 0 ? 3 : 0,
                    data: make(topic),
                });
                t.seq++;
            }
        }, 1000 / hz),
    );
    let waiting = Buffer.alloc(0);
    socket.on('data', (chunk) => {
        waiting = Buffer.concat([waiting, chunk]);
        while (waiting.length >= 6) {
            const long = (waiting[1] & 127) === 126;
            const start = long ? 8 : 6;
            const length = long ? waiting.readUInt16BE(2) : waiting[1] & 127;
            if (waiting.length < start + length) return;
            const mask = waiting.subarray(start - 4, start);
            const body = Buffer.from(waiting.subarray(start, start + length).map((b, i) => b ^ mask[i & 3]));
            const opcode = waiting[0] & 15;
            waiting = waiting.subarray(start + length);
            if (opcode === 8) return void socket.end();
            if (opcode !== 1) continue;
            const message = JSON.parse(body.toString());
            if (message.type === 'auth') send({ type: 'welcome', name: 'mock', role: 'admin', node: 'mock', environment: 'sim', hz: 20 });
            if (message.type === 'subscribe') for (const topic of message.topics) topics.set(topic, { hz: message.hz, seq: 0 });
            if (message.type === 'unsubscribe') for (const topic of message.topics) topics.delete(topic);
        }
    });
    const end = () => timers.forEach(clearInterval);
    socket.on('close', end).on('error', end);
});

server.listen(port, '127.0.0.1', () => console.log(`mock gateway on http://127.0.0.1:${server.address().port}`));
