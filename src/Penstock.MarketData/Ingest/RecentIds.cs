namespace Penstock.MarketData.Ingest;

/// <summary>The last ids seen, of a stream whose ids have no order: enough to know a trade again that a new connection repeats.</summary>
internal sealed class RecentIds
{
    /// <summary>More than a venue repeats after a subscription (Bybit: 60 at most in one message).</summary>
    private const int Kept = 128;

    private readonly long[] _ids = new long[Kept];
    private int _next;

    public bool Contains(long id) => _ids.AsSpan().Contains(id);

    /// <summary>False when the id is among the last ones.</summary>
    public bool TryAdd(long id)
    {
        if (_ids.AsSpan().Contains(id)) return false;
        _ids[_next] = id;
        _next = (_next + 1) % Kept;
        return true;
    }
}
