using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Rings;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Controls;

/// <summary>
/// Refused orders, into the journal and the last 64 for people. A strategy that asks in a loop does not flood the journal: of each
/// strategy at most 100 refusals in any second of engine time are written; the next one says how many were not.
/// </summary>
public sealed partial class RefusalLog
{
    public const int Remembered = 64;

    private const int PerSecondMax = 100;
    private const long SecondNs = 1_000_000_000;

    private readonly OrderRefusedRecord[] _last = new OrderRefusedRecord[Remembered];
    private readonly (long BeganNs, int Written, long Skipped)[] _ofStrategy;
    private readonly ControlStatistics _statistics;
    private IJournalAppender _journal = null!;
    private readonly SequenceLock _changes = new();
    private long _count;

    internal RefusalLog(int strategies, ControlStatistics statistics)
    {
        _ofStrategy = new (long, int, long)[strategies + 1];
        _statistics = statistics;
    }

    /// <summary>The newest first, from any thread; none when orders are refused too fast to read. Allocates.</summary>
    public IReadOnlyList<OrderRefusedRecord> Last() => _changes.TryRead(Copy, out var last) ? last : [];

    private List<OrderRefusedRecord> Copy()
    {
        var list = new List<OrderRefusedRecord>();
        for (var number = _count; number > 0 && number > _count - Remembered; number--) list.Add(_last[(number - 1) % Remembered]);
        return list;
    }

    internal void Add(in OrderRequest order, in RiskReject reject, long nowNs)
    {
        _statistics.Refusals++;
        ref var own = ref _ofStrategy[order.Strategy < _ofStrategy.Length ? order.Strategy : 0];
        var record = new OrderRefusedRecord
        {
            NowNs = nowNs, Instrument = order.Instrument.Value, Strategy = order.Strategy, Side = order.Side, Rule = reject.Rule,
            ScopeKind = reject.Scope.Kind, ScopeId = reject.Scope.Id, PriceRaw = order.Price.Raw, QuantityRaw = order.Quantity.Raw,
            Used = reject.Used, Cap = reject.Cap, Skipped = own.Skipped,
        };
        _changes.BeginWrite();
        _last[_count++ % Remembered] = record;
        _changes.EndWrite();
        if (own.Written == 0 || nowNs - own.BeganNs >= SecondNs) (own.BeganNs, own.Written) = (nowNs, 0);
        if (own.Written == PerSecondMax)
        {
            own.Skipped++;
            _statistics.RefusalsSkipped++;
            return;
        }

        own.Written++;
        own.Skipped = 0;
        _journal.Append((ushort)EngineRecordType.OrderRefused, MemoryMarshal.AsBytes(new ReadOnlySpan<OrderRefusedRecord>(in record)));
    }

    internal void BeginSession(IJournalAppender journal)
    {
        _journal = journal;
        Array.Clear(_ofStrategy);
    }
}
