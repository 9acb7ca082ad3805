import { useState } from 'preact/hooks';
import { decimalsOf } from '../format';
import { venueOf } from '../instrument';
import { useBooks } from '../session';
import { Panel, waiting } from '../ui/panel';
import type { Book } from '../wire/model';

const depth = 12;

export interface Share {
    letter: string;
    venue: string;
    quantity: number;
}

export interface Rung {
    price: number;
    quantity: number;
    shares: Share[];
}

/** A letter for each venue, the first of its name that is still free: the mark that needs no colour. */
export function lettersOf(venues: readonly string[]): Map<string, string> {
    const letters = new Map<string, string>();
    const taken = new Set<string>();
    for (const venue of venues) {
        const letter = [...venue.toUpperCase().replaceAll(/[^A-Z]/g, ''), ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].find((l) => !taken.has(l)) ?? '?';
        taken.add(letter);
        letters.set(venue, letter);
    }
    return letters;
}

/** One side of several books as one: equal prices together, best first, each with who holds how much of it. */
export function consolidate(books: readonly Book[], side: 'bids' | 'asks', letters: Map<string, string>, most: number): Rung[] {
    const rungs = new Map<number, Rung>();
    for (const book of books) {
        const venue = venueOf(book.instrument);
        for (const [price, quantity] of book[side]) {
            const at = Number(price);
            const size = Number(quantity);
            if (!Number.isFinite(at) || !(size > 0)) continue;
            const rung = rungs.get(at) ?? { price: at, quantity: 0, shares: [] };
            rung.quantity += size;
            rung.shares.push({ letter: letters.get(venue) ?? '?', venue, quantity: size });
            rungs.set(at, rung);
        }
    }
    const best = [...rungs.values()].sort((a, b) => (side === 'bids' ? b.price - a.price : a.price - b.price)).slice(0, most);
    best.forEach((r) => r.shares.sort((a, b) => b.quantity - a.quantity));
    return best;
}

const usable = (book: Book) => book.flags.includes('synced') && book.flags.length === 1;

interface ConsolidatedProps {
    /** The same symbol at every venue that has it. */
    instruments: readonly string[];
    why: string | null;
}

/** The books of all venues as one ladder. Books that are stale or damaged are left out, and named. */
export function Consolidated({ instruments, why }: ConsolidatedProps) {
    const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
    const books = useBooks(instruments);
    const letters = lettersOf(instruments.map(venueOf));
    const shown = books.filter((b) => usable(b) && !without.has(venueOf(b.instrument)));
    const bids = consolidate(shown, 'bids', letters, depth);
    const asks = consolidate(shown, 'asks', letters, depth);
    const toggle = (venue: string) =>
        setWithout((now) => new Set(now.has(venue) ? [...now].filter((v) => v !== venue) : [...now, venue]));
    const crossed = bids[0] && asks[0] && bids[0].price >= asks[0].price;
    return (
        <Panel id="consolidated" title="Ladder over venues" why={why ?? (books.length === 0 ? waiting : null)}>
            <fieldset class="venue-key">
                <legend>Venues in it</legend>
                {instruments.map((i, n) => {
                    const venue = venueOf(i);
                    const book = books.find((b) => b.instrument === i);
                    const problem = !book ? 'no data' : usable(book) ? '' : (book.flags.find((f) => f !== 'synced') ?? 'not synced');
                    return (
                        <label key={i} class="check">
                            <input type="checkbox" checked={!without.has(venue)} onChange={() => toggle(venue)} />
                            <span class={`venue-letter line-${(n % 5) + 1}`}>{letters.get(venue)}</span> {venue.toLowerCase()}
                            {problem && ` (${problem}: left out)`}
                        </label>
                    );
                })}
            </fieldset>
            {crossed && <p class="ladder-note">⇄ bids above asks: venues differ by more than their spreads</p>}
            <Rungs bids={bids} asks={asks} order={instruments.map((i) => letters.get(venueOf(i)) ?? '?')} />
        </Panel>
    );
}

function Rungs({ bids, asks, order }: { bids: Rung[]; asks: Rung[]; order: string[] }) {
    const most = Math.max(...[...bids, ...asks].map((r) => r.quantity), Number.MIN_VALUE);
    const decimals = decimalsOf([...bids, ...asks].map((r) => r.price));
    const row = (rung: Rung, side: 'bid' | 'ask') => (
        <tr class={`level ${side}`}>
            <td class="number price">{rung.price.toFixed(decimals)}</td>
            <td class="number">{Number(rung.quantity.toFixed(8))}</td>
            <td>
                <span class="shares" style={{ width: `${Math.max(2, Math.round((rung.quantity / most) * 100))}%` }}>
                    {rung.shares.map((s) => (
                        <span
                            key={s.letter}
                            class={`share line-${(order.indexOf(s.letter) % 5) + 1}`}
                            style={{ flexGrow: s.quantity / rung.quantity }}
                            title={`${s.venue.toLowerCase()}: ${s.quantity}`}
                        />
                    ))}
                </span>
            </td>
            <td class="letters">{rung.shares.map((s) => s.letter).join(' ')}</td>
        </tr>
    );
    return (
        <div class="scroll" role="region" aria-label="Ladder over all venues" tabIndex={0}>
            <table class="consolidated">
                <thead>
                    <tr>
                        <th scope="col" class="number">
                            price
                        </th>
                        <th scope="col" class="number">
                            quantity
                        </th>
                        <th scope="col">share of each venue</th>
                        <th scope="col">venues</th>
                    </tr>
                </thead>
                <tbody>
                    {[...asks].reverse().map((r) => row(r, 'ask'))}
                    {bids.map((r) => row(r, 'bid'))}
                </tbody>
            </table>
        </div>
    );
}
