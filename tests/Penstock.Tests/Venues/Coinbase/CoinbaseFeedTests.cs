using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Venues.Coinbase;

public class CoinbaseFeedTests
{
    private const string Recording = "coinbase-spot.cf-20210417.jsonl.gz";

    [Fact, Trait("requirement", "R23")]
    public void Products_are_listed_with_the_price_increment_and_without_aliases_and_futures()
    {
        var list = Parse(File.ReadAllText(FeedFixtures.Fixture("Coinbase", "instruments.json")), out var skipped);
        Assert.Equal(["BTC-USDC", "BIP-20DEC30-CDE", "OLD-USD"], skipped);
        Assert.Equal(["BTC-USD", "USDT-USDC", "SKL-GBP"], list.Select(i => i.Symbol));
        Assert.Equal((Price.From(0.01m), Quantity.From(0.00000001m), Quantity.From(0.00000001m)), (list[0].Tick, list[0].Lot, list[0].QuantityMin));
        Assert.Equal((Notional.From(5m), Quantity.From(5m), 4, 1), (list[2].NotionalMin, list[2].QuantityMin, list[2].PriceDecimals, list[2].QuantityDecimals));
        Assert.Equal([InstrumentStatus.Trading, InstrumentStatus.LimitOnly, InstrumentStatus.CancelOnly], list.Select(i => i.Status));
    }

