using Penstock.Model.Orders;

namespace Penstock.Trading.Risk;

/// <summary>More checks of the gate, for what remembers more than the order at hand: breakers, windows, sums per strategy and venue.</summary>
public interface IOrderCheck
{
    /// <summary>True, and the reason, when the order must not leave. Allocates nothing, changes nothing.</summary>
    bool Refuses(in OrderRequest order, in RiskExposure exposure, ref RiskReject reject);
}
