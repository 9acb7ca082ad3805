import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useCommand, type Session } from '../session';
import { Dialog } from './dialog';

interface AskWhyProps {
    id: string;
    title: string;
    /** What will happen, in words. */
    says: ComponentChildren;
    confirm: string;
    /** What has to be typed first; none when it is not dangerous. */
    typed?: string | null;
    act(session: Session, why: string): Promise<string>;
    children?: ComponentChildren;
    onClose(): void;
}

/** Every command says why; the dangerous ones are typed for. Enter confirms, Escape leaves. */
export function AskWhy({ id, title, says, confirm, typed = null, act, children, onClose }: AskWhyProps) {
    const [why, setWhy] = useState('');
    const [word, setWord] = useState('');
    const [done, setDone] = useState(false);
    const command = useCommand();
    const armed = !command.busy && why.trim().length > 0 && (typed === null || word === typed);
    return (
        <Dialog id={id} title={title} onClose={onClose}>
            <form
                onSubmit={(e) => {
                    e.preventDefault();
                    if (armed && !done) void command.send((session) => act(session, why.trim())).then(setDone);
                }}
            >
                <p>{says}</p>
                {!done && children}
                {!done && typed !== null && (
                    <label>
                        <span>
                            Type <strong>{typed}</strong> to arm
                        </span>
                        <input
                            name="typed"
                            value={word}
                            onInput={(e) => setWord(e.currentTarget.value)}
                            autocomplete="off"
                            spellcheck={false}
                            autofocus
                        />
                    </label>
                )}
                {!done && (
                    <label>
                        Why (goes into the audit trail)
                        <input
                            name="why"
                            value={why}
                            maxLength={200}
                            onInput={(e) => setWhy(e.currentTarget.value)}
                            autocomplete="off"
                            autofocus={typed === null}
                        />
                    </label>
                )}
                <p class={command.failed ? 'said failed' : 'said'} role="status">
                    {command.failed ? `✖ Refused. ${command.said}` : command.said}
                </p>
                <div class="buttons">
                    {!done && (
                        <button type="submit" class="danger" disabled={!armed}>
                            {command.busy ? 'Sending …' : confirm}
                        </button>
                    )}
                    <button type="button" class="plain" onClick={onClose}>
                        {done ? 'Close' : 'Cancel (Esc)'}
                    </button>
                </div>
            </form>
        </Dialog>
    );
}
