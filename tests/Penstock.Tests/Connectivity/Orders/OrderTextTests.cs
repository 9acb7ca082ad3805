using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Connectivity.Orders;

public class OrderTextTests
{
    [Theory]
    [InlineData("0.00000001", 1, 1)]
    [InlineData("0.000000011", 2, 1)]
    [InlineData("-0.000000011", -1, -2)]
    [InlineData("0.0000000000000000000000000000000000000000000001", 1, 0)]
    [InlineData("1e-9", 1, 0)]
    [InlineData("-1.5E-9", 0, -1)]
    [InlineData("12.345678900000", 1234567890, 1234567890)]
    [InlineData("0.33333333333333333333333333333333333333333333", 33333334, 33333333)]
    [InlineData("-0.00000192834500", -192, -193)]
    public void Amounts_finer_than_the_scale_are_rounded_to_our_disadvantage(string text, long up, long down)
    {
        Assert.Equal(DecimalStatus.Ok, FeeText.TryParseRoundedUp(Encoding.ASCII.GetBytes(text), out var raised));
        Assert.Equal(DecimalStatus.Ok, FeeText.TryParseRoundedDown(Encoding.ASCII.GetBytes(text), out var lowered));
        Assert.Equal((up, down), (raised, lowered));
    }

    [Theory]
    [InlineData("1e30", DecimalStatus.Overflow)]
    [InlineData("99999999999999999999.999999999999999999999999999999", DecimalStatus.Overflow)]
    [InlineData("1.", DecimalStatus.Malformed)]
    [InlineData("abc", DecimalStatus.Malformed)]
    [InlineData("", DecimalStatus.Empty)]
    public void Amounts_that_are_none_say_so(string text, DecimalStatus expected) =>
        Assert.Equal(expected, FeeText.TryParseRoundedUp(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Rounding_agrees_with_decimal_arithmetic_on_random_fees()
    {
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var value = new decimal(random.Next(), random.Next(), 0, random.Next(2) == 0, (byte)random.Next(8, 20));
            var text = Encoding.ASCII.GetBytes(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var scaled = value * 100_000_000m;
            if (Math.Abs(scaled) > long.MaxValue / 2) continue;
            FeeText.TryParseRoundedUp(text, out var up);
            FeeText.TryParseRoundedDown(text, out var down);
            Assert.Equal(((long)decimal.Ceiling(scaled), (long)decimal.Floor(scaled)), (up, down));
        }
    }

    [Fact]
    public void Trade_ids_are_the_venues_numbers_or_a_stable_hash()
    {
        Assert.Equal(36729573, TradeIdNumber.Of("36729573"u8));
        Assert.Equal(0, TradeIdNumber.Of(""u8));
        Assert.Equal(TradeIdNumber.Of("TKBXXX-AAAAA-BBBBB1"u8), TradeIdNumber.Of("TKBXXX-AAAAA-BBBBB1"u8));
        Assert.NotEqual(TradeIdNumber.Of("TKBXXX-AAAAA-BBBBB1"u8), TradeIdNumber.Of("TKBXXX-AAAAA-BBBBB2"u8));
        // The value is part of journals: another one would apply old fills twice.
        Assert.Equal(unchecked((long)(0xaf63dc4c8601ec8cUL & long.MaxValue)), TradeIdNumber.Of("a"u8));
        Assert.True(TradeIdNumber.Of("99999999999999999999"u8) > 0);
    }

    [Fact]
    public void A_document_is_accepted_exactly_when_the_frameworks_reader_accepts_it()
    {
        // Goal: the scanner is a strict JSON validator. Method: random damage to a document, System.Text.Json as the twin.
        var document = """ {"a":[1,-2.5e+3,"x\"\u00e9\\y",{"b":null,"c":[]}],"d":true , "e":{},"f":false,"g":"\/","h":0.10} """;
        var clean = Encoding.UTF8.GetBytes(document);
        var random = new Random(3);
        var options = new JsonReaderOptions { MaxDepth = 32 };
        var accepted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = clean.ToArray();
            for (var damage = random.Next(1, 3); damage > 0; damage--) text[random.Next(text.Length)] = (byte)" {}[]\",:0-1.eE\\u"[random.Next(16)];
            if (random.Next(4) == 0) text = text[..random.Next(text.Length)];
            var cause = JsonValue.Parse(text, out var root);
            Assert.Equal(TwinAccepts(text, options), cause == QuarantineCause.None);
            if (cause == QuarantineCause.None) accepted++;
            else Assert.False(root.IsPresent);
        }

        Assert.True(accepted > 500, $"Only {accepted} damaged documents were still valid: the test would prove little.");
    }

    [Fact]
    public void Members_elements_escapes_and_picked_fields_are_found()
    {
        var text = """{"s":"BTC\/USD","n":1e-08,"u":"\u0041\ud83d\ude00","l":[1,[2],{"x":"]"}],"o":{"s":"inner"},"z":null}"""u8.ToArray();
        Assert.Equal(QuarantineCause.None, JsonValue.Parse(text, out var root));
        Assert.True(root["s"u8].Is("BTC/USD"u8));
        Assert.True(root["u"u8].Is("A😀"u8));
        Assert.True(root["o"u8]["s"u8].Is("inner"u8));
        Assert.True(root["z"u8].IsEmpty && !root["none"u8].IsPresent);
        var elements = 0;
        foreach (var element in root["l"u8].Elements) elements += element.IsPresent ? 1 : 0;
        Assert.Equal(3, elements);
        var fields = new JsonFields("n", "missing", "o");
        Span<JsonRange> ranges = stackalloc JsonRange[fields.Count];
        var cause = fields.Pick(root, ranges, out var picked);
        Assert.Equal(1, picked[0].RequireQuantity(ref cause).Raw);
        Assert.False(picked[1].IsPresent);
        Assert.True(picked[2].IsObject);
        Assert.Equal(QuarantineCause.None, cause);
    }

    [Fact]
    public void Nesting_beyond_the_limit_and_broken_utf8_are_causes_and_not_exceptions()
    {
        Assert.Equal(QuarantineCause.Malformed, JsonValue.Parse(Encoding.ASCII.GetBytes(new string('[', 100_000)), out _));
        Assert.Equal(QuarantineCause.InvalidUtf8, JsonValue.Parse([(byte)'"', 0xC3, (byte)'"'], out _));
        Assert.Equal(QuarantineCause.Truncated, JsonValue.Parse("{\"a\":tru"u8, out _));
        Assert.Equal(QuarantineCause.Malformed, JsonValue.Parse("{}{}"u8, out _));
    }

    [Fact, Trait("requirement", "R20")]
    public void A_name_that_comes_twice_is_no_value_and_an_error_where_it_is_picked()
    {
        Assert.Equal(QuarantineCause.None, JsonValue.Parse("""{"i":1,"x":0,"i":2,"y":3,"y":4}"""u8, out var root));
        Assert.False(root["i"u8].IsPresent);
        Assert.True(root["x"u8].IsPresent);
        var fields = new JsonFields("x", "i");
        Span<JsonRange> ranges = stackalloc JsonRange[fields.Count];
        Assert.Equal(QuarantineCause.Malformed, fields.Pick(root, ranges, out var picked));
        Assert.False(picked[0].IsPresent || picked[1].IsPresent);
        Assert.Equal(QuarantineCause.None, new JsonFields("x", "none").Pick(root, ranges, out _));
        Assert.Equal(QuarantineCause.Malformed, fields.Pick(new JsonValue("[]"u8), ranges, out _));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("\"2510789768709120\"", true)]
    [InlineData("12345678901234567890123456", true)]
    [InlineData("\"OQCLML-BW3P3-BUCMWZ\"", true)]
    [InlineData("\"1\\\",\\\"x\\\":\\\"\"", false)]
    [InlineData("\"1&symbol=ETHUSDT\"", false)]
    [InlineData("\"\\u0000\"", false)]
    [InlineData("\"1234567890123456789012345678901234567890\"", false)]
    [InlineData("{}", false)]
    [InlineData("true", false)]
    public void An_order_id_that_could_end_the_request_it_is_written_into_is_none(string json, bool accepted)
    {
        Assert.Equal(QuarantineCause.None, JsonValue.Parse(Encoding.UTF8.GetBytes(json), out var value));
        var cause = QuarantineCause.None;
        var id = value.VenueOrderIdOrEmpty(ref cause);
        Assert.Equal(accepted ? (QuarantineCause.None, false) : (QuarantineCause.Malformed, true), (cause, id.IsEmpty));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"1e\"")]
    [InlineData("\"0.3333333333333333333333333333333333333333333.3\"")]
    [InlineData("\"33333333333333333333333333333333333333333e-e1\"")]
    public void A_fee_that_is_no_number_is_malformed_however_long_it_is(string json)
    {
        var (fee, amount) = (QuarantineCause.None, QuarantineCause.None);
        var value = new JsonValue(Encoding.ASCII.GetBytes(json));
        Assert.Equal((0L, 0L), (value.FeeOrZero(ref fee), value.AmountOrZero(ref amount)));
        Assert.Equal((QuarantineCause.Malformed, QuarantineCause.Malformed), (fee, amount));
    }

    [Fact, Trait("requirement", "R16")]
    public void Times_that_leave_64_bits_are_out_of_range_and_not_another_time()
    {
        var cause = QuarantineCause.None;
        Assert.Equal(default, new JsonValue("\"9223372036855\""u8).UnixMsOrZero(ref cause));
        Assert.Equal(QuarantineCause.NumberOutOfRange, cause);
    }

    private static bool TwinAccepts(byte[] text, JsonReaderOptions options)
    {
        try
        {
            var reader = new Utf8JsonReader(text, options);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
