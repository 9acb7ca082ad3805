import { seconds } from './format';
import { useEnvironment } from './panels/kill';
import { useLink, useSession, useTopic } from './session';
import { Mark, toneOf } from './ui/marks';

export const screens = ['overview', 'market', 'trading', 'risk', 'operations', 'reports'] as const;
export type Screen = (typeof screens)[number];

interface HeaderProps {
    screen: Screen;
    onKill(): void;
    onPalette(): void;
    onLeave(): void;
}

/** On every screen: where one is, what state it is in, what is wrong, and the way to stop it. */
export function Header({ screen, onKill, onPalette, onLeave }: HeaderProps) {
    const session = useSession();
    const link = useLink();
    const environment = useEnvironment();
    const lifecycle = useTopic('lifecycle');
    const events = useTopic('events');
    const alarms = events?.filter((e) => e.severity === 'alarm').length ?? null;
    const up = lifecycle?.uptimeMs ?? null;
    return (
        <header class={environment === 'LIVE' ? 'top live' : 'top'}>
            <h1>Penstock</h1>
            <span class="badge" data-environment={environment ?? ''}>
                {environment === 'LIVE' ? '■ LIVE' : (environment ?? '?')}
            </span>
            <span class="pill" data-state={lifecycle?.state ?? ''}>
                {lifecycle ? (
                    <Mark tone={toneOf(lifecycle.state)}>
                        {lifecycle.state}
                        {up === null ? '' : ` ${seconds(up / 1000)}`}
                    </Mark>
                ) : (
                    <Mark tone="idle">no data</Mark>
                )}
            </span>
            <a class={alarms ? 'pill bad' : 'pill'} href="#/overview" data-alarms={alarms ?? ''}>
                {alarms === null ? 'alarms –' : alarms > 0 ? `✖ ${alarms} alarms` : 'no alarms'}
            </a>
            {link.state !== 'open' && (
                <span class="pill bad" role="status">
                    ✖ connection {link.state}
                    {link.reason ? `: ${link.reason}` : ''}
                </span>
            )}
            {link.dropped > 0 && (
                <span class="pill bad" data-dropped={link.dropped} title="Messages the gateway dropped because this page read too slowly">
                    UI dropped {link.dropped}
                </span>
            )}
            {link.unread > 0 && (
                <span class="pill bad" title="Messages this page could not read">
                    unread {link.unread}
                </span>
            )}
            <nav aria-label="Screens">
                {screens.map((s) => (
                    <a key={s} href={`#/${s}`} aria-current={s === screen ? 'page' : undefined}>
                        {s}
                    </a>
                ))}
            </nav>
            <span class="who">
                {session.name} ({session.role}){' '}
                <button type="button" class="plain" onClick={onLeave}>
                    leave
                </button>
            </span>
            <button type="button" class="plain" onClick={onPalette} aria-keyshortcuts="Control+K">
                commands <kbd>Ctrl K</kbd>
            </button>
            <button type="button" class="danger" id="kill-button" onClick={onKill} aria-keyshortcuts="Control+Shift+K">
                ✖ KILL <kbd>Ctrl ⇧ K</kbd>
            </button>
        </header>
    );
}
