using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Conformance;

/// <summary>What every venue's order protocol must do, shown on the frames, rejects and signatures in its Fixtures folder.</summary>
public class OrderConformanceTests
{
    public static TheoryData<string> Venues =>
        [.. FeedFixtures.Venues.Select(row => row.Data).Where(venue => OrderFixtures.Create(venue) is not null)];

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_Damaged_frames_never_throw_and_add_nothing(string venue) =>
        OrdersTestKit.AssertSurvivesDamage(() => OrderFixtures.Create(venue)!, OrderFixtures.Frames(venue));

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_Hostile_frames_and_answers_are_refused(string venue)
    {
        var batch = new ExecutionBatch();
        string[] hostile =
        [
            "", "[]", "null", "{}", "{\"a\":1,}", "{\"id\":1,\"id\":2,\"event\":1,\"event\":2,\"method\":1,\"method\":2}",
            "{\"a\":" + new string('[', 1_000_000), "{\"a\":\"" + new string('x', 1_000_000), "{\"a\":" + new string('9', 1_000_000),
        ];
        foreach (var text in hostile)
        {
            var orders = OrderFixtures.Create(venue)!;
            var bytes = Encoding.ASCII.GetBytes(text);
            Assert.NotEqual(default, orders.Decode(bytes, batch));
            foreach (var status in (int[])[200, 400, 503])
            {
                // An empty list is an honest answer where answers are lists.
                var body = text == "[]" ? "7"u8 : bytes;
                var instrument = OrderFixtures.Instrument(venue);
                Assert.NotEqual(default, orders.Queries.DecodeOpenOrders(instrument, status, body, batch));
                Assert.NotEqual(default, orders.Queries.DecodeFills(instrument, status, body, batch));
                Assert.NotEqual(default, orders.Queries.DecodeBalances(status, body, batch));
                Assert.NotEqual(default, orders.Queries.DecodeQuery(OrdersTestKit.Id, instrument, status, body, batch));
            }

            Assert.True(batch.Reports.IsEmpty && batch.Balances.IsEmpty);
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R85")]
    public void C04_Encoding_and_decoding_allocate_nothing(string venue) =>
        OrdersTestKit.AssertHotPathAllocatesNothing(OrderFixtures.Create(venue)!, OrderFixtures.Frames(venue));

    /// <summary>The expected requests were signed by another program from the venue's page, whose own vectors it reproduced first.</summary>
    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R144")]
    public void C07_A_signed_request_is_the_one_another_program_signed(string venue)
    {
        using var vector = JsonDocument.Parse(File.ReadAllText(FeedFixtures.Fixture(venue, "signing.json")));
        string Of(string name) => vector.RootElement.GetProperty(name).GetString()!;
        var orders = OrderFixtures.CreateUntouched(venue, new Credentials { ApiKey = Of("apiKey"), Secret = Of("secret"), Passphrase = Of("passphrase") });
        var request = orders.Queries.Balances(vector.RootElement.GetProperty("unixNs").GetInt64());
        List<string> lines = [$"{request.Method} {request.PathAndQuery}", .. request.Headers.Select(h => $"{h.Key}: {h.Value}")];
        if (request.Body is not null) lines.AddRange([$"Content-Type: {request.ContentType}", "", request.Body]);
        string[] expected = [.. vector.RootElement.GetProperty("request").EnumerateArray().Select(line => line.GetString()!)];
        if (vector.RootElement.TryGetProperty("publicKey", out var key)) AssertSignedAlike(key.GetString()!, expected, lines);
        else Assert.Equal(expected, lines);
    }

    /// <summary>A signature that differs every time (ES256) is verified; what it signs is compared. The token ends the last line.</summary>
    private static void AssertSignedAlike(string publicKey, string[] expected, List<string> lines)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(publicKey);
        Assert.Equal(expected[..^1], lines[..^1]);
        Assert.Equal(expected[^1][..expected[^1].LastIndexOf('.')], lines[^1][..lines[^1].LastIndexOf('.')]);
        foreach (var line in (string[])[expected[^1], lines[^1]])
        {
            var token = line[(line.LastIndexOf(' ') + 1)..];
            var end = token.LastIndexOf('.');
            Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(token[..end]), Base64Url.DecodeFromChars(token.AsSpan(end + 1)), HashAlgorithmName.SHA256), line);
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R79"), Trait("requirement", "R86")]
    public void C08_Every_order_is_encoded_exactly_or_refused_with_a_reason_and_without_a_byte(string venue)
    {
        var orders = OrderFixtures.Create(venue)!;
        var reduces = FeedFixtures.Create(venue).Profile.Capabilities.HasFlag(VenueCapabilities.ReduceOnly);
        var encoded = 0;
        foreach (var order in Combinations())
        {
            if (OrdersTestKit.TryPlace(orders, order, out var frame) != RejectReason.None) continue;
            Assert.True(reduces || (order.Flags & OrderFlags.ReduceOnly) == 0);
            encoded++;
            if (orders is not IRestOrderEntry) JsonDocument.Parse(frame).Dispose();
            Assert.Contains(OrderFixtures.IdText(venue), frame, StringComparison.Ordinal);
            Assert.Contains(order.Quantity.ToString(), frame, StringComparison.Ordinal);
            Assert.True(order.Side != Side.None && order.Quantity.Raw > 0);
            Assert.Equal(reduces && (order.Flags & OrderFlags.ReduceOnly) != 0, frame.Contains("reduceOnly", StringComparison.OrdinalIgnoreCase));
            if (order.Type == OrderType.Limit) Assert.True(order.Price.Raw > 0);
            if (order.Price.Raw > 1)
                Assert.Equal(order.Type == OrderType.Limit, frame.Contains(order.Price.ToString(), StringComparison.Ordinal));
        }

        Assert.True(encoded >= 5 * 2, $"Only {encoded} orders were taken: limit, post-only, IOC, FOK and market, of both sides, are the least.");
        OrdersTestKit.AssertRefusesWhatItCannotEncode(orders, reduces);
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R86"), Trait("requirement", "R90")]
    public void C09_Every_documented_reject_becomes_a_reason_and_what_the_venue_does_not_know_is_no_reject(string venue)
    {
        var writer = new FrameWriter();
        foreach (var line in FeedFixtures.Lines(venue, "rejects.txt"))
        {
            var parts = line.Split(' ', 4); // what it is, why, the venue's number, and the frame
            var orders = OrderFixtures.Create(venue)!;
            orders.WritePlace(OrdersTestKit.Order("limit"), writer, OrdersTestKit.UnixNs);
            orders.WriteCancel(OrdersTestKit.Cancel(), writer, OrdersTestKit.UnixNs);
            orders.WriteAmend(OrdersTestKit.Amend(), writer, OrdersTestKit.UnixNs);
            var report = orders is IRestOrderEntry rest ? Answer(rest, venue, parts) : OrdersTestKit.Report(orders, OrderFixtures.Named(parts[3], venue));
            Assert.Equal((parts[0], parts[1], parts[2]), (report.Kind.ToString(), report.Reason.ToString(), $"{report.RawCode}"));
            Assert.Equal((OrdersTestKit.Id, report.Kind == ExecutionKind.Rejected ? OrderState.Rejected : OrderState.None), (report.ClientOrderId, report.State));
        }
    }

    /// <summary>Where orders are REST calls the last part is the answer's body, with "HTTP 200 " before it where the status is not 400.</summary>
    private static ExecutionReport Answer(IRestOrderEntry rest, string venue, string[] parts)
    {
        var (status, body) = parts[3].StartsWith("HTTP ", StringComparison.Ordinal) ? (int.Parse(parts[3][5..8], CultureInfo.InvariantCulture), parts[3][9..]) : (400, parts[3]);
        return OrdersTestKit.Answer(rest, Enum.Parse<ExecutionKind>(parts[0]), status, OrderFixtures.Named(body, venue));
    }

    private static IEnumerable<OrderRequest> Combinations() =>
        from type in Enum.GetValues<OrderType>()
        from time in Enum.GetValues<TimeInForce>()
        from flags in (OrderFlags[])[OrderFlags.None, OrderFlags.PostOnly, OrderFlags.ReduceOnly, OrderFlags.PostOnly | OrderFlags.ReduceOnly]
        from side in Enum.GetValues<Side>()
        from price in (Price[])[Price.Zero, Price.From(-1m), Price.From(23416.10m), new Price(1), new Price(long.MaxValue - 1)]
        from quantity in (Quantity[])[Quantity.Zero, Quantity.From(-1m), Quantity.From(0.00847m), new Quantity(long.MaxValue)]
        select OrdersTestKit.Order("limit") with { Type = type, TimeInForce = time, Flags = flags, Side = side, Price = price, Quantity = quantity };
}
