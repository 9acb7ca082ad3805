import { useState } from 'preact/hooks';
import { Dialog } from './dialog';

export interface Command {
    name: string;
    run(): void;
}

/** Commands whose name contains every word typed, in the order given. */
export function matching(commands: readonly Command[], typed: string): Command[] {
    const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return commands.filter((c) => wanted.every((word) => c.name.toLowerCase().includes(word)));
}

const most = 12;

/** Ctrl+K: everything the console can do, found by typing. Arrows choose, Enter does it. */
export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose(): void }) {
    const [typed, setTyped] = useState('');
    const [at, setAt] = useState(0);
    const found = matching(commands, typed).slice(0, most);
    const run = (command: Command | undefined) => {
        if (!command) return;
        onClose();
        command.run();
    };
    const key = (e: KeyboardEvent) => {
        if (e.key === 'ArrowDown') setAt((n) => Math.min(found.length - 1, n + 1));
        else if (e.key === 'ArrowUp') setAt((n) => Math.max(0, n - 1));
        else if (e.key === 'Enter') run(found[at]);
        else return;
        e.preventDefault();
    };
    return (
        <Dialog id="palette" title="Commands" onClose={onClose}>
            <input
                aria-label="Command"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant={found[at] ? `command-${at}` : undefined}
                value={typed}
                onInput={(e) => {
                    setTyped(e.currentTarget.value);
                    setAt(0);
                }}
                onKeyDown={key}
                autofocus
                autocomplete="off"
            />
            <ul id="palette-list" role="listbox" aria-label="Matching commands" class="commands">
                {found.map((c, i) => (
                    <li key={c.name} id={`command-${i}`} role="option" aria-selected={i === at} onClick={() => run(c)}>
                        {c.name}
                    </li>
                ))}
            </ul>
            {found.length === 0 && <p class="muted">No command has these words.</p>}
        </Dialog>
    );
}
