import { nanoseconds, exact } from '../format';
import type { Distribution } from '../wire/model';

/** A latency distribution by powers of two, drawn as SVG: nothing moves but the heights. */
export function Histogram({ of, label }: { of: Distribution; label: string }) {
    // Empty buckets are not sent: the place follows from the bound, so that a hole is seen as one.
    const place = (upper: number) => Math.round(Math.log2(upper + 1));
    const first = place(of.buckets[0]?.[0] ?? 0);
    const places = place(of.buckets.at(-1)?.[0] ?? 0) - first + 1;
    const most = Math.max(1, ...of.buckets.map(([, n]) => n));
    const width = 12;
    const height = 70;
    const summary =
        `${label}: ${exact(of.count)} measured, half within ${nanoseconds(of.p50)}, 99 % within ${nanoseconds(of.p99)}, ` +
        `99.9 % within ${nanoseconds(of.p999)}, longest ${nanoseconds(of.max)}`;
    return (
        <figure class="histogram">
            <svg viewBox={`0 0 ${Math.max(8, places) * width} ${height}`} role="img" aria-label={summary} preserveAspectRatio="none">
                {of.buckets.map(([upper, n]) => {
                    // The height grows with the logarithm: one outlier among a million stays visible.
                    const tall = n === 0 ? 0 : Math.max(2, (Math.log10(n + 1) / Math.log10(most + 1)) * height);
                    return (
                        <rect key={upper} class="bucket" x={(place(upper) - first) * width + 1} y={height - tall} width={width - 2} height={tall}>
                            <title>{`within ${nanoseconds(upper)}: ${exact(n)}`}</title>
                        </rect>
                    );
                })}
            </svg>
            <div class="histogram-axis" aria-hidden="true">
                <span>{nanoseconds(of.buckets[0]?.[0] ?? null)}</span>
                <span>{nanoseconds(of.buckets.at(-1)?.[0] ?? null)}</span>
            </div>
            <figcaption>
                p50 {nanoseconds(of.p50)} · p99 {nanoseconds(of.p99)} · p99.9 {nanoseconds(of.p999)} · max {nanoseconds(of.max)} · n{' '}
                {exact(of.count)}
            </figcaption>
        </figure>
    );
}
