/** A colour of the style sheet by name: charts draw on a canvas and cannot inherit it. */
export function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Ten lines that are told apart by colour and, where colour does not help, by their dashes. */
export const lines: readonly { name: string; dash: number[] }[] = [
    { name: 'line-1', dash: [] },
    { name: 'line-2', dash: [6, 3] },
    { name: 'line-3', dash: [2, 3] },
    { name: 'line-4', dash: [8, 3, 2, 3] },
    { name: 'line-5', dash: [] },
    { name: 'line-1', dash: [2, 3] },
    { name: 'line-2', dash: [] },
    { name: 'line-3', dash: [6, 3] },
    { name: 'line-4', dash: [] },
    { name: 'line-5', dash: [6, 3] },
];

const themeChanged = new Set<() => void>();

/** Calls when light and dark change places. */
export function onTheme(changed: () => void): () => void {
    themeChanged.add(changed);
    return () => themeChanged.delete(changed);
}

export type Theme = 'system' | 'light' | 'dark';
const key = 'penstock-theme';

export function theme(): Theme {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function setTheme(value: Theme): void {
    if (value === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    applyTheme();
}

export function applyTheme(): void {
    const value = theme();
    if (value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = value;
    themeChanged.forEach((changed) => changed());
}

/** Follows the system's choice from now on; called once when the page starts. */
export function followSystem(): void {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeChanged.forEach((changed) => changed()));
}
