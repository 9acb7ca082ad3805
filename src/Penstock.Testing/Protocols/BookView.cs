using Penstock.Model.Numbers;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>One level as clients know it.</summary>
public readonly record struct ViewLevel(Price Price, Quantity Quantity, int OrderCount);

/// <summary>
/// The top of a book as all clients of one channel know it: <see cref="Refresh"/> compares it with the engine's book and
/// leaves the changes that bring them up to date. Quantity zero is a delete.
/// </summary>
/// <param name="engine">Whose book.</param>
/// <param name="depth">Levels per side the channel carries.</param>
/// <param name="deletesPushedOut">False where clients cut to the depth themselves (Kraken).</param>
public sealed class BookView(MatchingEngine engine, int depth, bool deletesPushedOut)
{
    private List<ViewLevel> _bids = [];
    private List<ViewLevel> _asks = [];
    private List<ViewLevel> _spare = [];

    public List<ViewLevel> BidChanges { get; } = [];

    public List<ViewLevel> AskChanges { get; } = [];

    public IReadOnlyList<ViewLevel> Bids => _bids;

    public IReadOnlyList<ViewLevel> Asks => _asks;

    /// <summary>False when nothing changed.</summary>
    public bool Refresh()
    {
        Refresh(ref _bids, engine.Bids, BidChanges, -1);
        Refresh(ref _asks, engine.Asks, AskChanges, 1);
        return BidChanges.Count + AskChanges.Count > 0;
    }

    private void Refresh(ref List<ViewLevel> known, BookSide side, List<ViewLevel> changes, int direction)
    {
        changes.Clear();
        var now = _spare;
        now.Clear();
        for (var rank = 0; rank < side.Count && rank < depth; rank++)
            now.Add(new ViewLevel(side[rank].Price, side[rank].Quantity, side[rank].OrderCount));

        int old = 0, current = 0;
        while (old < known.Count || current < now.Count)
        {
            var order = old == known.Count ? 1
                : current == now.Count ? -1
                : direction * known[old].Price.CompareTo(now[current].Price);
            if (order < 0) Gone(known[old++].Price, side, changes);
            else if (order > 0) changes.Add(now[current++]);
            else if (known[old++] != now[current++]) changes.Add(now[current - 1]);
        }

        (known, _spare) = (now, known);
    }

    private void Gone(Price price, BookSide side, List<ViewLevel> changes)
    {
        if (deletesPushedOut || side.Find(price) is null) changes.Add(new ViewLevel(price, default, 0));
    }
}
