// How figures are written. Every function takes null and says "–" for it: a missing figure is never a zero.

const none = '–';

function significant(value: number): string {
    const size = Math.abs(value);
    if (size >= 100) return value.toFixed(0);
    if (size >= 10) return value.toFixed(1);
    return value.toFixed(2).replace(/\.?0+$/, '') || '0';
}

/** 48213 → "48.2k". Whole numbers below ten thousand stay as they are: counts are compared digit by digit. */
export function count(value: number | null): string {
    if (value === null) return none;
    const size = Math.abs(value);
    if (size < 10_000) return Number.isInteger(value) ? String(value) : significant(value);
    if (size < 1e6) return significant(value / 1e3) + 'k';
    if (size < 1e9) return significant(value / 1e6) + 'M';
    return significant(value / 1e9) + 'G';
}

/** All digits, in groups: for what must be equal elsewhere. */
export function exact(value: number | null): string {
    return value === null ? none : value.toLocaleString('en-US', { maximumFractionDigits: 12 }).replaceAll(',', '\u202f');
}

export function rate(perSecond: number | null): string {
    return perSecond === null ? none : count(perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond)) + '/s';
}

/** A duration given in nanoseconds, in the unit that shows most of it. */
export function nanoseconds(value: number | null): string {
    if (value === null) return none;
    const size = Math.abs(value);
    if (size < 1e3) return `${value.toFixed(0)} ns`;
    if (size < 1e6) return `${significant(value / 1e3)} µs`;
    if (size < 1e9) return `${significant(value / 1e6)} ms`;
    return seconds(value / 1e9);
}

export function milliseconds(value: number | null): string {
    return value === null ? none : nanoseconds(value * 1e6);
}

export function seconds(value: number): string {
    if (value < 60) return `${significant(value)} s`;
    const whole = Math.floor(value);
    const two = (n: number) => String(n).padStart(2, '0');
    const clock = `${two(Math.floor(whole / 3600) % 24)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
    return whole >= 86_400 ? `${Math.floor(whole / 86_400)} d ${clock}` : clock;
}

export function bytes(value: number | null): string {
    if (value === null) return none;
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let size = value;
    let unit = 0;
    while (Math.abs(size) >= 1024 && unit < units.length - 1) {
        size /= 1024;
        unit++;
    }
    return `${significant(size)} ${units[unit]}`;
}

export function percent(share: number | null): string {
    return share === null ? none : `${significant(share * 100)} %`;
}

export function signed(value: number | null, decimals = 2): string {
    if (value === null) return none;
    const rounded = value.toFixed(decimals);
    return (value > 0 && Number(rounded) !== 0 ? '+' : '') + rounded.replace('-', '−');
}

/** Decimals that show all of these numbers, ten at most: so that a column of prices lines up. */
export function decimalsOf(values: readonly number[]): number {
    let most = 0;
    for (const value of values) {
        const written = value.toFixed(10).replace(/0+$/, '');
        most = Math.max(most, written.length - written.indexOf('.') - 1);
    }
    return most;
}

/** A price as it came, with zeros behind it until it has so many decimals: digits stay, columns line up. */
export function padded(price: string, decimals: number): string {
    const dot = price.indexOf('.');
    const has = dot < 0 ? 0 : price.length - dot - 1;
    return has >= decimals || !/^-?\d+(\.\d+)?$/.test(price) ? price : (dot < 0 ? `${price}.` : price) + '0'.repeat(decimals - has);
}

/** An exact amount cut to what is read at a glance; where it matters the whole figure stands in its title. */
export function amount(value: string | null): string {
    if (value === null) return none;
    const number = Number(value);
    const written = Number.isFinite(number) && (value.split('.')[1]?.length ?? 0) > 4 ? number.toFixed(4) : value;
    return written.replace('-', '−');
}

export function fixed(value: number | null, decimals: number): string {
    return value === null ? none : value.toFixed(decimals);
}

export function plain(value: number | null): string {
    return value === null ? none : fixed(value, decimalsOf([value]));
}

/** Time of day in UTC with milliseconds, from milliseconds since 1970. */
export function clock(ms: number | null): string {
    if (ms === null || ms < 0 || ms > 8.64e15) return none;
    return new Date(ms).toISOString().slice(11, 23);
}

/** The day in UTC, from milliseconds since 1970. */
export function date(ms: number | null): string {
    return ms === null || ms < 0 || ms > 8.64e15 ? none : new Date(ms).toISOString().slice(0, 10);
}

/** Names of the wire (camelCase, SNAKE_CASE) as words. */
export function words(name: string): string {
    return name
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .replace(/[_-]+/g, ' ')
        .toLowerCase();
}
