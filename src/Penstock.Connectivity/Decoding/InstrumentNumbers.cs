using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>Reading ticks and lots from instrument lists.</summary>
public static class InstrumentNumbers
{
    /// <summary>False, and zero, when the value is absent, empty, finer than 1e-8 or too large.</summary>
    public static bool TryRead(JsonValue value, out long raw) => value.GetDecimal(out raw, out _) == QuarantineCause.None;

    /// <summary>How many digits after the point a multiple of the step needs: 0.00500000 needs 3.</summary>
    public static int DecimalsOf(long stepRaw)
    {
        var decimals = FixedPoint.Decimals;
        for (; decimals > 0 && stepRaw % 10 == 0; stepRaw /= 10) decimals--;
        return decimals;
    }
}
