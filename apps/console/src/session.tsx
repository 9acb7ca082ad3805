import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useReducer, useState } from 'preact/hooks';
import { Api, saying } from './wire/api';
import { onFrame, requestFrame } from './wire/frame';
import type { Book, TopicKind, Topics } from './wire/model';
import { Link } from './wire/socket';
import { Store } from './wire/store';

export type Role = 'viewer' | 'trader' | 'admin';

/** Everything a logged-in page shares. */
export class Session {
    readonly store = new Store();
    readonly api: Api;
    readonly link: Link;
    readonly #linkWatchers = new Set<() => void>();
    readonly #leaveFrame: () => void;

    constructor(
        token: string,
        readonly name: string,
        readonly role: Role,
    ) {
        this.api = new Api(token);
        this.store.onDirty = requestFrame;
        this.#leaveFrame = onFrame(() => this.store.flush());
        const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
        this.link = new Link(this.store, token, `${scheme}//${location.host}/ws/v1`);
        this.link.onChange = () => this.#linkWatchers.forEach((watcher) => watcher());
    }

    watchLink(changed: () => void): () => void {
        this.#linkWatchers.add(changed);
        return () => this.#linkWatchers.delete(changed);
    }

    may(role: Role): boolean {
        const order: readonly Role[] = ['viewer', 'trader', 'admin'];
        return order.indexOf(this.role) >= order.indexOf(role);
    }

    close(): void {
        this.link.close();
        this.#leaveFrame();
    }
}

const Context = createContext<Session | null>(null);
export const SessionProvider = Context.Provider;

export function useSession(): Session {
    const session = useContext(Context);
    if (!session) throw new Error('useSession is for what stands inside of the logged-in page.');
    return session;
}

const next = (n: number) => n + 1;

/** The last value of a topic, drawn anew when it changes; null until the first one came. With kind null nothing is watched. */
export function useTopic<K extends TopicKind>(kind: K, key?: string | null): Topics[K] | null {
    const { store } = useSession();
    const [, redraw] = useReducer<number, void>(next, 0);
    const wanted = key !== null;
    useEffect(() => {
        if (!wanted) return;
        const leave = store.watch(key === undefined ? kind : `${kind}:${key}`, () => redraw());
        // Somebody else may have watched it already: then its value is here.
        redraw();
        return leave;
    }, [store, kind, key, wanted]);
    return wanted ? store.read(kind, key) : null;
}

/** The books of several instruments, drawn anew when one of them changes; those that have come, in the order asked for. */
export function useBooks(instruments: readonly string[]): Book[] {
    const { store } = useSession();
    const [, redraw] = useReducer<number, void>(next, 0);
    const wanted = instruments.join();
    useEffect(() => {
        const leaves = (wanted ? wanted.split(',') : []).map((i) => store.watch(`book:${i}`, () => redraw()));
        redraw();
        return () => leaves.forEach((leave) => leave());
    }, [store, wanted]);
    return instruments.map((i) => store.read('book', i)).filter((b) => b !== null);
}

export function useLink() {
    const session = useSession();
    const [, redraw] = useReducer<number, void>(next, 0);
    useEffect(() => session.watchLink(() => redraw()), [session]);
    return session.link.status;
}

export interface Loaded<T> {
    value: T | null;
    problem: string;
    reload(): void;
}

/** A query over HTTP, asked when the panel appears and again by hand or every so often; never twice at once. */
export function useQuery<T>(ask: (session: Session) => Promise<T>, everyMs = 0): Loaded<T> {
    const session = useSession();
    const [value, setValue] = useState<T | null>(null);
    const [problem, setProblem] = useState('');
    const [turn, again] = useReducer<number, void>(next, 0);
    useEffect(() => {
        let here = true;
        ask(session).then(
            (answer) => {
                if (!here) return;
                setValue(() => answer);
                setProblem('');
            },
            (error: unknown) => here && setProblem(saying(error)),
        );
        const timer = everyMs > 0 ? setTimeout(() => !document.hidden && again(), everyMs) : 0;
        return () => {
            here = false;
            clearTimeout(timer);
        };
        // The question itself is written in place and never changes; asking it anew at every drawing would be endless.
    }, [session, turn]);
    return { value, problem, reload: useCallback(() => again(), []) };
}

/** A command on its way, and what became of it: said beside the button and read out. */
export function useCommand() {
    const session = useSession();
    const [busy, setBusy] = useState(false);
    const [said, setSaid] = useState('');
    const [failed, setFailed] = useState(false);
    const send = useCallback(
        async (act: (session: Session) => Promise<string>): Promise<boolean> => {
            setBusy(true);
            setSaid('');
            try {
                const answer = await act(session);
                setFailed(false);
                setSaid(answer);
                return true;
            } catch (error) {
                setFailed(true);
                setSaid(saying(error));
                return false;
            } finally {
                setBusy(false);
            }
        },
        [session],
    );
    return { busy, said, failed, send };
}

export async function sendCommand(session: Session, name: string, body: Record<string, string | number | boolean>): Promise<string> {
    const answer = await session.api.command(name, body);
    return answer.approval ? `Asked for: ${answer.approval} waits for a second person (Risk, approvals).` : (answer.result ?? 'Done.');
}
