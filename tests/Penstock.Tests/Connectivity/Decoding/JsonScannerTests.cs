using System.Globalization;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Connectivity.Decoding;

public class JsonScannerTests
{
    private static readonly string[] Seeds =
    [
        """{"a":[1,-2.5e+10,true,false,null,"x\n\u00e9\\",{}],"b":{"c":[[],[[]]]},"d":0.10}""",
        """ [ "" , 0 , -0 , 1E5 , { "k" : "v" } ] """,
        """{"stream":"btcusdt@depth","data":{"e":"depthUpdate","b":[["1.5","2"]],"a":[]}}""",
        "\"Zürich €\"",
    ];

    [Fact, Trait("requirement", "R20")]
    public void It_accepts_and_refuses_exactly_what_the_platform_parser_does()
    {
        var random = new Random(11);
        var alphabet = "{}[]:,\"\\0123456789.eE+-tfn u\tx"u8.ToArray();
        int good = 0, bad = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]);
            for (var edits = random.Next(3); edits > 0; edits--) text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            var expected = IsValid(text);
            Assert.True(expected == (JsonScanner.Validate(text) == QuarantineCause.None), Encoding.UTF8.GetString(text));
            if (expected) good++;
            else bad++;
        }

        Assert.True(good > 1000 && bad > 1000);
    }

    [Fact, Trait("requirement", "R20")]
    public void Every_beginning_of_a_document_is_truncated_and_nothing_else()
    {
        foreach (var seed in Seeds.Take(3))
        {
            var text = Encoding.ASCII.GetBytes(seed.Trim());
            for (var length = 0; length < text.Length; length++)
                Assert.Equal(QuarantineCause.Truncated, JsonScanner.Validate(text.AsSpan(0, length)));
            Assert.Equal(QuarantineCause.None, JsonScanner.Validate(text));
            Assert.Equal(QuarantineCause.Malformed, JsonScanner.Validate([.. text, (byte)'1']));
        }
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData(JsonScanner.DepthMax, QuarantineCause.None)]
    [InlineData(JsonScanner.DepthMax + 1, QuarantineCause.Malformed)]
    public void Nesting_is_limited(int depth, QuarantineCause expected) =>
        Assert.Equal(expected, JsonScanner.Validate(Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth))));

    [Fact]
    public void The_same_key_twice_is_an_error_where_the_key_matters()
    {
        JsonValue slot = default;
        var scanner = new JsonScanner("{\"a\":1,\"a\":2}"u8);
        scanner.BeginObject();
        while (scanner.NextKey(out _)) scanner.Take(ref slot);
        Assert.Equal(QuarantineCause.Malformed, scanner.Finish());
    }

    [Fact, Trait("requirement", "R17"), Trait("requirement", "P11")]
    public void Fast_decimals_equal_the_careful_ones_wherever_they_stand()
    {
        var random = new Random(3);
        for (var round = 0; round < 50_000; round++)
        {
            var number = RandomDecimal(random);
            var status = FixedPoint.TryParse(Encoding.ASCII.GetBytes(number), out var raw, out var decimals);
            var padding = new string('"', random.Next(1, 12));
            var scanner = new JsonScanner(Encoding.ASCII.GetBytes(number + padding));
            var taken = scanner.TryTakeDecimal(out var fastRaw, out var fastDecimals);
            Assert.True(taken == (status == DecimalStatus.Ok), number);
            if (!taken) continue;
            Assert.Equal((raw, decimals), (fastRaw, fastDecimals));
            Assert.True(scanner.TryTake(Encoding.ASCII.GetBytes(padding)) && scanner.AtEnd);
        }
    }

    [Fact, Trait("requirement", "R17"), Trait("requirement", "R20")]
    public void Pairs_equal_their_naive_twin_wherever_they_stand_and_whatever_follows_the_text()
    {
        var random = new Random(23);
        var alphabet = "[]\",.0123456789-e x"u8.ToArray();
        int taken = 0, refused = 0;
        for (var round = 0; round < 10_000; round++)
        {
            var levels = new StringBuilder();
            var (wholes, decimals) = (random.Next(1, 10), random.Next(0, 10));
            for (var level = random.Next(1, 6); level > 0; level--)
            {
                // Usually the form of the level before, as in earnest; sometimes any other.
                if (random.Next(4) == 0) (wholes, decimals) = (random.Next(1, 10), random.Next(0, 10));
                levels.Append("[\"").Append(Number()).Append("\",\"").Append(Number()).Append("\"]");
            }

            var text = Encoding.ASCII.GetBytes(levels.ToString());
            for (var edits = random.Next(4) == 0 ? 1 : 0; edits > 0; edits--) text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            var length = random.Next(4) == 0 ? random.Next(text.Length) : text.Length;
            var expected = Naive(text[..length]);
            // What lies behind the span must not matter: zeros, digits that would go on, quotes that would end.
            foreach (var behind in "\0" + "7\"")
            {
                var padded = new byte[length + 64];
                padded.AsSpan().Fill((byte)behind);
                text.AsSpan(0, length).CopyTo(padded);
                Assert.Equal(expected, Pairs(padded.AsSpan(0, length)));
            }

            if (expected[^1] == "end") taken++;
            else refused++;

            string Number() => random.Next(10) == 0 ? RandomDecimal(random)
                : random.NextInt64((long)Math.Pow(10, wholes)).ToString("D" + random.Next(1, wholes + 1), CultureInfo.InvariantCulture)
                    + (decimals == 0 ? "" : "." + random.NextInt64((long)Math.Pow(10, decimals)).ToString("D" + decimals, CultureInfo.InvariantCulture));
        }

        Assert.True(taken > 1000 && refused > 1000, $"{taken} taken, {refused} refused");
    }

    private static List<string> Pairs(ReadOnlySpan<byte> text)
    {
        var pairs = new List<string>();
        var scanner = new JsonScanner(text);
        while (!scanner.AtEnd)
        {
            if (!scanner.TryTakePair(out var first, out var firstDecimals, out var second, out var secondDecimals))
            {
                pairs.Add("refused");
                return pairs;
            }

            pairs.Add($"{first}/{firstDecimals} {second}/{secondDecimals}");
        }

        pairs.Add("end");
        return pairs;
    }

    private static List<string> Naive(byte[] bytes)
    {
        var pairs = new List<string>();
        var text = Encoding.ASCII.GetString(bytes);
        while (text.Length > 0)
        {
            var parts = text.StartsWith("[\"", StringComparison.Ordinal) ? text[2..].Split('"', 4) : [];
            if (parts.Length < 4 || parts[1] != "," || !parts[3].StartsWith(']')) break;
            if (FixedPoint.TryParse(Encoding.ASCII.GetBytes(parts[0]), out var first, out var firstDecimals) != DecimalStatus.Ok) break;
            if (FixedPoint.TryParse(Encoding.ASCII.GetBytes(parts[2]), out var second, out var secondDecimals) != DecimalStatus.Ok) break;
            pairs.Add($"{first}/{firstDecimals} {second}/{secondDecimals}");
            text = parts[3][1..];
        }

        pairs.Add(text.Length == 0 ? "end" : "refused");
        return pairs;
    }

    [Fact, Trait("requirement", "R20")]
    public void A_text_ends_at_its_quote_and_holds_printable_ascii_only()
    {
        for (var length = 0; length < 40; length++)
        {
            for (var c = 0; c < 256; c++)
            {
                var bytes = Enumerable.Repeat((byte)'a', length).Append((byte)c).Concat("b\"c"u8.ToArray()).ToArray();
                var scanner = new JsonScanner(bytes);
                var isText = scanner.TryTakeText(out var text);
                Assert.Equal(c is >= 0x20 and < 0x7F and not '\\', isText);
                if (!isText) continue;
                Assert.Equal(c == '"' ? length : length + 2, text.Length);
                Assert.True(scanner.TryTake(c == '"' ? "b\"c"u8 : "c"u8) && scanner.AtEnd);
            }
        }

        Assert.False(new JsonScanner("never ends"u8).TryTakeText(out _));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("0.5", true)]
    [InlineData("-0.5", true)]
    [InlineData("1e-08", true)]
    [InlineData("00.5", false)]
    [InlineData("-01", false)]
    [InlineData(".5", false)]
    [InlineData("5.", false)]
    [InlineData("+5", false)]
    [InlineData("NaN", false)]
    [InlineData("1e", false)]
    [InlineData("0.000000001", false)]
    [InlineData("92233720368.54775808", false)]
    [InlineData("92233720368.54775807", true)]
    public void Numbers_follow_the_grammar_of_json(string number, bool accepted) =>
        Assert.Equal(accepted, new JsonScanner(Encoding.ASCII.GetBytes(number + ",")).TryTakeNumber(out _, out _));

    [Fact, Trait("requirement", "R16")]
    public void Whole_numbers_are_exact_up_to_the_limits_of_64_bits()
    {
        foreach (var value in (long[])[0, 1, -1, 99_999_999, 100_000_000, 999_999_999_999_999_999, -5, 1_723_161_256_299])
        {
            var scanner = new JsonScanner(Encoding.ASCII.GetBytes(value + ","));
            Assert.True(scanner.TryTakeInt64(out var fast) && scanner.TryTake((byte)','));
            Assert.Equal(value, fast);
        }

        Assert.Equal((QuarantineCause.None, long.MaxValue), Int64("9223372036854775807"));
        Assert.Equal((QuarantineCause.None, long.MinValue), Int64("\"-9223372036854775808\""));
        Assert.Equal(QuarantineCause.NumberOverflow, Int64("9223372036854775808").Cause);
        Assert.Equal(QuarantineCause.NumberOverflow, Int64("17843232920108168701").Cause);
        Assert.Equal(QuarantineCause.Malformed, Int64("1.0").Cause);
        Assert.Equal(QuarantineCause.Malformed, Int64("\"\"").Cause);
        Assert.Equal(QuarantineCause.Malformed, Int64("null").Cause);
        Assert.False(new JsonScanner("9999999999999999999,"u8).TryTakeInt64(out _));
        Assert.False(new JsonScanner("007,"u8).TryTakeInt64(out _));
    }

    [Theory]
    [InlineData("\"BTC\\/USD\"", "BTC/USD")]
    [InlineData("\"\\u0041\\n\\u20ac\\ud83d\\ude00\"", "A\n€😀")]
    [InlineData("\"plain\"", "plain")]
    public void Escapes_are_resolved_as_the_platform_parser_resolves_them(string json, string expected)
    {
        Span<byte> scratch = stackalloc byte[64];
        Assert.True(new JsonValue(Encoding.UTF8.GetBytes(json)).TryGetText(scratch, out var text));
        Assert.Equal(expected, Encoding.UTF8.GetString(text));
        Assert.Equal(expected, JsonSerializer.Deserialize<string>(json));
    }

    [Theory]
    [InlineData("\"\\ud83d\"")]
    [InlineData("\"\\ud83dxxxxxx\"")]
    [InlineData("\"\\ude00\"")]
    public void Half_a_surrogate_pair_is_no_text(string json) =>
        Assert.False(new JsonValue(Encoding.UTF8.GetBytes(json)).TryGetText(new byte[64], out _));

    [Fact, Trait("requirement", "R16")]
    public void Iso_times_equal_the_platforms_to_the_tick_and_go_on_to_the_nanosecond()
    {
        var random = new Random(5);
        for (var round = 0; round < 5_000; round++)
        {
            var time = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(290L * 365 * TimeSpan.TicksPerDay));
            var text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "42Z";
            Assert.True(IsoTime.TryParse(Encoding.ASCII.GetBytes(text), out var parsed), text);
            Assert.Equal((time - DateTimeOffset.UnixEpoch).Ticks * 100 + 42, parsed.UnixNs);
        }

        Assert.True(IsoTime.TryParse("2024-02-29T00:00:00Z"u8, out _));
        foreach (var wrong in (string[])["2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:00:00",
            "2023-01-01T00:00:00.Z", "2023-01-01T00:00:00.1234567890Z", "2023-01-01 00:00:00Z", "1969-12-31T23:59:59Z", "", "Z"])
            Assert.False(IsoTime.TryParse(Encoding.ASCII.GetBytes(wrong), out _), wrong);
    }

    [Fact]
    public void Crc32_equals_the_bitwise_definition()
    {
        Assert.Equal(0xCBF43926u, IeeeCrc32.Compute("123456789"u8));
        var random = new Random(9);
        for (var length = 0; length < 100; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            var crc = uint.MaxValue;
            foreach (var b in data)
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }

            Assert.Equal(~crc, IeeeCrc32.Compute(data));
        }
    }

    private static (QuarantineCause Cause, long Value) Int64(string json)
    {
        var cause = new JsonValue(Encoding.ASCII.GetBytes(json)).GetInt64(out var value);
        return (cause, value);
    }

    private static string RandomDecimal(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(20) == 0) text.Append('-');
        for (var digits = random.Next(0, random.Next(3) == 0 ? 22 : 9); digits > 0; digits--) text.Append((char)('0' + random.Next(10)));
        if (random.Next(4) != 0)
        {
            text.Append('.');
            for (var digits = random.Next(0, random.Next(5) == 0 ? 14 : 9); digits > 0; digits--)
                text.Append(random.Next(3) == 0 ? '0' : (char)('0' + random.Next(10)));
        }

        if (random.Next(20) == 0) text.Append("e-0").Append(random.Next(10));
        return text.ToString();
    }

    private static bool IsValid(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return System.Text.Unicode.Utf8.IsValid(text); // the platform's looks at it only when the string is asked for
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
