import { useEffect, useReducer, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { History } from './history';
import { colour, lines, onTheme } from './theme';

interface LineChartProps {
    history: History;
    /** Changes when there is something new to draw. */
    version: number;
    /** What the picture shows, for those who do not see it. */
    label: string;
    value(figure: number): string;
    height?: number;
}

function options(names: string[], width: number, height: number, value: (figure: number) => string): uPlot.Options {
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
    return {
        width,
        height,
        legend: { show: false },
        cursor: { show: false },
        axes: [
            { ...axis, space: 70, values: (_, at) => at.map((t) => new Date(t * 1000).toISOString().slice(11, 19)) },
            { ...axis, size: 52, values: (_, splits) => splits.map(value) },
        ],
        scales: { x: { time: true } },
        series: [
            {},
            ...names.map((label, i) => {
                const line = lines[i % lines.length]!;
                return { label, stroke: colour(line.name), dash: line.dash, width: 1.5, points: { show: false }, spanGaps: false };
            }),
        ],
    };
}

/** Lines over time on a canvas. The chart is made anew only when its series, its size or the colours change. */
export function LineChart({ history, version, label, value, height = 150 }: LineChartProps) {
    const host = useRef<HTMLDivElement>(null);
    const chart = useRef<{ plot: uPlot; names: string } | null>(null);
    const [colours, recolour] = useReducer<number, void>((n) => n + 1, 0);
    const drop = () => {
        chart.current?.plot.destroy();
        chart.current = null;
    };

    useEffect(() => {
        const watcher = new ResizeObserver(([entry]) => {
            const width = Math.floor(entry?.contentRect.width ?? 0);
            if (chart.current && width > 0) chart.current.plot.setSize({ width, height });
        });
        if (host.current) watcher.observe(host.current);
        const leave = onTheme(() => {
            drop();
            recolour();
        });
        return () => {
            watcher.disconnect();
            leave();
            drop();
        };
    }, [height]);

    useEffect(() => {
        const element = host.current;
        if (!element || history.length < 2 || element.clientWidth === 0) return;
        const names = history.names.join();
        if (chart.current && chart.current.names !== names) drop();
        if (chart.current) chart.current.plot.setData(history.columns);
        else chart.current = { plot: new uPlot(options(history.names, element.clientWidth, height, value), history.columns, element), names };
    }, [version, history, colours]);

    return (
        <figure class="chart">
            <div ref={host} class="chart-host" role="img" aria-label={label} />
            <figcaption class="legend">
                {history.names.map((name, i) => {
                    const last = history.last(name);
                    return (
                        <span key={name} class={`key ${lines[i % lines.length]!.name}`}>
                            {name} {last === null ? '–' : value(last)}
                        </span>
                    );
                })}
            </figcaption>
        </figure>
    );
}
