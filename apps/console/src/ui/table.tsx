import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface Column<R> {
    name: string;
    cell(row: R): ComponentChildren;
    /** Right-aligned with digits of one width. */
    number?: boolean;
}

interface TableProps<R> {
    /** What the table shows, read out before it. */
    label: string;
    columns: readonly Column<R>[];
    rows: readonly R[];
    keyOf(row: R): string | number;
    rowClass?(row: R): string;
    most?: number;
}

/** Rows a table begins with, and gains with every frame: a screen of many tables does not stand still while it opens. */
const rowsPerFrame = 12;

/** A table of capped length, scrolled inside of its panel and reachable by keyboard; what is not shown is counted. */
export function Table<R>({ label, columns, rows, keyOf, rowClass, most = 50 }: TableProps<R>) {
    const [limit, setLimit] = useState(rowsPerFrame);
    const wanted = Math.min(rows.length, most);
    useEffect(() => {
        if (limit >= wanted) return;
        const frame = requestAnimationFrame(() => setLimit(limit + rowsPerFrame));
        return () => cancelAnimationFrame(frame);
    }, [limit, wanted]);
    const shown = rows.slice(0, Math.min(wanted, limit));
    return (
        <>
            <div class="scroll" role="region" aria-label={label} tabIndex={0}>
                <table>
                    <thead>
                        <tr>
                            {columns.map((c) => (
                                <th key={c.name} scope="col" class={c.number ? 'number' : ''}>
                                    {c.name}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map((row) => (
                            <tr key={keyOf(row)} class={rowClass?.(row) ?? ''}>
                                {columns.map((c) => (
                                    <td key={c.name} class={c.number ? 'number' : ''}>
                                        {c.cell(row)}
                                    </td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {rows.length > most && <p class="more">{rows.length - most} more rows are not shown</p>}
        </>
    );
}
