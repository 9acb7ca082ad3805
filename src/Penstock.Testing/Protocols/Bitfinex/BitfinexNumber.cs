using System.Globalization;
using Penstock.Model.Numbers;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>Numbers as JavaScript writes them, which is how this venue's server does: shortest, 9.1e-7 below a millionth.</summary>
internal static class BitfinexNumber
{
    public static Utf8Text Number(this Utf8Text text, long raw) =>
        raw is 0 or >= 100 or <= -100 ? text.Write($"{new Fixed(raw, -1)}") : text.Raw(Small(raw));

    private static string Small(long raw)
    {
        var (digits, exponent) = Math.Abs(raw) < 10 ? (raw, 8) : (raw, 7);
        var mantissa = exponent == 8 ? digits : digits / 10m;
        return mantissa.ToString("0.#", CultureInfo.InvariantCulture) + "e-" + exponent;
    }
}
