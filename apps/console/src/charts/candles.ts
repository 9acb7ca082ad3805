import {
    CandlestickSeries,
    LineSeries,
    LineStyle,
    createChart,
    createSeriesMarkers,
    type CandlestickData,
    type IPriceLine,
    type LineData,
    type SeriesMarker,
    type UTCTimestamp,
    type WhitespaceData,
} from 'lightweight-charts';
import type { Bar, Fill, Order } from '../wire/model';
import { SeriesTail } from './tail';
import { colour } from './theme';

type Point = LineData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;

const toSeconds = (ms: number) => Math.floor(ms / 1000) as UTCTimestamp;

/** Candles with our own fills and resting orders, drawn by Lightweight Charts. The page names its maker and links to it. */
export class CandleChart {
    readonly #chart;
    readonly #series;
    readonly #markers;
    readonly #candles;
    readonly #day;
    readonly #moving;
    #lines: IPriceLine[] = [];
    #resting = '';
    #marked = -1;
    #decimals = -1;
    #reach = 0;

    constructor(host: HTMLElement) {
        this.#chart = createChart(host, {
            autoSize: true,
            // The logo would bring a style element, which the page's policy forbids; the attribution stands under the chart instead.
            layout: { attributionLogo: false, background: { color: 'transparent' }, textColor: colour('muted'), fontSize: 11 },
            grid: { vertLines: { color: colour('line') }, horzLines: { color: colour('line') } },
            timeScale: { timeVisible: true, secondsVisible: true, borderColor: colour('line') },
            rightPriceScale: { borderColor: colour('line') },
        });
        // Rising candles are hollow and falling ones filled: told apart without colour.
        this.#series = this.#chart.addSeries(CandlestickSeries, {
            upColor: 'transparent',
            borderUpColor: colour('buy'),
            wickUpColor: colour('buy'),
            downColor: colour('sell'),
            borderDownColor: colour('sell'),
            wickDownColor: colour('sell'),
        });
        this.#markers = createSeriesMarkers(this.#series, []);
        // Solid and dotted: told apart without colour.
        const line = { lineWidth: 2, priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false } as const;
        this.#candles = new SeriesTail<Bar, CandlestickData<UTCTimestamp>>(this.#series);
        this.#day = new SeriesTail<Bar, Point>(this.#chart.addSeries(LineSeries, { ...line, color: colour('line-4') }));
        const dotted = { ...line, color: colour('line-5'), lineStyle: LineStyle.Dotted };
        this.#moving = new SeriesTail<Bar, Point>(this.#chart.addSeries(LineSeries, dotted));
    }

    bars(bars: readonly Bar[], decimals: number): void {
        if (decimals !== this.#decimals) {
            this.#decimals = decimals;
            this.#series.applyOptions({ priceFormat: { type: 'price', precision: decimals, minMove: 10 ** -decimals } });
        }

        this.#candles.draw(bars, (b) => ({ time: toSeconds(b.openMs), open: b.open, high: b.high, low: b.low, close: b.close }));
    }

    /** The average of the day and the moving one over so many minutes, a figure or a hole for each bar. */
    averages(bars: readonly Bar[], moving: readonly (number | null)[], reach: number): void {
        const point = (b: Bar, value: number | null | undefined): Point =>
            value == null ? { time: toSeconds(b.openMs) } : { time: toSeconds(b.openMs), value };
        if (reach !== this.#reach) this.#moving.forget();
        this.#reach = reach;
        this.#day.draw(bars, (b) => point(b, b.vwapDay));
        this.#moving.draw(bars, (b, i) => point(b, moving[i]));
    }

    fills(fills: readonly Fill[], intervalMs: number): void {
        const newest = fills.at(-1)?.n ?? 0;
        if (newest === this.#marked) return;
        this.#marked = newest;
        const markers = fills
            .filter((f) => f.atMs !== null && f.side !== null)
            .map((f): SeriesMarker<UTCTimestamp> => ({
                time: toSeconds(Math.floor(f.atMs! / intervalMs) * intervalMs),
                position: f.side === 'buy' ? 'belowBar' : 'aboveBar',
                shape: f.side === 'buy' ? 'arrowUp' : 'arrowDown',
                color: colour(f.side === 'buy' ? 'buy' : 'sell'),
                text: f.quantity ?? '',
            }));
        this.#markers.setMarkers(markers.sort((a, b) => a.time - b.time).slice(-60));
    }

    resting(orders: readonly Order[]): void {
        const key = orders.map((o) => `${o.id}@${o.price}`).join();
        if (key === this.#resting) return;
        this.#resting = key;
        this.#lines.forEach((line) => this.#series.removePriceLine(line));
        this.#lines = orders
            .filter((o) => o.price !== null)
            .slice(0, 20)
            .map((o) =>
                this.#series.createPriceLine({
                    price: Number(o.price),
                    color: colour(o.side === 'sell' ? 'sell' : 'buy'),
                    lineWidth: 1,
                    lineStyle: 2,
                    axisLabelVisible: true,
                    title: `${o.side === 'sell' ? '▼' : '▲'} ${o.quantity ?? ''}`,
                }),
            );
    }

    close(): void {
        this.#chart.remove();
    }
}
