import { fields, isFields, list, num, text, type Fields, type Json } from './read';

/** What the gateway refused, in its own words: what happened, why, and what to do next. */
export class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly title: string,
        readonly detail: string,
        readonly next: string,
    ) {
        super(detail ? `${title}: ${detail}` : title);
    }
}

export interface CommandAnswer {
    /** The node's sentence, or null when a second person has to approve first. */
    result: string | null;
    approval: string | null;
}

export interface TraceStep {
    name: string;
    atMs: number | null;
    sinceTickNs: number | null;
    text: string | null;
}

const timeoutMs = 10_000;

/** A key for a command that is sent once however often the network makes us repeat it. */
function idempotencyKey(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export class Api {
    constructor(private readonly token: string) {}

    async me(): Promise<{ name: string; role: string }> {
        const from = fields(await this.get('me'));
        return { name: text(from, 'name') ?? '?', role: text(from, 'role') ?? 'viewer' };
    }

    /** The data of a query; what carries a sequence number is taken out of its envelope. */
    async get(path: string): Promise<Json> {
        const answer = await this.#call('GET', path, null);
        return isFields(answer) && 'data' in answer && 'seq' in answer ? (answer['data'] ?? null) : answer;
    }

    async trace(order: string): Promise<TraceStep[]> {
        const answer = fields(await this.get(`orders/${encodeURIComponent(order)}/trace`));
        return list(answer['steps']).map((s) => ({
            name: text(s, 'name') ?? '?',
            atMs: num(s, 'atMs'),
            sinceTickNs: num(s, 'sinceTickNs'),
            text: text(s, 'text'),
        }));
    }

    async command(name: string, body: Fields): Promise<CommandAnswer> {
        const answer = fields(await this.#call('POST', `commands/${name}`, body));
        return { result: text(answer, 'result'), approval: text(answer, 'approval') };
    }

    async decide(approval: string, approve: boolean, hash: string, why: string): Promise<string> {
        const path = `approvals/${encodeURIComponent(approval)}/${approve ? 'approve' : 'deny'}`;
        return text(fields(await this.#call('POST', path, { hash, why })), 'result') ?? (approve ? 'Approved.' : 'Denied.');
    }

    /** A tear sheet: a page of its own, to be saved and opened from the disk. */
    async report(path: string): Promise<Blob> {
        return (await this.#fetch('GET', `report?path=${encodeURIComponent(path)}`, null)).blob();
    }

    /** The whole audit trail with its hashes, to be kept: penstock verify FILE checks it. */
    async audit(format: 'json' | 'csv'): Promise<Blob> {
        return (await this.#fetch('GET', `audit/export?format=${format}`, null)).blob();
    }

    async #call(method: 'GET' | 'POST', path: string, body: Fields | null): Promise<Json> {
        return (await (await this.#fetch(method, path, body)).json().catch(() => null)) as Json;
    }

    async #fetch(method: 'GET' | 'POST', path: string, body: Fields | null): Promise<Response> {
        const headers: Record<string, string> = { authorization: `Bearer ${this.token}`, accept: 'application/json' };
        if (body) {
            headers['content-type'] = 'application/json';
            headers['idempotency-key'] = idempotencyKey();
        }

        let response: Response;
        try {
            response = await fetch(`/api/v1/${path}`, {
                method,
                headers,
                body: body ? JSON.stringify(body) : null,
                cache: 'no-store',
                credentials: 'omit',
                redirect: 'error',
                signal: AbortSignal.timeout(timeoutMs),
            });
        } catch (error) {
            throw new Refusal(
                0,
                'The gateway does not answer',
                error instanceof Error ? error.message : String(error),
                'penstock serve, or look at its log',
            );
        }

        if (response.ok) return response;
        const problem = fields((await response.json().catch(() => null)) as Json);
        throw new Refusal(
            response.status,
            text(problem, 'title') ?? `HTTP ${response.status}`,
            text(problem, 'detail') ?? '',
            text(problem, 'next') ?? '',
        );
    }
}

export function saying(error: unknown): string {
    if (error instanceof Refusal) return error.next ? `${error.message} Next: ${error.next}` : error.message;
    return error instanceof Error ? error.message : String(error);
}
