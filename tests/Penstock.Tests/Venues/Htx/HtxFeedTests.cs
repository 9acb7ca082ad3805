using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Venues.Htx;

public class HtxFeedTests
{
    private const string Recording = "htx-spot.cf-20210417.jsonl.gz";

    [Fact, Trait("requirement", "R15")]
    public void A_gzip_frame_means_what_its_text_means()
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var twin = FeedFixtures.CreateFeed("Htx");
        FeedBatch batch = new(), expected = new();
        foreach (var frame in FeedFixtures.Frames("Htx"))
        {
            var cause = twin.Decode(frame, expected);
            Assert.Equal(FeedFixtures.Describe(cause, expected), FeedFixtures.Describe(feed.Decode(Pack(frame), batch), batch));
        }
    }

    [Fact, Trait("requirement", "R20")]
    public void A_damaged_gzip_frame_is_set_aside_and_the_next_one_decodes()
    {
        var random = new Random(5);
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        var frames = FeedFixtures.Frames("Htx").Where(frame => feed.Decode(frame, batch) == QuarantineCause.None).Select(Pack).ToArray();
        var setAside = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var frame = (byte[])frames[random.Next(frames.Length)].Clone();
            var meant = FeedFixtures.Describe(feed.Decode(frame, batch), batch);
            var isCut = round % 2 == 0;
            if (!isCut) frame[random.Next(10, frame.Length)] ^= (byte)(1 << random.Next(8));
            var cause = feed.Decode(isCut ? frame.AsSpan(0, random.Next(2, frame.Length)) : frame, batch);
            if (cause == QuarantineCause.None)
            {
                // The last bits of a deflate block mean nothing.
                Assert.False(isCut);
                Assert.Equal(meant, FeedFixtures.Describe(cause, batch));
                continue;
            }

            setAside++;
            Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
            Assert.Equal(QuarantineCause.None, feed.Decode(frames[random.Next(frames.Length)], batch));
        }

        Assert.InRange(setAside, 1_950, 2_000);
    }

    [Fact, Trait("requirement", "R18")]
    public void A_gzip_bomb_is_too_large()
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.TooLarge, feed.Decode(Pack(new byte[50_000_000]), batch));
        Assert.Equal(QuarantineCause.None, feed.Decode(Pack("{\"ping\":1}"u8.ToArray()), batch));
    }

    [Fact, Trait("requirement", "R108")]
    public void The_venues_ping_is_answered_once_with_its_own_number_and_not_across_connections()
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        Assert.Empty(Pending(feed));
        feed.Decode("{\"ping\":1492420473027}"u8, batch);
        feed.Decode("{\"ping\":1492420478027}"u8, batch);
        Assert.Equal(["{\"pong\":1492420478027}"], Pending(feed));
        Assert.Empty(Pending(feed));
        feed.Decode(Pack("{\"ping\" : 7}"u8.ToArray()), batch);
        feed.Reset();
        Assert.Empty(Pending(feed));
        Assert.False(feed.TryWritePing(new FrameWriter()));
    }

    [Fact, Trait("requirement", "R113")]
    public void Subscriptions_and_the_request_for_a_book_name_topic_and_symbol()
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var writer = new FrameWriter();
        feed.WriteSubscribe([Instrument("btcusdt"), Instrument("ethusdt")], writer);
        Assert.Equal(
        [
            """{"sub":"market.btcusdt.mbp.150","id":"btcusdt"}""", """{"sub":"market.ethusdt.mbp.150","id":"ethusdt"}""",
            """{"sub":"market.btcusdt.trade.detail","id":"btcusdt"}""", """{"sub":"market.btcusdt.bbo","id":"btcusdt"}""",
            """{"sub":"market.ethusdt.trade.detail","id":"ethusdt"}""", """{"sub":"market.ethusdt.bbo","id":"ethusdt"}""",
        ], FramesOf(writer));
        writer.Clear();
        Assert.True(feed.WriteSnapshotRequest(Instrument("btcusdt"), writer));
        Assert.Equal(["""{"req":"market.btcusdt.mbp.150","id":"btcusdt"}"""], FramesOf(writer));
        writer.Clear();
        feed.WriteResubscribe(Instrument("btcusdt"), writer);
        Assert.Equal(
            ["""{"unsub":"market.btcusdt.mbp.150","id":"btcusdt"}""", """{"sub":"market.btcusdt.mbp.150","id":"btcusdt"}"""], FramesOf(writer));
    }

    [Theory, Trait("requirement", "R15")]
    [InlineData("""{"ch":"market.btcusdt.mbp.150","ts":1,"tick":{"seqNum":2,"prevSeqNum":1,"bids":{},"asks":null}}""", 0)]
    [InlineData("""{"ch":"market.btcusdt.mbp.150","ts":1,"tick":{"seqNum":2,"prevSeqNum":1}}""", 0)]
    [InlineData("""{"ch":"market.btcusdt.mbp.150","ts":1,"tick":{"seqNum":2,"prevSeqNum":1,"asks":[[9.7E-4,1e2]]}}""", 1)]
    public void A_side_without_changes_is_written_in_many_ways(string frame, int events)
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
        Assert.Equal(FeedMessageKind.BookDelta, batch.Messages[0].Kind);
        Assert.Equal(events, batch.Events.Length);
        if (events > 0) Assert.Equal((Price.From(0.00097m), Quantity.From(100m)), (batch.Events[0].Price, batch.Events[0].Quantity));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("\"tradeId\":7", "\"tradeId\":12345678901234567890123456", QuarantineCause.NumberOverflow)]
    [InlineData("\"tradeId\":7", "\"tradeId\":7.5", QuarantineCause.Malformed)]
    [InlineData("\"tradeId\":7", "\"tradeID\":7", QuarantineCause.None)] // the long id's hash then
    [InlineData("\"id\":100182534526255757567432481", "\"id\":1.3700544510935929e+26", QuarantineCause.None)]
    [InlineData("\"id\":100182534526255757567432481", "\"id\":{}", QuarantineCause.None)] // not looked at
    [InlineData("\"price\":1.5", "\"price\":\"1.5\"", QuarantineCause.None)]
    [InlineData("\"price\":1.5", "\"price\":0", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"price\":1.5", "\"price\":1.0E+400", QuarantineCause.NumberOverflow)]
    [InlineData("\"price\":1.5", "\"price\":null", QuarantineCause.Malformed)]
    [InlineData("\"price\":1.5", "\"price\":1.5,\"price\":1.5", QuarantineCause.Malformed)]
    [InlineData("\"direction\":\"buy\"", "\"direction\":\"bid\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"ts\":1618678027940", "\"ts\":-1", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"ts\":1618678027940", "\"ts\":9223372036855", QuarantineCause.NumberOutOfRange)]
    public void A_trade_value_no_honest_venue_sends_is_refused_for_its_own_reason(string from, string to, QuarantineCause expected)
    {
        const string Trade = """{"ch":"market.btcusdt.trade.detail","ts":1,"tick":{"id":1,"ts":1,"data":[{"id":100182534526255757567432481,"ts":1618678027940,"tradeId":7,"amount":2,"price":1.5,"direction":"buy"}]}}""";
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(Trade), batch));
        Assert.Equal(7, batch.Events[0].UpdateId);
        Assert.Equal(expected, feed.Decode(Encoding.UTF8.GetBytes(Trade.Replace(from, to, StringComparison.Ordinal)), batch));
        Assert.Equal(expected == QuarantineCause.None ? 1 : 0, batch.Events.Length);
    }

    [Fact, Trait("requirement", "R15")]
    public void Trades_of_one_moment_come_newest_first_and_leave_oldest_first()
    {
        var feed = FeedFixtures.CreateFeed("Htx");
        var batch = new FeedBatch();
        var frame = FeedFixtures.Frames("Htx").Single(f => Encoding.UTF8.GetString(f).Contains("5957206", StringComparison.Ordinal));
        Assert.Equal(QuarantineCause.None, feed.Decode(frame, batch));
        Assert.Equal([5957205, 5957206], batch.Messages.ToArray().Select(message => batch.EventsOf(in message)[0].UpdateId));
    }

    [Fact, Trait("requirement", "R15"), Trait("requirement", "R22")]
    public void Every_recorded_frame_decodes_without_garbage_and_the_counts_agree()
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        foreach (var symbol in (string[])["trioeth", "xvgeth", "fil3susdt"]) table.Add(Instrument(symbol) with { PriceScale = 10 });
        var feed = FeedFixtures.Create("Htx").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table) { CutsQuantities = true };
        var counts = new Dictionary<FeedMessageKind, int>();
        var frames = Frames();
        foreach (var frame in frames)
        {
            Assert.Equal(QuarantineCause.None, feed.Decode(frame, batch));
            foreach (ref readonly var message in batch.Messages) counts[message.Kind] = counts.GetValueOrDefault(message.Kind) + 1;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(FeedFixtures.RecordingPath("expected.json")));
        var expected = document.RootElement.GetProperty(Recording);
        Assert.Equal(expected.GetProperty("frames").GetInt32(), frames.Length);
        Assert.Equal(expected.GetProperty("trades").GetInt32(), counts[FeedMessageKind.Trade]);
        Assert.Equal(expected.GetProperty("book_updates").GetInt32(), counts[FeedMessageKind.FullBook]);
        Assert.Equal((6, 10), (counts[FeedMessageKind.Heartbeat], counts[FeedMessageKind.Subscribed]));
        Assert.Equal(31 + 42 + 7, batch.QuantitiesCut); // of xvgeth's and fil3susdt's books, and of trades

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact, Trait("requirement", "R23")]
    public void The_two_instrument_lists_of_the_venue_say_the_same()
    {
        const string Short = """{"status":"ok","data":[{"symbol":"trioeth","bc":"trio","qc":"eth","state":"online","pp":10,"ap":2,"minov":0.01,"lominoa":1,"at":"enabled"}]}""";
        const string Long = """{"status":"ok","data":[{"base-currency":"trio","quote-currency":"eth","price-precision":10,"amount-precision":2,"symbol":"trioeth","state":"online","min-order-value":0.01,"limit-order-min-order-amt":1,"api-trading":"enabled"}]}""";
        var instrument = Assert.Single(Parsed(Short));
        Assert.Equal(instrument, Assert.Single(Parsed(Long)));
        Assert.Equal(("TRIO-ETH", "trioeth", 10, 8), (instrument.Symbol, instrument.VenueSymbol, instrument.PriceScale, instrument.QuantityScale));
        Assert.Equal((1L, Quantity.From(0.01m), Quantity.From(1m)), (instrument.Tick.Raw, instrument.Lot, instrument.QuantityMin));
        Assert.Equal(Notional.From(0.01m), instrument.NotionalMin);
    }

    [Fact, Trait("requirement", "R23")]
    public void What_may_not_be_traded_by_api_is_known_and_not_trading()
    {
        var parsed = Parsed(File.ReadAllText(FeedFixtures.Fixture("Htx", "instruments.json")), out var skipped);
        Assert.Equal(
            [("BTC-USDT", InstrumentStatus.Trading), ("ETH-USDT", InstrumentStatus.Halted), ("DOGE-ETH", InstrumentStatus.Halted), ("OLD-BTC", InstrumentStatus.Delisted)],
            parsed.Select(i => (i.Symbol, i.Status)));
        Assert.Equal(["finebtc", "nonebtc"], skipped);
    }

    private static byte[][] Frames()
    {
        using var gzip = new GZipStream(File.OpenRead(FeedFixtures.RecordingPath(Recording)), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        List<byte[]> frames = [];
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("b", out var bytes)) frames.Add(bytes.GetBytesFromBase64());
        }

        return [.. frames];
    }

    private static List<Instrument> Parsed(string body) => Parsed(body, out _);

    private static List<Instrument> Parsed(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Htx").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }

    private static Instrument Instrument(string symbol) => new()
    {
        Venue = new VenueId(1), Symbol = symbol, VenueSymbol = symbol, Base = default, Quote = default, Tick = new Price(1), Lot = new Quantity(1),
    };

    private static string[] Pending(IFeedProtocol feed)
    {
        var writer = new FrameWriter();
        feed.WritePending(writer);
        return FramesOf(writer);
    }

    private static string[] FramesOf(FrameWriter writer) =>
        [.. Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i)))];

    private static byte[] Pack(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(text);
        return packed.ToArray();
    }
}
