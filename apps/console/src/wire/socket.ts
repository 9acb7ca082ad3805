import type { TopicKind } from './model';
import { kindOf } from './decode';
import { isFields, num, text, type Fields, type Json } from './read';
import type { Store, TopicMessage } from './store';

export interface Welcome {
    name: string;
    role: string;
    node: string | null;
    environment: string | null;
}

export type LinkState = 'connecting' | 'open' | 'lost' | 'refused';

/** What the link tells the page about itself. */
export interface LinkStatus {
    state: LinkState;
    welcome: Welcome | null;
    /** Messages the gateway had to drop because this page did not read fast enough, since it was opened. */
    dropped: number;
    /** Messages that could not be read or belong to nothing. */
    unread: number;
    reason: string;
}

/** Updates per second asked for: figures that move are read at 20 Hz, tables at 4, as the gateway promises. */
const hz: Partial<Record<TopicKind, number>> = { book: 20, bbo: 10, trades: 20, pipeline: 4 };
const reconnectMs = [250, 500, 1000, 2000, 5000];

/** The page's one WebSocket: logs in, subscribes what is watched, pauses while the tab is hidden, and comes back by itself. */
export class Link {
    readonly status: LinkStatus = { state: 'connecting', welcome: null, dropped: 0, unread: 0, reason: '' };
    onChange: () => void = () => {};

    #socket: WebSocket | null = null;
    #attempt = 0;
    #closed = false;
    #timer = 0;

    constructor(
        private readonly store: Store,
        private readonly token: string,
        private readonly address: string,
    ) {
        store.onWatched = (topic) => this.#subscribe([topic]);
        store.onUnwatched = (topic) => this.#send({ type: 'unsubscribe', topics: [topic] });
        document.addEventListener('visibilitychange', this.#visibility);
        this.#open();
    }

    close(): void {
        this.#closed = true;
        clearTimeout(this.#timer);
        document.removeEventListener('visibilitychange', this.#visibility);
        this.#socket?.close();
    }

    #open(): void {
        const socket = new WebSocket(this.address);
        this.#socket = socket;
        socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', token: this.token }));
        socket.onmessage = (message) => this.#read(message.data);
        socket.onclose = (close) => this.#lost(close.code, close.reason);
    }

    #lost(code: number, reason: string): void {
        this.#socket = null;
        if (this.#closed) return;
        this.store.forget();
        // 1008 before the welcome: the token is wrong, and asking again with the same one would only be a nuisance.
        const refused = code === 1008 && this.#attempt === 0 && this.status.state !== 'open';
        this.#change(refused ? 'refused' : 'lost', reason || `closed with code ${code}`);
        if (refused) return;
        const wait = reconnectMs[Math.min(this.#attempt, reconnectMs.length - 1)] ?? 5000;
        this.#attempt++;
        this.#timer = window.setTimeout(() => this.#open(), wait);
    }

    #read(data: unknown): void {
        let message: Fields;
        try {
            const parsed = JSON.parse(String(data)) as Json;
            if (!isFields(parsed)) throw new SyntaxError('not an object');
            message = parsed;
        } catch {
            this.#unread();
            return;
        }

        switch (message['type']) {
            case 'snapshot':
            case 'update':
                this.#topic(message);
                break;
            case 'welcome':
                this.#attempt = 0;
                this.status.welcome = {
                    name: text(message, 'name') ?? '?',
                    role: text(message, 'role') ?? 'viewer',
                    node: text(message, 'node'),
                    environment: text(message, 'environment'),
                };
                this.#change('open', '');
                this.#subscribe(this.store.topics);
                if (document.hidden) this.#send({ type: 'pause' });
                break;
            case 'pong':
                break;
            default:
                this.#unread();
        }
    }

    #topic(message: Fields): void {
        const dropped = num(message, 'dropped') ?? 0;
        if (dropped > 0) {
            this.status.dropped += dropped;
            this.onChange();
        }

        const topic = text(message, 'topic') ?? '';
        const accepted = this.store.accept({
            type: message['type'] as TopicMessage['type'],
            topic,
            seq: num(message, 'seq') ?? 0,
            prev: num(message, 'prev'),
            dropped,
            data: message['data'] ?? null,
        });
        if (accepted !== 'missing') return;
        this.#send({ type: 'unsubscribe', topics: [topic] });
        this.#subscribe([topic]);
    }

    #subscribe(topics: string[]): void {
        const byRate = new Map<number, string[]>();
        for (const topic of topics) {
            const kind = kindOf(topic);
            if (!kind) continue;
            const rate = hz[kind] ?? 4;
            byRate.set(rate, [...(byRate.get(rate) ?? []), topic]);
        }
        for (const [rate, same] of byRate) this.#send({ type: 'subscribe', topics: same, hz: rate });
    }

    #send(message: object): void {
        if (this.status.state === 'open' && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    }

    readonly #visibility = () => this.#send({ type: document.hidden ? 'pause' : 'resume' });

    #unread(): void {
        this.status.unread++;
        this.onChange();
    }

    #change(state: LinkState, reason: string): void {
        this.status.state = state;
        this.status.reason = reason;
        this.onChange();
    }
}
