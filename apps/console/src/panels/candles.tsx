import { useEffect, useRef, useState } from 'preact/hooks';
import type { CandleChart } from '../charts/candles';
import { onTheme } from '../charts/theme';
import { movingVwap, reaches } from '../charts/vwap';
import { decimalsOf } from '../format';
import { useTopic } from '../session';
import { Panel, waiting } from '../ui/panel';
import type { Order } from '../wire/model';

const intervals = [
    ['1s', 1000],
    ['1m', 60_000],
    ['5m', 300_000],
] as const;

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
    const [made, setMade] = useState(0);
    const shown = bars !== null && bars.length > 0;
    const choicesOfMinutes = reaches(intervalMs);
    const reach = choicesOfMinutes.includes(minutes) ? minutes : (choicesOfMinutes[0] ?? 5);
    const moving = bars ? movingVwap(bars, reach) : [];

    useEffect(() => {
        if (!shown) return;
        let here = true;
        const make = () =>
            void import('../charts/candles').then(({ CandleChart: Chart }) => {
                if (!here || !host.current) return;
                chart.current?.close();
                chart.current = new Chart(host.current);
                setMade((n) => n + 1);
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
        if (!bars) return;
        chart.current?.bars(bars, decimalsOf(bars.slice(-20).flatMap((b) => [b.open, b.close])));
        chart.current?.fills(
            (fills ?? []).filter((f) => f.instrument === instrument),
            intervalMs,
        );
        chart.current?.averages(bars, moving);
        chart.current?.resting(own);
    }, [bars, fills, own, made, reach]);

    const last = bars?.at(-1);
    const closes = last ? ` The last one closes at ${last.close}.` : '';
    const drawn = `Our fills are arrows, our resting orders dashed lines, averages by volume a solid line (day) and a dotted one (${reach} min).`;
    const label = `Candles of ${instrument ?? 'no instrument'}, ${interval}.${closes} ${drawn}`;
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
