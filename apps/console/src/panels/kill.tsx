import { useState } from 'preact/hooks';
import { sendCommand, useCommand, useLink, useTopic } from '../session';

/** The word to be typed: the environment's name in capitals, so that a hand in the wrong window notices. */
export function useEnvironment(): string | null {
    const link = useLink();
    const lifecycle = useTopic('lifecycle');
    return (lifecycle?.environment ?? link.welcome?.environment ?? null)?.toUpperCase() ?? null;
}

/** Armed only by the environment's name and a reason. Stops sending, cancels what is open; releasing it needs two people. */
export function KillForm({ onDone, focus = false }: { onDone?: () => void; focus?: boolean }) {
    const environment = useEnvironment();
    const pipeline = useTopic('pipeline');
    const command = useCommand();
    const [typed, setTyped] = useState('');
    const [why, setWhy] = useState('');
    const [venue, setVenue] = useState('');
    const [done, setDone] = useState(false);
    const armed = environment !== null && typed === environment && why.trim() !== '' && !command.busy;
    const kill = async () => {
        const body: Record<string, string> = { why: why.trim(), ...(venue === '' ? {} : { venue }) };
        if (await command.send((s) => sendCommand(s, 'kill', body))) setDone(true);
    };
    return (
        <form
            class="kill"
            onSubmit={(e) => {
                e.preventDefault();
                if (armed) void kill();
            }}
        >
            <p>Every order is cancelled and no new one leaves. Trading goes on only after two people have released it.</p>
            <label>
                Stop
                <select value={venue} onChange={(e) => setVenue(e.currentTarget.value)}>
                    <option value="">everything</option>
                    {(pipeline?.venues ?? []).map((v) => (
                        <option key={v.name} value={v.name}>
                            venue {v.name}
                        </option>
                    ))}
                </select>
            </label>
            <label>
                <span>
                    {environment === null ? (
                        'The environment is not known yet'
                    ) : (
                        <>
                            Type <strong>{environment}</strong> to arm
                        </>
                    )}
                </span>
                <input
                    name="environment"
                    value={typed}
                    onInput={(e) => setTyped(e.currentTarget.value)}
                    autocomplete="off"
                    spellcheck={false}
                    autofocus={focus}
                />
            </label>
            <label>
                Why <input name="why" value={why} maxLength={200} onInput={(e) => setWhy(e.currentTarget.value)} autocomplete="off" />
            </label>
            <p class={command.failed ? 'said failed' : 'said'} role="status" data-said={command.failed ? 'refused' : command.said ? 'done' : ''}>
                {command.failed ? `✖ Refused. ${command.said}` : command.said}
            </p>
            <div class="buttons">
                <button type="submit" class="danger" disabled={!armed}>
                    ✖ KILL
                </button>
                {onDone && (
                    <button type="button" class="plain" onClick={onDone}>
                        {done ? 'Close' : 'Cancel (Esc)'}
                    </button>
                )}
            </div>
        </form>
    );
}
