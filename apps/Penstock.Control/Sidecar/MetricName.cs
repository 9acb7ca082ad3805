using Penstock.Infrastructure.Counters;

namespace Penstock.Control.Sidecar;

/// <summary>
/// A counter as Prometheus wants it named: our prefix, base units (nanoseconds and milliseconds become seconds), and _total on
/// whatever only grows. The counter's own name stays recognisable, so that one search finds file, chart and alert.
/// </summary>
/// <param name="Name">The metric family.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Divisor">From the counter's unit to the metric's.</param>
internal readonly record struct MetricName(string Name, string Type, double Divisor)
{
    public const string Prefix = "penstock_";
    private const string TotalSuffix = "_total";

    public static MetricName Of(string counter, CounterKind kind)
    {
        var divisor = 1.0;
        var words = counter.Split('_');
        for (var i = 0; i < words.Length; i++)
        {
            var perSecond = words[i] switch { "ns" => 1e9, "us" => 1e6, "ms" => 1e3, _ => 0 };
            if (perSecond == 0) continue;
            words[i] = "seconds";
            divisor = perSecond;
        }

        var name = Prefix + Clean(string.Join('_', words));
        return kind switch
        {
            CounterKind.Histogram => new MetricName(name, "histogram", divisor),
            CounterKind.Total => new MetricName(name.EndsWith(TotalSuffix, StringComparison.Ordinal) ? name : name + TotalSuffix, "counter", divisor),
            _ => new MetricName(name, "gauge", divisor),
        };
    }

    /// <summary>Names come from a file another program wrote: whatever Prometheus would refuse becomes an underscore.</summary>
    private static string Clean(string name) => string.Create(name.Length, name, (span, source) =>
    {
        for (var i = 0; i < source.Length; i++) span[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
    });
}
