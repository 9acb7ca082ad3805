import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
    id: string;
    title: string;
    onClose(): void;
    children: ComponentChildren;
}

/** The browser's own modal: it keeps the focus inside, Escape leaves it, and the focus returns to where it was. */
export function Dialog({ id, title, onClose, children }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const before = document.activeElement;
        dialog.current?.showModal();
        return () => {
            if (before instanceof HTMLElement) before.focus();
        };
    }, []);
    return (
        <dialog ref={dialog} class="dialog" id={id} aria-labelledby={`${id}-title`} onClose={onClose}>
            <h2 id={`${id}-title`}>{title}</h2>
            {children}
        </dialog>
    );
}
