using System.Globalization;
using System.Numerics;
using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Vocabulary;

/// <summary>The naive twin of the parser is BigInteger arithmetic over the same text.</summary>
[Trait("requirement", "R17")]
public class FixedPointTests
{
    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("1", 100_000_000, 0)]
    [InlineData("0.00000001", 1, 8)]
    [InlineData("-0.00000001", -1, 8)]
    [InlineData("61762.01", 6_176_201_000_000, 2)]
    [InlineData("0.10000000", 10_000_000, 8)]
    [InlineData("0.1000000000000", 10_000_000, 13)]
    [InlineData("1e-08", 1, 0)]
    [InlineData("9.1E-7", 91, 0)]
    [InlineData("1.5e3", 150_000_000_000, 0)]
    [InlineData("92233720368.54775807", long.MaxValue, 8)]
    [InlineData("00012.5", 1_250_000_000, 1)]
    [InlineData("0.0000000000000000000000000", 0, 25)]
    public void Text_becomes_the_exact_value_and_the_digits_sent(string text, long raw, int decimals)
    {
        Assert.Equal(DecimalStatus.Ok, FixedPoint.TryParse(Encoding.ASCII.GetBytes(text), out var parsed, out var digits));
        Assert.Equal(raw, parsed);
        Assert.Equal(decimals, digits);
    }

    [Theory]
    [InlineData("", DecimalStatus.Empty)]
    [InlineData("-", DecimalStatus.Malformed)]
    [InlineData(".5", DecimalStatus.Malformed)]
    [InlineData("5.", DecimalStatus.Malformed)]
    [InlineData("1.2.3", DecimalStatus.Malformed)]
    [InlineData("+1", DecimalStatus.Malformed)]
    [InlineData(" 1", DecimalStatus.Malformed)]
    [InlineData("1 ", DecimalStatus.Malformed)]
    [InlineData("NaN", DecimalStatus.Malformed)]
    [InlineData("1e", DecimalStatus.Malformed)]
    [InlineData("1e-", DecimalStatus.Malformed)]
    [InlineData("1.e5", DecimalStatus.Malformed)]
    [InlineData("1e99999", DecimalStatus.Malformed)]
    [InlineData("0.000000001", DecimalStatus.Unrepresentable)]
    [InlineData("1e-9", DecimalStatus.Unrepresentable)]
    [InlineData("92233720368.54775808", DecimalStatus.Overflow)]
    [InlineData("99999999999999999999999999", DecimalStatus.Overflow)]
    [InlineData("1e300", DecimalStatus.Overflow)]
    [InlineData("99999999999999999999999999999999999999999999", DecimalStatus.Overflow)]
    public void Unusable_text_is_a_result_and_never_a_number(string text, DecimalStatus expected)
    {
        Assert.Equal(expected, FixedPoint.TryParse(Encoding.ASCII.GetBytes(text), out var raw, out _));
        Assert.Equal(0, raw);
    }

    [Fact]
    public void Random_decimals_parse_and_print_as_big_integers_do()
    {
        var random = new Random(20261121);
        Span<byte> printed = stackalloc byte[FixedPoint.TextBytesMax];
        for (var round = 0; round < 50_000; round++)
        {
            var whole = random.NextInt64(0, (long)Math.Pow(10, random.Next(1, 13)));
            var places = random.Next(0, 11);
            var fraction = places == 0 ? "" : random.NextInt64(0, (long)Math.Pow(10, places)).ToString(CultureInfo.InvariantCulture).PadLeft(places, '0');
            var text = (random.Next(2) == 0 ? "-" : "") + whole + (places == 0 ? "" : "." + fraction);

            var status = FixedPoint.TryParse(Encoding.ASCII.GetBytes(text), out var raw);
            var exact = BigInteger.Parse(whole + fraction.PadRight(11, '0'), CultureInfo.InvariantCulture);
            var expected = exact % 1000 != 0 ? DecimalStatus.Unrepresentable
                : exact / 1000 > long.MaxValue ? DecimalStatus.Overflow : DecimalStatus.Ok;
            if (expected == DecimalStatus.Ok || status == DecimalStatus.Ok)
            {
                Assert.Equal(expected, status);
                Assert.Equal(exact / 1000 * (text[0] == '-' ? -1 : 1), raw);
                var length = FixedPoint.Format(raw, printed);
                Assert.Equal(DecimalStatus.Ok, FixedPoint.TryParse(printed[..length], out var again));
                Assert.Equal(raw, again);
            }
        }
    }

    [Theory]
    [InlineData(long.MinValue, "-92233720368.54775808")]
    [InlineData(10_000_000, "0.1")]
    [InlineData(0, "0")]
    [InlineData(-150_000_000, "-1.5")]
    public void The_shortest_exact_text_is_printed(long raw, string text) => Assert.Equal(text, FixedPoint.ToText(raw));

    [Fact]
    public void Text_with_fixed_decimals_keeps_trailing_zeros()
    {
        Span<byte> buffer = stackalloc byte[FixedPoint.TextBytesMax];
        var length = FixedPoint.Format(10_000_000, 3, buffer);
        Assert.Equal("0.100", Encoding.ASCII.GetString(buffer[..length]));
    }

    [Fact]
    public void Notional_keeps_what_64_bits_cannot()
    {
        var notional = Notional.Of(new Price(long.MaxValue), new Quantity(long.MaxValue));
        Assert.Equal((Int128)long.MaxValue * long.MaxValue, notional.Raw);
        Assert.Equal(12.5m, Notional.Of(Price.From(2.5m), Quantity.From(5m)).ToDecimal());
    }

    [Fact]
    public void Rounding_to_a_step_never_crosses_the_value()
    {
        var step = Price.From(0.05m);
        Assert.Equal(Price.From(0.25m), Price.From(0.29m).FloorTo(step));
        Assert.Equal(Price.From(0.30m), Price.From(0.29m).CeilingTo(step));
        Assert.Equal(Price.From(-0.30m), Price.From(-0.29m).FloorTo(step));
        Assert.Equal(Price.From(0.30m), Price.From(0.30m).CeilingTo(step));
    }
}
