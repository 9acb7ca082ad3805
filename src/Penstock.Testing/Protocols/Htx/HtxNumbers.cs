using System.Globalization;
using Penstock.Model.Numbers;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>Numbers as Java writes doubles, which is how they leave the venue: 100.0, 9.7E-4, 1.2E7; zero as an integer.</summary>
internal static class HtxNumbers
{
    public static string Of(long raw)
    {
        if (raw == 0) return "0";
        var value = (decimal)raw / FixedPoint.Scale;
        if (value is >= 0.001m and < 10_000_000m) return value.ToString("0.0#######", CultureInfo.InvariantCulture);
        var exponent = 0;
        for (; value < 1; value *= 10) exponent--;
        for (; value >= 10; value /= 10) exponent++;
        return value.ToString("0.0##################", CultureInfo.InvariantCulture) + "E" + exponent.ToString(CultureInfo.InvariantCulture);
    }
}
