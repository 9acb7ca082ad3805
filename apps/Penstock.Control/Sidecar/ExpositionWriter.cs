using System.Globalization;
using System.Text;

namespace Penstock.Control.Sidecar;

/// <summary>
/// Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/, read 2026-11-21): HELP and TYPE
/// once before the samples of a family, values escaped, no series twice.
/// </summary>
internal sealed class ExpositionWriter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(256 * 1024);
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);

    /// <summary>Begins a family; its samples follow before the next one.</summary>
    /// <exception cref="InvalidOperationException">The family was begun before: Prometheus would refuse the whole page.</exception>
    public void Family(string name, string type, string help)
    {
        if (!_families.Add(name)) throw new InvalidOperationException($"The family {name} stands twice.");
        _series.Clear();
        var escaped = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        _text.Append("# HELP ").Append(name).Append(' ').Append(escaped).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>One sample. False when the family has it already: the first one stands.</summary>
    public bool Sample(string name, IReadOnlyList<(string Key, string Value)> labels, double value)
    {
        var series = Series(name, labels);
        if (!_series.Add(series)) return false;
        _text.Append(series).Append(' ').Append(Number(value)).Append('\n');
        return true;
    }

    /// <summary>A distribution: how many values lay at or below each bound, their sum, their number.</summary>
    public void Histogram(
        string name, IReadOnlyList<(string Key, string Value)> labels, IReadOnlyList<double> bounds, IReadOnlyList<long> counts,
        double sum, long count)
    {
        for (var i = 0; i < bounds.Count; i++) Sample(name + "_bucket", [.. labels, ("le", Number(bounds[i]))], counts[i]);
        Sample(name + "_bucket", [.. labels, ("le", "+Inf")], count);
        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, count);
    }

    public override string ToString() => _text.ToString();

    internal static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Series(string name, IReadOnlyList<(string Key, string Value)> labels)
    {
        if (labels.Count == 0) return name;
        var text = new StringBuilder(name).Append('{');
        for (var i = 0; i < labels.Count; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(labels[i].Key).Append("=\"");
            foreach (var c in labels[i].Value) text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            text.Append('"');
        }

        return text.Append('}').ToString();
    }
}
