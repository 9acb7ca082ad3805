import { useEffect, useRef, useState } from 'preact/hooks';
import { useLink, useTopic } from '../session';

/** Between two announcements: at most one a second, with room for a busy page that draws late. */
const intervalMs = 1500;

/** Keeps the last thing to say and says it no sooner than that after the one before. */
function useSpoken(text: string): string {
    const [spoken, setSpoken] = useState('');
    const last = useRef(0);
    useEffect(() => {
        const wait = Math.max(0, last.current + intervalMs - performance.now());
        const timer = setTimeout(() => {
            last.current = performance.now();
            setSpoken(text);
        }, wait);
        return () => clearTimeout(timer);
    }, [text]);
    return spoken;
}

/** The one live region: connection, lifecycle and alarms. Figures that move are never read out by themselves. */
export function Announcer() {
    const link = useLink();
    const lifecycle = useTopic('lifecycle');
    const events = useTopic('events');
    const alarm = events?.findLast((e) => e.severity === 'alarm');
    const parts = [
        link.state === 'open' ? '' : `Connection ${link.state}.`,
        lifecycle ? `Node ${lifecycle.state}.` : '',
        alarm ? `Alarm: ${alarm.text}` : '',
    ];
    const spoken = useSpoken(parts.filter(Boolean).join(' '));
    return (
        <div class="unseen" role="status" aria-live="polite" id="announcer">
            {spoken === '' ? null : spoken}
        </div>
    );
}