    [Fact, Trait("requirement", "R17")]
    public void A_tick_finer_than_the_platforms_is_kept_with_its_own_scale()
    {
        var list = Parse("""{"products":[{"product_id":"MOG-USD","base_currency_id":"MOG","quote_currency_id":"USD","price_increment":"0.0000000001","base_increment":"1","status":"online"}]}""", out _);
        Assert.Equal((10, 8, 1L, 10), (list[0].PriceScale, list[0].QuantityScale, list[0].Tick.Raw, list[0].PriceDecimals));
        var table = new InstrumentTable();
        table.Add(list[0]);
        var feed = FeedFixtures.Create("Coinbase").CreateFeed(new(new VenueId(1), table));
        var batch = new FeedBatch(table);
        var frame = Book(7, "bid", "0.0000012345", "600").Replace("BTC-USD", "MOG-USD", StringComparison.Ordinal);
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.ASCII.GetBytes(frame), batch));
        Assert.Equal((12345L, 7L), (batch.Events[0].Price.Raw, batch.ConnectionSequence));
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_list_is_read_whole()
    {
        var (_, _, body) = FeedFixtures.Recording(Recording).First(e => e.Kind == "rest");
        Assert.Equal(162, Parse(Encoding.UTF8.GetString(body), out var skipped).Count);
        Assert.Empty(skipped);
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"error":"INTERNAL","code":13,"message":"no"}""", QuarantineCause.VenueError)]
    [InlineData("""{"products":[{""", QuarantineCause.Truncated)]
    [InlineData("""{"products":[{"product_id":"A","product_id":"B"}]}""", QuarantineCause.Malformed)]
    [InlineData("""{}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Coinbase").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void One_channel_a_frame_heartbeats_first_and_level2_is_what_l2_data_is_subscribed_as()
    {
        var feed = FeedFixtures.CreateFeed("Coinbase");
        var instruments = Parse(File.ReadAllText(FeedFixtures.Fixture("Coinbase", "instruments.json")), out _);
        var writer = new FrameWriter();
        feed.WriteSubscribe([instruments[0], instruments[2]], writer);
        Assert.Equal(
            [
                """{"type":"subscribe","channel":"heartbeats"}""",
                """{"type":"subscribe","product_ids":["BTC-USD","SKL-GBP"],"channel":"level2"}""",
                """{"type":"subscribe","product_ids":["BTC-USD","SKL-GBP"],"channel":"market_trades"}""",
                """{"type":"subscribe","product_ids":["BTC-USD","SKL-GBP"],"channel":"ticker"}""",
                """{"type":"subscribe","product_ids":["BTC-USD","SKL-GBP"],"channel":"status"}""",
            ],
            Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i))));
        writer.Clear();
        feed.WriteResubscribe(instruments[0], writer);
        Assert.Equal("""{"type":"unsubscribe","product_ids":["BTC-USD"],"channel":"level2"}""", Encoding.UTF8.GetString(writer.Frame(0)));
        Assert.Equal("""{"type":"subscribe","product_ids":["BTC-USD"],"channel":"level2"}""", Encoding.UTF8.GetString(writer.Frame(1)));
        Assert.False(feed.TryWritePing(writer));
        writer.Clear();
        feed.WriteSubscribe([.. Enumerable.Repeat(instruments[0], 250)], writer);
        Assert.Equal(1 + 3 * 4, writer.FrameCount);
    }

    [Fact, Trait("requirement", "R15")]
    public void The_aggressor_is_the_other_side_of_the_maker_and_trades_come_oldest_first()
    {
        var batch = Decoded("""{"channel":"market_trades","client_id":"","timestamp":"2026-04-07T14:30:03Z","sequence_num":8,"events":[{"type":"update","trades":[{"trade_id":"12","product_id":"BTC-USD","price":"2","size":"1","side":"SELL","time":"2026-04-07T14:30:02.8Z"},{"trade_id":"10","product_id":"ETH-USD","price":"3","size":"1","side":"BUY","time":"2026-04-07T14:30:02.7Z"},{"trade_id":"11","product_id":"BTC-USD","price":"1","size":"1","side":"BUY","time":"2026-04-07T14:30:02.6Z"}]}]}""");
        List<(long Id, Side Side, Price Price, int Instrument)> trades = [];
        foreach (ref readonly var message in batch.Messages)
        {
            var e = Assert.Single(batch.EventsOf(in message).ToArray());
            Assert.Equal(message.LastUpdateId, e.UpdateId);
            trades.Add((e.UpdateId, e.Side, e.Price, e.Instrument.Value));
        }

        Assert.Equal([(10, Side.Sell, Price.From(3m), 2), (11, Side.Sell, Price.From(1m), 1), (12, Side.Buy, Price.From(2m), 1)], trades);
    }

    /// <summary>Trades of the recording against the book as it stood: a maker's buy was hit at the bid, a maker's sell lifted at the ask.</summary>
    [Fact, Trait("requirement", "R15")]
    public void Recorded_aggressors_agree_with_the_best_bid_and_ask()
    {
        var feed = Discovering(out _);
        var batch = new FeedBatch();
        var books = new Dictionary<int, (SortedSet<long> Bids, SortedSet<long> Asks)>();
        int agree = 0, disagree = 0;
        foreach (var (_, _, frame) in FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv"))
        {
            Assert.Equal(QuarantineCause.None, feed.Decode(frame, batch));
            foreach (ref readonly var e in batch.Events)
            {
                var book = books.TryGetValue(e.Instrument.Value, out var known) ? known : books[e.Instrument.Value] = ([], []);
                if (e.Kind is MarketEventKind.BookDelta or MarketEventKind.BookSnapshot)
                {
                    var side = e.Side == Side.Buy ? book.Bids : book.Asks;
                    _ = e.Quantity.Raw == 0 ? side.Remove(e.Price.Raw) : side.Add(e.Price.Raw);
                }
                else if (e.Kind == MarketEventKind.Trade)
                {
                    if (e.Price.Raw <= book.Bids.Max) _ = e.Side == Side.Sell ? agree++ : disagree++;
                    else if (e.Price.Raw >= book.Asks.Min) _ = e.Side == Side.Buy ? agree++ : disagree++;
                }
            }
        }

        Assert.Equal((40, 0), (agree, disagree));
    }

    [Fact, Trait("requirement", "R6")]
    public void Every_frame_with_a_channel_carries_the_count_of_the_connection()
    {
        var feed = FeedFixtures.CreateFeed("Coinbase");
        var batch = new FeedBatch();
        foreach (var frame in FeedFixtures.Frames("Coinbase"))
        {
            var cause = feed.Decode(frame, batch);
            using var json = JsonDocument.Parse(frame);
            var expected = json.RootElement.TryGetProperty("sequence_num", out var sequence)
                && cause is QuarantineCause.None or QuarantineCause.UnknownChannel or QuarantineCause.UnknownInstrument
                ? sequence.GetInt64() : FeedMessage.NoId;
            Assert.Equal(expected, batch.ConnectionSequence);
        }
    }

    [Fact, Trait("requirement", "R6")]
    public void A_book_frame_that_cannot_be_read_leaves_a_hole_in_the_count()
    {
        var feed = FeedFixtures.CreateFeed("Coinbase");
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.NumberOutOfRange, feed.Decode(Encoding.ASCII.GetBytes(Book(5, "bid", "-1", "1")), batch));
        Assert.Equal(FeedMessage.NoId, batch.ConnectionSequence);
        Assert.Equal(QuarantineCause.UnknownInstrument, feed.Decode(Encoding.ASCII.GetBytes(Book(6, "bid", "1", "1").Replace("BTC-USD", "X-Y", StringComparison.Ordinal)), batch));
        Assert.Equal(6, batch.ConnectionSequence);
    }

    [Theory, Trait("requirement", "R17"), Trait("requirement", "R20")]
    [InlineData("\"price_level\":\"1.5\"", "\"price_level\":\"15e-1\"", QuarantineCause.None)]
    [InlineData("\"price_level\":\"1.5\"", "\"price_level\":1.5", QuarantineCause.None)]
    [InlineData("\"price_level\":\"1.5\"", "\"price_level\":\"1e400\"", QuarantineCause.NumberOverflow)]
    [InlineData("\"price_level\":\"1.5\"", "\"price_level\":null", QuarantineCause.Malformed)]
    [InlineData("\"price_level\":\"1.5\"", "\"price_level\":\"1.5\",\"price_level\":\"1.5\"", QuarantineCause.Malformed)]
    [InlineData(",\"new_quantity\":\"2\"", "", QuarantineCause.Malformed)]
    [InlineData("\"new_quantity\":\"2\"", "\"new_quantity\":\"-2\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"event_time\":\"2026-04-07T14:30:07Z\"", "\"event_time\":{\"x\":[]}", QuarantineCause.None)]
    [InlineData("\"timestamp\":\"2026-04-07T14:30:07Z\"", "\"timestamp\":\"yesterday\"", QuarantineCause.Malformed)]
    [InlineData("\"timestamp\":\"2026-04-07T14:30:07Z\"", "\"timestamp\":\"2026-04-07T14:30:07.1234567890Z\"", QuarantineCause.Malformed)]
    [InlineData("\"timestamp\":\"2026-04-07T14:30:07Z\"", "\"timestamp\":\"0001-01-01T00:00:00Z\"", QuarantineCause.None)]
    [InlineData("\"sequence_num\":9", "\"sequence_num\":12345678901234567890123456", QuarantineCause.NumberOverflow)]
    [InlineData("\"sequence_num\":9", "\"sequence_num\":-9", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"sequence_num\":9", "\"sequence_num\":\"9\"", QuarantineCause.NumberOutOfRange)]
    [InlineData("\"sequence_num\":9,", "", QuarantineCause.Malformed)]
    [InlineData("\"type\":\"update\"", "\"type\":\"l2update\"", QuarantineCause.Malformed)]
    [InlineData("\"events\":[", "\"events\":[7,", QuarantineCause.Malformed)]
    [InlineData("\"side\":\"bid\"", "\"side\":\"b\\u0069d\"", QuarantineCause.None)]
    public void A_value_no_honest_venue_sends_is_refused_for_its_own_reason(string from, string to, QuarantineCause expected)
    {
        var frame = Book(9, "bid", "1.5", "2");
        Assert.Contains(from, frame, StringComparison.Ordinal);
        var feed = FeedFixtures.CreateFeed("Coinbase");
        var batch = new FeedBatch();
        Assert.Equal(expected, feed.Decode(Encoding.UTF8.GetBytes(frame.Replace(from, to, StringComparison.Ordinal)), batch));
        if (expected != QuarantineCause.None) Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
    }

    [Fact, Trait("requirement", "R37")]
    public void Recorded_frames_snapshots_of_200_kB_among_them_decode_without_allocating()
    {
        var feed = Discovering(out _);
        var batch = new FeedBatch();
        byte[][] frames = [.. FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv").Select(e => e.Data)];
        Assert.True(frames.Max(f => f.Length) > 200_000);
        foreach (var frame in frames) feed.Decode(frame, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Book(int sequence, string side, string price, string quantity) =>
        $$"""{"channel":"l2_data","client_id":"","timestamp":"2026-04-07T14:30:07Z","sequence_num":{{sequence}},"events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"{{side}}","event_time":"2026-04-07T14:30:07Z","price_level":"{{price}}","new_quantity":"{{quantity}}"}]}]}""";

    private static FeedBatch Decoded(string frame)
    {
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.None, FeedFixtures.CreateFeed("Coinbase").Decode(Encoding.UTF8.GetBytes(frame), batch));
        return batch;
    }

    private static IFeedProtocol Discovering(out InstrumentTable table)
    {
        table = new InstrumentTable { DiscoverUnknown = true };
        return FeedFixtures.Create("Coinbase").CreateFeed(new(new VenueId(1), table));
    }

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Coinbase").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
