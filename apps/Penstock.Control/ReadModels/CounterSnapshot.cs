using Penstock.Infrastructure.Counters;

namespace Penstock.Control.ReadModels;

/// <summary>All counters at one moment, by name and label.</summary>
internal sealed class CounterSnapshot
{
    private readonly CounterIndex _index;
    private readonly long[] _values;

    private CounterSnapshot(CounterIndex index, long[] values, long atNs) => (_index, _values, AtNs) = (index, values, atNs);

    /// <summary>Monotonic, of the reader.</summary>
    public long AtNs { get; }

    /// <param name="file">The node's.</param>
    /// <param name="atNs">Now, monotonic.</param>
    /// <param name="index">Kept from look to look; made anew when it is null or the node has added counters.</param>
    public static CounterSnapshot Take(CounterFile file, long atNs, ref CounterIndex? index)
    {
        index ??= new CounterIndex(file);
        var values = new long[index.Count];
        if (file.ReadValues(values) != values.Length)
        {
            index = new CounterIndex(file);
            values = new long[index.Count];
            file.ReadValues(values);
        }

        return new CounterSnapshot(index, values, atNs);
    }

    /// <summary>0 for what this node does not count.</summary>
    public long Of(string name, string label) => _index.PlaceOf(name, label) is var place and >= 0 ? _values[place] : 0;

    /// <summary>Every label of a counter with its value.</summary>
    public IEnumerable<(string Label, long Value)> All(string name)
    {
        foreach (var place in _index.PlacesOf(name)) yield return (_index.LabelAt(place), _values[place]);
    }

    /// <summary>Over all labels.</summary>
    public long Sum(string name)
    {
        var sum = 0L;
        foreach (var place in _index.PlacesOf(name)) sum += _values[place];
        return sum;
    }

    /// <summary>Growth per second since another snapshot; 0 without one, and where a restart set it back.</summary>
    public double Rate(CounterSnapshot? before, string name, string? label = null)
    {
        if (before is null || AtNs <= before.AtNs) return 0;
        var grown = label is null ? Sum(name) - before.Sum(name) : Of(name, label) - before.Of(name, label);
        return Math.Round(Math.Max(0, grown) * 1e9 / (AtNs - before.AtNs), 1);
    }
}
