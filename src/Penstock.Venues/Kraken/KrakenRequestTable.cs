using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>
/// What the numeric req_id of a request stood for: Kraken echoes nothing else when it refuses. A ring of the last requests;
/// one that is still unanswered 4,096 requests later is forgotten and counted.
/// </summary>
internal sealed class KrakenRequestTable(OrderProtocolStatistics statistics)
{
    /// <summary>Ids below are the subscriptions' and the ping's.</summary>
    public const long FirstRequest = 16;

    /// <summary>A power of two, far above what the venue lets one account have in flight.</summary>
    private const int Capacity = 4096;

    private readonly Entry[] _entries = new Entry[Capacity];
    private long _next = FirstRequest;

    /// <summary>The req_id to send.</summary>
    public long Add(RequestKind kind, ClientOrderId id, InstrumentId instrument)
    {
        ref var entry = ref _entries[_next & (Capacity - 1)];
        if (entry.RequestId != 0) statistics.TableOverflows++;
        entry = new Entry { RequestId = _next, Kind = kind, Id = id, Instrument = instrument };
        return _next++;
    }

    /// <summary>Looks up; the entry stays until <see cref="Forget"/>, so that a malformed answer can be followed by a good one.</summary>
    public bool TryFind(long requestId, out RequestKind kind, out ClientOrderId id, out InstrumentId instrument)
    {
        ref readonly var entry = ref _entries[requestId & (Capacity - 1)];
        var found = requestId != 0 && entry.RequestId == requestId;
        (kind, id, instrument) = found ? (entry.Kind, entry.Id, entry.Instrument) : default;
        return found;
    }

    public void Forget(long requestId) => _entries[requestId & (Capacity - 1)] = default;

    /// <summary>Answers of the last connection cannot come any more; ids go on counting.</summary>
    public void Clear() => Array.Clear(_entries);

    private struct Entry
    {
        public long RequestId;
        public ClientOrderId Id;
        public InstrumentId Instrument;
        public RequestKind Kind;
    }
}
