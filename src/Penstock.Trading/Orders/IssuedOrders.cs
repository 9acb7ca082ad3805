using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// Up to which number each session gave out order ids: an id below that is of an order we had, even long after its record was used again.
/// Ids above it are of orders whose journal lost its end. The last <see cref="SessionsMax"/> sessions are known. Allocates nothing.
/// </summary>
public sealed class IssuedOrders
{
    public const int SessionsMax = 64;

    private readonly ClientOrderId[] _last = new ClientOrderId[SessionsMax]; // the highest id of a session; sessions rise along the ring
    private long _sessions;

    public void Add(ClientOrderId id)
    {
        ref var last = ref _last[(_sessions - 1) & (SessionsMax - 1)];
        if (_sessions > 0 && last.Session >= id.Session)
        {
            if (last.Session == id.Session && last.Sequence < id.Sequence) last = id;
            return;
        }

        _last[_sessions++ & (SessionsMax - 1)] = id;
    }

    public bool Contains(ClientOrderId id)
    {
        for (var i = 1; i <= Math.Min(_sessions, SessionsMax); i++)
        {
            var last = _last[(_sessions - i) & (SessionsMax - 1)];
            if (last.Session == id.Session) return id.Sequence <= last.Sequence;
        }

        return false;
    }

    internal void Archive(StateArchive state)
    {
        _sessions = state.Value(_sessions);
        state.Values(_last.AsSpan());
    }
}
