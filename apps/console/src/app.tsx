import { useEffect, useMemo, useState } from 'preact/hooks';
import { setTheme, theme } from './charts/theme';
import { Header, screens, type Screen } from './header';
import { selectInstrument } from './instrument';
import { KillForm } from './panels/kill';
import { SessionProvider, useSession, useTopic, type Session } from './session';
import { Market } from './screens/market';
import { Operations } from './screens/operations';
import { Overview } from './screens/overview';
import { Reports } from './screens/reports';
import { Risk } from './screens/risk';
import { Trading } from './screens/trading';
import { Announcer } from './ui/announcer';
import { Dialog } from './ui/dialog';
import { Palette, type Command } from './ui/palette';

const pages: Record<Screen, () => preact.JSX.Element> = {
    overview: Overview,
    market: Market,
    trading: Trading,
    risk: Risk,
    operations: Operations,
    reports: Reports,
};

function screenOf(hash: string): Screen {
    const name = hash.replace(/^#\/?/, '');
    return screens.find((s) => s === name) ?? 'overview';
}

const go = (screen: Screen) => void (location.hash = `#/${screen}`);

/** The logged-in page: header, one screen, and the two dialogs that can be opened from everywhere. */
export function App({ session, onLeave }: { session: Session; onLeave(): void }) {
    return (
        <SessionProvider value={session}>
            <Page onLeave={onLeave} />
        </SessionProvider>
    );
}

function Page({ onLeave }: { onLeave(): void }) {
    const session = useSession();
    const [screen, setScreen] = useState(screenOf(location.hash));
    const [open, setOpen] = useState<'kill' | 'palette' | null>(null);
    const bbo = useTopic('bbo', open === 'palette' ? undefined : null);
    useEffect(() => {
        const changed = () => setScreen(screenOf(location.hash));
        const keys = (e: KeyboardEvent) => {
            if (!(e.ctrlKey || e.metaKey) || e.altKey || e.key.toLowerCase() !== 'k') return;
            e.preventDefault();
            setOpen(e.shiftKey ? 'kill' : 'palette');
        };
        addEventListener('hashchange', changed);
        addEventListener('keydown', keys);
        return () => {
            removeEventListener('hashchange', changed);
            removeEventListener('keydown', keys);
        };
    }, []);

    const commands = useMemo(
        (): Command[] => [
            ...screens.map((s) => ({ name: `Go to ${s}`, run: () => go(s) })),
            { name: 'Kill: stop all trading', run: () => setOpen('kill') },
            { name: `Colours: ${theme() === 'dark' ? 'light' : 'dark'}`, run: () => setTheme(theme() === 'dark' ? 'light' : 'dark') },
            { name: 'Colours: as the system', run: () => setTheme('system') },
            ...(bbo ?? []).map((b) => ({
                name: `Instrument ${b.instrument}`,
                run: () => {
                    selectInstrument(b.instrument);
                    go('market');
                },
            })),
            { name: 'Leave: forget the token', run: onLeave },
        ],
        [bbo, open],
    );

    const Shown = pages[screen];
    return (
        <>
            <a
                class="skip"
                href="#main"
                onClick={(e) => {
                    e.preventDefault();
                    document.getElementById('main')?.focus();
                }}
            >
                Skip to the screen
            </a>
            <Header screen={screen} onKill={() => setOpen('kill')} onPalette={() => setOpen('palette')} onLeave={onLeave} />
            <main id="main" tabIndex={-1} aria-label={screen}>
                <Shown key={screen} />
            </main>
            <Announcer />
            {open === 'palette' && <Palette commands={commands} onClose={() => setOpen(null)} />}
            {open === 'kill' && (
                <Dialog id="kill-dialog" title="Kill" onClose={() => setOpen(null)}>
                    {session.may('trader') ? <KillForm focus onDone={() => setOpen(null)} /> : <p>The role {session.role} may not.</p>}
                </Dialog>
            )}
        </>
    );
}
