namespace Penstock.Trading.Risk;

/// <summary>
/// Proof as a type: only <see cref="RiskGate"/> can make one, and execution takes nothing else (invariant I1). The empty
/// value every struct has is recognised and refused: see <see cref="IsGenuine"/>.
/// </summary>
public readonly struct RiskApproved<T>
    where T : struct
{
    internal RiskApproved(in T value)
    {
        Value = value;
        IsGenuine = true;
    }

    public T Value { get; }

    /// <summary>False for <c>default</c>, which no gate has seen.</summary>
    public bool IsGenuine { get; }
}

/// <summary>What the gate said.</summary>
public readonly struct RiskDecision
{
    internal RiskDecision(RiskApproved<Model.Orders.OrderRequest> approved) => Approved = approved;

    internal RiskDecision(in RiskReject reject) => Reject = reject;

    public bool IsApproved => Approved.IsGenuine;

    public RiskApproved<Model.Orders.OrderRequest> Approved { get; }

    /// <summary>Rule None when approved.</summary>
    public RiskReject Reject { get; }
}
