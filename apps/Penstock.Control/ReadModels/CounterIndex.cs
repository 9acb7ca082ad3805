using Penstock.Infrastructure.Counters;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Which counter stands where in a node's file. Made once and good until the node adds a counter: a look four times a second then copies values
/// and no names.
/// </summary>
internal sealed class CounterIndex
{
    private readonly Dictionary<(string Name, string Label), int> _places = [];
    private readonly Dictionary<string, List<int>> _named = [];
    private readonly List<string> _labels = [];

    public CounterIndex(CounterFile file)
    {
        foreach (var reading in file.ReadCounters())
        {
            var place = _labels.Count;
            _labels.Add(reading.Label);
            _places[(reading.Name, reading.Label)] = place;
            if (!_named.TryGetValue(reading.Name, out var places)) _named[reading.Name] = places = [];
            places.Add(place);
        }
    }

    public int Count => _labels.Count;

    public string LabelAt(int place) => _labels[place];

    /// <summary>-1 for what this node does not count.</summary>
    public int PlaceOf(string name, string label) => _places.GetValueOrDefault((name, label), -1);

    /// <summary>The places of all labels of a counter.</summary>
    public IReadOnlyList<int> PlacesOf(string name) => _named.TryGetValue(name, out var places) ? places : [];
}
