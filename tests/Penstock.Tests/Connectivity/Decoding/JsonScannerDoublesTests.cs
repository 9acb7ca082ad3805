using System.Globalization;
using System.Text;
using Penstock.Connectivity.Decoding;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Connectivity.Decoding;

/// <summary>The quick reader of doubles against the one that takes its time.</summary>
public class JsonScannerDoublesTests
{
    [Fact, Trait("requirement", "R17")]
    public void It_takes_what_the_careful_parser_takes_and_gives_the_same()
    {
        var random = new Random(41);
        int taken = 0, refused = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var text = Text(random);
            var scale = random.Next(3) == 0 ? random.Next(8, FixedPoint.ScaleMax + 1) : FixedPoint.Decimals;
            var expected = FixedPoint.TryParse(Encoding.ASCII.GetBytes(text), scale, out var raw, out var decimals);
            var scanner = new JsonScanner(Encoding.ASCII.GetBytes(text + ",12345678"));
            if (!scanner.TryTakeDouble(scale, out var actual, out var actualDecimals))
            {
                // In another scale than ours the unusual forms are left to the careful path.
                Assert.True(expected != DecimalStatus.Ok || IsNotJson(text) || scale != FixedPoint.Decimals, text);
                refused++;
                continue;
            }

            Assert.True(expected == DecimalStatus.Ok && !IsNotJson(text), text);
            Assert.Equal((text, raw, decimals), (text, actual, actualDecimals));
            Assert.True(scanner.TryTake(",12345678"u8) && scanner.AtEnd);
            taken++;
        }

        Assert.True(taken > 50_000 && refused > 20_000, $"{taken} {refused}");
    }

    [Theory]
    [InlineData("9.7E-4", 97_000)]
    [InlineData("5.0E-8", 5)]
    [InlineData("1.734165192452E8", 17_341_651_924_520_000)]
    [InlineData("4.0E7", 4_000_000_000_000_000)]
    [InlineData("0.0", 0)]
    [InlineData("0", 0)]
    [InlineData("26.75597395", 2_675_597_395)]
    public void Numbers_of_the_recording(string text, long raw)
    {
        var scanner = new JsonScanner(Encoding.ASCII.GetBytes(text));
        Assert.True(scanner.TryTakeDouble(FixedPoint.Decimals, out var actual, out _) && scanner.AtEnd);
        Assert.Equal(raw, actual);
    }

    private static bool IsNotJson(string text)
    {
        var digits = text.TrimStart('-');
        return digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
    }

    private static string Text(Random random)
    {
        var magnitude = Math.Pow(10, random.Next(-10, 12));
        var text = random.Next(5) switch
        {
            0 => Java(random.NextDouble() * magnitude),
            1 => Java(Math.Round(random.NextDouble() * 1_000, random.Next(6))),
            2 => random.Next(100_000).ToString(CultureInfo.InvariantCulture),
            3 => $"{random.Next(10)}.{random.Next(1_000)}E{random.Next(-10, 12)}",
            _ => $"{random.Next(1_000)}.{random.NextInt64(1L << random.Next(1, 62))}",
        };
        if (random.Next(4) > 0) return text;
        var edited = text.ToCharArray();
        edited[random.Next(edited.Length)] = "0123456789.E-+e"[random.Next(15)];
        return new string(edited);
    }

    /// <summary>As Double.toString of Java does it.</summary>
    private static string Java(double value)
    {
        if (value is >= 1e-3 and < 1e7) return value.ToString("0.0################", CultureInfo.InvariantCulture);
        var parts = value.ToString("E16", CultureInfo.InvariantCulture).Split('E');
        var mantissa = parts[0].TrimEnd('0');
        return $"{(mantissa.EndsWith('.') ? mantissa + "0" : mantissa)}E{int.Parse(parts[1], CultureInfo.InvariantCulture)}";
    }
}
