using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Node.Backtesting;

/// <summary>
/// The mid at which the terms were decided that an order works on. A change counts from the venue's word on: until then fills are those
/// of the terms before, and of a refused change nothing is left.
/// </summary>
internal sealed class DecidedTerms(Int128 midTwice)
{
    private Price _pendingPrice;
    private Int128 _pendingMidTwice;
    private bool _isPending;

    /// <summary>Best bid + best ask then, raw; zero where there was no good book.</summary>
    public Int128 MidTwice { get; private set; } = midTwice;

    /// <summary>A change was sent.</summary>
    public void Amend(Price price, Int128 midTwice) => (_pendingPrice, _pendingMidTwice, _isPending) = (price, midTwice, true);

    public void OnReport(in ExecutionReport report)
    {
        if (!_isPending || report.Kind is not (ExecutionKind.Amended or ExecutionKind.AmendRejected)) return;
        // Another price answers an earlier change; some venues name none.
        if (report.Kind == ExecutionKind.Amended && report.LastPrice.Raw > 0 && report.LastPrice != _pendingPrice) return;
        if (report.Kind == ExecutionKind.Amended) MidTwice = _pendingMidTwice;
        _isPending = false;
    }

    /// <summary>How much worse than the mid of the decision, bps of it: positive is against us. Null where there was no mid.</summary>
    public double? AgainstBps(Model.Markets.Side side, Price price)
    {
        if (MidTwice <= 0) return null;
        var mid = (double)MidTwice / 2;
        return (side == Model.Markets.Side.Buy ? price.Raw - mid : mid - price.Raw) / mid * 1e4;
    }
}
