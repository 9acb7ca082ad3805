import { useEffect, useReducer } from 'preact/hooks';
import type { Bbo } from './wire/model';

/** Instruments are written SYMBOL.VENUE on the wire. */
export function symbolOf(instrument: string): string {
    const dot = instrument.lastIndexOf('.');
    return dot < 0 ? instrument : instrument.slice(0, dot);
}

export function venueOf(instrument: string): string {
    return instrument.slice(instrument.lastIndexOf('.') + 1);
}

export function mid(bbo: Bbo | null): number | null {
    if (!bbo || bbo.bid === null || bbo.ask === null) return null;
    const middle = (Number(bbo.bid) + Number(bbo.ask)) / 2;
    return Number.isFinite(middle) && middle > 0 ? middle : null;
}

const key = 'penstock-instrument';
const watchers = new Set<() => void>();

export function selectInstrument(instrument: string): void {
    sessionStorage.setItem(key, instrument);
    watchers.forEach((watcher) => watcher());
}

/** The instrument the Market screen shows; the same after a reload. */
export function useInstrument(): string | null {
    const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
    useEffect(() => {
        const watcher = () => redraw();
        watchers.add(watcher);
        return () => void watchers.delete(watcher);
    }, []);
    return sessionStorage.getItem(key);
}
