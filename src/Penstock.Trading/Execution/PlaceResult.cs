using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>What became of a wish: an order on its way, or the rule that refused it.</summary>
public readonly record struct PlaceResult(ClientOrderId ClientOrderId, RiskReject Reject)
{
    internal PlaceResult(ClientOrderId placed)
        : this(placed, default)
    {
    }

    public bool IsPlaced => Reject.Rule == RiskRule.None;
}
