import { useEffect, useRef } from 'preact/hooks';
import { colour } from '../charts/theme';
import type { Book, Level } from '../wire/model';

const columns = 300;
const rows = 80;
const sampleMs = 200;

/** Price distance one row of the picture stands for: the books' ten levels a side fill about half of its height. */
export function rowHeight(bids: readonly Level[], asks: readonly Level[]): number {
    const far = Math.min(10, bids.length, asks.length) - 1;
    if (far < 0) return 0;
    return (Number(asks[far]![0]) - Number(bids[far]![0])) / (rows / 2);
}

/** One column for each fifth of a second: the darker, the more quantity rests there; the middle is drawn as a line. */
export function HeatMap({ book }: { book: Book }) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const frame = useRef({ at: 0, middle: 0, step: 0 });
    useEffect(() => {
        const context = canvas.current?.getContext('2d');
        const now = performance.now();
        const state = frame.current;
        const best = [Number(book.bids[0]?.[0] ?? NaN), Number(book.asks[0]?.[0] ?? NaN)] as const;
        const middle = (best[0] + best[1]) / 2;
        if (!context || !Number.isFinite(middle) || now - state.at < sampleMs) return;
        state.at = now;
        const step = rowHeight(book.bids, book.asks);
        const away = Math.abs(middle - state.middle) / (state.step || 1);
        // The picture is begun anew when the price has left it or the book has become much wider or narrower.
        if (state.step === 0 || away > rows * 0.4 || step > state.step * 4 || step * 4 < state.step) {
            if (step <= 0) return;
            state.middle = middle;
            state.step = step;
            context.clearRect(0, 0, columns, rows);
        }

        context.globalCompositeOperation = 'copy';
        context.drawImage(context.canvas, -1, 0);
        context.globalCompositeOperation = 'source-over';
        drawColumn(context, book, state.middle, state.step);
        context.fillStyle = colour('text');
        context.fillRect(columns - 1, row(middle, state.middle, state.step), 1, 1);
    }, [book]);
    return (
        <figure class="chart">
            <canvas
                ref={canvas}
                class="heatmap"
                width={columns}
                height={rows}
                role="img"
                aria-label={`Resting quantity around the price of ${book.instrument} over the last minute`}
            />
            <figcaption class="legend">
                <span class="key buy">bids below</span>
                <span class="key sell">asks above</span>
                <span class="key">line: middle</span>
            </figcaption>
        </figure>
    );
}

function row(price: number, middle: number, step: number): number {
    return Math.round(rows / 2 - (price - middle) / step);
}

function drawColumn(context: CanvasRenderingContext2D, book: Book, middle: number, step: number): void {
    const most = Math.max(...[...book.bids, ...book.asks].map(([, quantity]) => Number(quantity)), Number.MIN_VALUE);
    for (const [side, name] of [
        [book.bids, 'buy'],
        [book.asks, 'sell'],
    ] as const) {
        context.fillStyle = colour(name);
        for (const [price, quantity] of side) {
            context.globalAlpha = 0.1 + 0.9 * Math.sqrt(Number(quantity) / most);
            context.fillRect(columns - 1, row(Number(price), middle, step), 1, 1);
        }
    }
    context.globalAlpha = 1;
}
