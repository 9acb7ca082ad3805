import { kindOf, shapes } from './decode';
import type { TopicKind, Topics } from './model';
import { list, type Fields, type Json } from './read';

/** A message of the gateway about a topic. */
export interface TopicMessage {
    type: 'snapshot' | 'update';
    topic: string;
    seq: number;
    prev: number | null;
    dropped: number;
    data: Json;
}

export type Accepted = 'taken' | 'unknown' | 'missing';

interface Cell {
    seq: number | null;
    value: unknown;
    rows: Map<string | number, unknown> | null;
    watchers: Set<() => void>;
}

/** The rows' shape without the type of its row: what merging needs of it. */
interface AnyRows {
    row(from: Fields): unknown;
    key(row: unknown): string | number;
    most: number;
    keeps?(row: unknown): boolean;
}

/**
 * The last known value of each topic that somebody looks at. Messages change it at once; the watchers are told at most once per
 * drawn frame (see frame.ts), so a burst costs one drawing. A topic nobody looks at is forgotten: memory stays flat.
 */
export class Store {
    readonly #cells = new Map<string, Cell>();
    readonly #dirty = new Set<Cell>();

    /** Called with a topic when its first watcher comes and when its last one has left. */
    onWatched: (topic: string) => void = () => {};
    onUnwatched: (topic: string) => void = () => {};
    /** Asks for a call of flush before the next drawing. */
    onDirty: () => void = () => {};

    get topics(): string[] {
        return [...this.#cells.keys()];
    }

    watch(topic: string, changed: () => void): () => void {
        let cell = this.#cells.get(topic);
        if (!cell) {
            cell = { seq: null, value: null, rows: null, watchers: new Set() };
            this.#cells.set(topic, cell);
            this.onWatched(topic);
        }

        const watched = cell;
        watched.watchers.add(changed);
        return () => {
            watched.watchers.delete(changed);
            if (watched.watchers.size > 0 || this.#cells.get(topic) !== watched) return;
            this.#cells.delete(topic);
            this.#dirty.delete(watched);
            this.onUnwatched(topic);
        };
    }

    /** The value of a topic; null until its first message. */
    read<K extends TopicKind>(kind: K, key?: string): Topics[K] | null {
        const cell = this.#cells.get(key === undefined ? kind : `${kind}:${key}`);
        if (!cell || cell.seq === null) return null;
        cell.value ??= cell.rows ? [...cell.rows.values()] : null;
        return cell.value as Topics[K] | null;
    }

    /** 'missing': an update does not follow what is here; the topic has to be asked for anew. */
    accept(message: TopicMessage): Accepted {
        const cell = this.#cells.get(message.topic);
        const kind = kindOf(message.topic);
        if (!cell || !kind) return 'unknown';
        const shape = shapes[kind];
        if ('decode' in shape) {
            // Null is the gateway's word for not knowing: it must not become an empty list, which would say that there is nothing.
            cell.value = message.data === null ? null : shape.decode(message.data);
        } else {
            if (message.type === 'snapshot') cell.rows = new Map();
            if (!cell.rows || (message.type === 'update' && message.prev !== null && message.prev !== cell.seq)) return 'missing';
            merge(cell.rows, shape as unknown as AnyRows, message.data);
            cell.value = null;
        }

        cell.seq = message.seq;
        this.#mark(cell);
        return 'taken';
    }

    /** Nothing is known any more (the connection was lost): every panel says so instead of showing old figures as new. */
    forget(): void {
        for (const cell of this.#cells.values()) {
            cell.seq = null;
            cell.value = null;
            cell.rows = null;
            this.#mark(cell);
        }
    }

    /** Tells the watchers of what has changed. */
    flush(): void {
        const changed = [...this.#dirty];
        this.#dirty.clear();
        for (const cell of changed) for (const watcher of [...cell.watchers]) watcher();
    }

    #mark(cell: Cell): void {
        this.#dirty.add(cell);
        this.onDirty();
    }
}

function merge(rows: Map<string | number, unknown>, shape: AnyRows, data: Json): void {
    for (const from of list(data)) {
        const row = shape.row(from);
        rows.set(shape.key(row), row);
    }

    if (rows.size <= shape.most) return;
    let over = rows.size - shape.most;
    for (const [key, row] of rows) {
        if (over === 0) break;
        if (shape.keeps?.(row)) continue;
        rows.delete(key);
        over--;
    }
}
