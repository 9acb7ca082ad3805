using Penstock.Infrastructure.Counters;

namespace Penstock.Control.ReadModels;

/// <summary>All counters at one moment, by name and label.</summary>
internal sealed class CounterSnapshot
{
    private readonly Dictionary<(string Name, string Label), long> _values = [];
    private readonly Dictionary<string, long> _sums = [];

    public CounterSnapshot(CounterFile file, long atNs)
    {
        (AtNs, Readings) = (atNs, file.ReadCounters());
        foreach (var reading in Readings)
        {
            _values[(reading.Name, reading.Label)] = reading.Value;
            _sums[reading.Name] = _sums.GetValueOrDefault(reading.Name) + reading.Value;
        }
    }

    /// <summary>Monotonic, of the reader.</summary>
    public long AtNs { get; }

    /// <summary>As they stood in the file.</summary>
    public IReadOnlyList<CounterReading> Readings { get; }

    /// <summary>0 for what this node does not count.</summary>
    public long Of(string name, string label) => _values.GetValueOrDefault((name, label));

    /// <summary>Every label of a counter with its value.</summary>
    public IEnumerable<(string Label, long Value)> All(string name) => _values.Where(v => v.Key.Name == name).Select(v => (v.Key.Label, v.Value));

    /// <summary>Over all labels.</summary>
    public long Sum(string name) => _sums.GetValueOrDefault(name);

    /// <summary>Growth per second since another snapshot; 0 without one, and where a restart set it back.</summary>
    public double Rate(CounterSnapshot? before, string name, string? label = null)
    {
        if (before is null || AtNs <= before.AtNs) return 0;
        var grown = label is null ? Sum(name) - before.Sum(name) : Of(name, label) - before.Of(name, label);
        return Math.Round(Math.Max(0, grown) * 1e9 / (AtNs - before.AtNs), 1);
    }
}
