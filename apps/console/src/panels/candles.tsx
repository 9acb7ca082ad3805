import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { drawable } from '../charts/bars';
import type { CandleChart } from '../charts/candles';
import { onTheme } from '../charts/theme';
import { movingVwap, reaches } from '../charts/vwap';
import { decimalsOf } from '../format';
import { useTopic } from '../session';
import { Panel, waiting } from '../ui/panel';
import { afterFrame, giveFrame } from '../wire/frame';
import type { Order } from '../wire/model';

const intervals = [
    ['1s', 1000],
    ['1m', 60_000],
    ['5m', 300_000],
] as const;

/** A new chart shows its newest candles, averages, fills, orders and older candles in this order, a frame each: all at once would hold the page. */
const layersMax = 5;
/** About what a chart shows before anybody moves it. */
const newest = 120;

interface CandlesProps {
    instrument: string | null;
    own: readonly Order[];
}

/** Candles of the chosen instrument; the chart library is fetched when the screen is first opened. */
export function Candles({ instrument, own }: CandlesProps) {
    const [[interval, intervalMs], setInterval] = useState<(typeof intervals)[number]>(intervals[0]);
    const bars = useTopic('bars', instrument && `${instrument}:${interval}`);
    const fills = useTopic('fills');
    const [minutes, setMinutes] = useState(5);
    const host = useRef<HTMLDivElement>(null);
    const chart = useRef<CandleChart | null>(null);
    const [stage, setStage] = useState({ layers: 0 });
    const shown = bars !== null && bars.length > 0;
    const choicesOfMinutes = reaches(intervalMs);
    const reach = choicesOfMinutes.includes(minutes) ? minutes : (choicesOfMinutes[0] ?? 5);
    const drawn = useMemo(() => drawable(bars ?? []), [bars]);
    const moving = useMemo(() => movingVwap(drawn, reach), [drawn, reach]);

    useEffect(() => {
        if (!shown) return;
        let here = true;
        const make = () =>
            void import('../charts/candles').then(({ CandleChart: Chart }) => {
                if (!here || !host.current) return;
                chart.current?.close();
                chart.current = new Chart(host.current);
                setStage({ layers: 0 });
            });
        make();
        const leave = onTheme(make);
        return () => {
            here = false;
            leave();
            chart.current?.close();
            chart.current = null;
        };
    }, [instrument, interval, shown]);

    useEffect(() => {
        if (!bars || !chart.current) return;
        const from = stage.layers < layersMax ? Math.max(drawn.length - newest, 0) : 0;
        const seen = from === 0 ? drawn : drawn.slice(from);
        if (stage.layers > 0) chart.current.bars(seen, decimalsOf(bars.slice(-20).flatMap((b) => [b.open, b.close])));
        if (stage.layers > 1) chart.current.averages(seen, moving.slice(from), reach);
        if (stage.layers > 2) {
            chart.current.fills(
                (fills ?? []).filter((f) => f.instrument === instrument),
                intervalMs,
            );
        }
        if (stage.layers > 3) chart.current.resting(own);
    }, [bars, fills, own, stage, reach]);

    useEffect(() => {
        if (!chart.current || stage.layers === layersMax) return;
        giveFrame();
        return afterFrame(() => setStage({ layers: stage.layers + 1 }));
    }, [stage]);

    const last = bars?.at(-1);
    const closes = last ? ` The last one closes at ${last.close}.` : '';
    const about = `Our fills are arrows, our resting orders dashed lines, averages by volume a solid line (day) and a dotted one (${reach} min).`;
    const label = `Candles of ${instrument ?? 'no instrument'}, ${interval}.${closes} ${about}`;
    const price = (value: number | null | undefined) => (value == null || !last ? '–' : value.toFixed(decimalsOf([last.open, last.close])));
    const choices = (
        <span class="choices" role="group" aria-label="Length of a candle">
            {intervals.map((choice) => (
                <button key={choice[0]} type="button" aria-pressed={choice[0] === interval} onClick={() => setInterval(choice)}>
                    {choice[0]}
                </button>
            ))}
        </span>
    );
    return (
        <Panel
            id="candles"
            title={`Candles ${instrument ?? ''}`}
            aside={choices}
            why={bars ? null : waiting}
            none={shown ? null : 'no trade since the gateway started'}
        >
            <div class="candles" ref={host} role="img" aria-label={label} />
            <p class="averages">
                <span>
                    ━ VWAP of the UTC day <b data-figure="vwap-day">{price(last?.vwapDay)}</b>
                </span>
                <label>
                    ┈ of the last{' '}
                    <select value={reach} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>
                        {choicesOfMinutes.map((n) => (
                            <option key={n} value={n}>
                                {n} min
                            </option>
                        ))}
                    </select>{' '}
                    <b data-figure="vwap-moving">{price(moving.at(-1))}</b>
                </label>
            </p>
            <p class="attribution">
                Charts by{' '}
                <a href="https://www.tradingview.com/" rel="noreferrer noopener" target="_blank">
                    TradingView
                </a>{' '}
                Lightweight Charts™, © 2025 TradingView, Inc.
            </p>
        </Panel>
    );
}
