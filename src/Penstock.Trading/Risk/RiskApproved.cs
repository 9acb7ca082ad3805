using System.Diagnostics.CodeAnalysis;

namespace Penstock.Trading.Risk;

/// <summary>
/// Proof as a type: only <see cref="RiskGate"/> can make one, and execution takes nothing else (invariant I1). The empty
/// value every struct has is recognised and refused: see <see cref="IsGenuine"/>.
/// </summary>
public readonly struct RiskApproved<T>
    where T : struct
{
    private readonly T _value;

    internal RiskApproved(in T value)
    {
        _value = value;
        IsGenuine = true;
    }

    /// <summary>Seen in place: an order is copied as seldom as it can be.</summary>
    [UnscopedRef]
    public ref readonly T Value => ref _value;

    /// <summary>False for <c>default</c>, which no gate has seen.</summary>
    public bool IsGenuine { get; }
}
