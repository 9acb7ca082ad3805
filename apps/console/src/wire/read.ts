// Reads foreign JSON without trusting it: what is missing or of another type becomes null, never an exception.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

export function isFields(value: Json | undefined): value is Fields {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: Json | undefined): Fields {
    return isFields(value) ? value : {};
}

/** A list of objects; a lone object of lists is not one. */
export function list(value: Json | undefined): Fields[] {
    return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The first of these names that holds a number, or a text that is one (prices travel as text so that no digit is lost). */
export function num(from: Fields, ...names: string[]): number | null {
    for (const name of names) {
        const value = from[name];
        if (typeof value === 'number' && Number.isFinite(value)) return value;
        if (typeof value === 'string' && value.trim() !== '') {
            const parsed = Number(value);
            if (Number.isFinite(parsed)) return parsed;
        }
    }
    return null;
}

/** The first of these names that holds a text, or a number as its text. */
export function text(from: Fields, ...names: string[]): string | null {
    for (const name of names) {
        const value = from[name];
        if (typeof value === 'string' && value !== '') return value;
        if (typeof value === 'number') return String(value);
    }
    return null;
}

export function flag(from: Fields, ...names: string[]): boolean | null {
    for (const name of names) {
        const value = from[name];
        if (typeof value === 'boolean') return value;
        if (value === 0 || value === 1) return value === 1;
    }
    return null;
}
