import { useEffect, useRef, useState } from 'preact/hooks';
import { useLink, useTopic } from '../session';

/** What has happened since it last spoke is read out at most this often. */
const intervalMs = 1000;

/** Keeps the last thing to say and says it no sooner than a second after the one before. */
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
  return <div class="unseen" role="status" aria-live="polite" id="announcer">{spoken}</div>;
}
