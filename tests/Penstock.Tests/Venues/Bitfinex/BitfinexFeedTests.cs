using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Bitfinex;

namespace Penstock.Tests.Venues.Bitfinex;

public class BitfinexFeedTests
{
    private const string Recording = "bitfinex-spot.cf-20210417.jsonl.gz";

    [Fact, Trait("requirement", "R23")]
    public void Pairs_are_split_by_the_venues_currencies_and_named_by_its_own_map()
    {
        var list = Parse(File.ReadAllText(FeedFixtures.Fixture("Bitfinex", "instruments.json")), out var skipped);
        Assert.Equal(["AAABBB", "XYZUSD"], skipped);
        Assert.Equal(["BTC-USD", "AAVE-USD", "ADA-BTC", "BTC-USDT", "DASH-USD", "TESTBTC-TESTUSD"], list.Select(i => i.Symbol));
        Assert.Equal(["tBTCUSD", "tAAVE:USD", "tADABTC", "tBTCUST", "tDSHUSD", "tTESTBTC:TESTUSD"], list.Select(i => i.VenueSymbol));
        Assert.Equal([0.00004m, 0.02m, 4m, 0.00004m, 0m, 0m], list.Select(i => i.QuantityMin.ToDecimal()));
        Assert.All(list, i => Assert.Equal((8, InstrumentStatus.Trading), (i.QuantityDecimals, i.Status)));
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_lists_are_read_whole()
    {
        var bodies = FeedFixtures.Recording(Recording).Where(e => e.Kind == "rest").ToDictionary(e => e.Url[(e.Url.LastIndexOf('/') + 1)..], e => Encoding.UTF8.GetString(e.Data));
        string Inner(string key) => bodies[key][1..^1];
        var list = Parse($"[{Inner("pub:list:pair:exchange")},{Inner("pub:list:currency")},[],[]]", out var skipped);
        Assert.True(list.Count > 200 && skipped.Count == 0, $"{list.Count} {string.Join(' ', skipped)}");
        Assert.Contains("TESTBTC-TESTUSD", list.Select(i => i.Symbol));
    }

    [Theory, Trait("requirement", "R23")]
    [InlineData("60422", "1")]
    [InlineData("150.5", "0.01")]
    [InlineData("9000", "0.1")]
    [InlineData("9500", "1")] // a tenth of room, or the first price above 10,000 would have six digits
    [InlineData("0.00002505", "0.00000001")]
    [InlineData("1.0010273", "0.0001")]
    [InlineData("277610", "10")]
    public void The_tick_is_five_digits_of_the_price(string last, string tick)
    {
        var source = FeedFixtures.Create("Bitfinex").Instruments;
        List<Instrument> list = [.. Parse(File.ReadAllText(FeedFixtures.Fixture("Bitfinex", "instruments.json")), out _)];
        Assert.Equal("/v2/tickers?symbols=ALL", source.CompletionRequest([])!.PathAndQuery);
        var body = $$"""[["fUSD",0.1,0.2,30],["tBTCUSD",1,2,3,4,5,6,{{last}},8,9,10],["tADABTC",1e-9,2,2.5e-8,4,0,0,0,8,9,10],["tNEW",1,2,3,4,5,6,7]]""";
        Assert.Equal(QuarantineCause.None, source.Complete(Encoding.ASCII.GetBytes(body), list));
        Assert.Equal((tick, "tBTCUSD"), (list[0].Tick.ToString(), list[0].VenueSymbol));
        Assert.Equal(tick.Contains('.') ? tick.Length - 2 : 0, list[0].PriceDecimals);
        Assert.Equal((1L, 1L), (list[1].Tick.Raw, list[2].Tick.Raw)); // no price, and one of two digits
        Assert.Equal(QuarantineCause.VenueError, source.Complete("""["error",10020,"symbols: invalid"]"""u8, list));
        Assert.Equal(QuarantineCause.Truncated, source.Complete("[["u8, list));
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""["error",10020,"conf: invalid"]""", QuarantineCause.VenueError)]
    [InlineData("""[["BTCUSD"],["BTC"],[""", QuarantineCause.Truncated)]
    [InlineData("""[["BTCUSD"],["BTC","USD"],[]]""", QuarantineCause.Malformed)]
    [InlineData("""{}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Bitfinex").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void Subscriptions_count_the_connection_first_and_a_book_is_left_by_the_number_of_its_channel()
    {
        var table = new InstrumentTable();
        var instrument = table.Add(Parse(File.ReadAllText(FeedFixtures.Fixture("Bitfinex", "instruments.json")), out _)[3]);
        var feed = FeedFixtures.Create("Bitfinex").CreateFeed(new FeedContext(new VenueId(1), table));
        var writer = new FrameWriter();
        feed.WriteSubscribe([instrument], writer);
        Assert.Equal(["""{"event":"conf","flags":196608}""", """{"event":"subscribe","channel":"book","symbol":"tBTCUST","prec":"P0","freq":"F0","len":"100"}""",
            """{"event":"subscribe","channel":"trades","symbol":"tBTCUST"}"""], Frames(writer));
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Equal("""{"event":"subscribe","channel":"book","symbol":"tBTCUST","prec":"P0","freq":"F0","len":"100"}""", Assert.Single(Frames(writer)));

        Decode(feed, """{"event":"subscribed","channel":"book","chanId":9007199254740993,"symbol":"tBTCUST","prec":"P0"}""");
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Equal("""{"event":"unsubscribe","chanId":9007199254740993}""", Frames(writer)[0]);

        // Between the two the old number is still ours; the new one is taken the next time.
        Decode(feed, """{"event":"subscribed","channel":"book","chanId":77,"symbol":"tBTCUST","prec":"P0"}""");
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Equal("""{"event":"unsubscribe","chanId":77}""", Frames(writer)[0]);
        feed.Reset();
        writer.Clear();
        feed.WriteResubscribe(instrument, writer);
        Assert.Single(Frames(writer));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal("""{"event":"ping","cid":1}""", Assert.Single(Frames(writer)));
    }

    [Fact, Trait("requirement", "R6")]
    public void Every_array_is_counted_where_it_is_of_no_channel_of_ours_and_not_where_something_of_ours_is_lost()
    {
        var feed = FeedFixtures.CreateFeed("Bitfinex");
        var batch = new FeedBatch();
        long Sequence(string frame, QuarantineCause expected)
        {
            Assert.Equal(expected, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
            return batch.ConnectionSequence;
        }

        Assert.Equal(7, Sequence("[17082,[7254.5,1,1],7]", QuarantineCause.None));
        Assert.Equal(8, Sequence("[ 17082, [7254.5,1,1], 8]", QuarantineCause.None));
        Assert.Equal(9, Sequence("[17082,\"hb\",9]", QuarantineCause.None));
        Assert.Equal(10, Sequence("[4,\"hb\",10]", QuarantineCause.UnknownChannel));
        Assert.Equal(FeedMessage.NoId, Sequence("[17082,[7254.5,1,0],11]", QuarantineCause.NumberOutOfRange));
        Assert.Equal(FeedMessage.NoId, Sequence("[17082,[7254.5,1,1],12", QuarantineCause.Truncated));
        Assert.Equal(FeedMessage.NoId, Sequence("""{"event":"pong","ts":1,"cid":13}""", QuarantineCause.None));
    }

    [Fact, Trait("requirement", "R15")]
    public void What_stands_behind_the_payload_follows_from_the_flags_the_venue_confirmed()
    {
        var feed = FeedFixtures.CreateFeed("Bitfinex");
        var batch = new FeedBatch();
        foreach (var (flags, frame, sequence, time) in new (long, string, long, long)[]
        {
            (0, "[17082,[7254.5,1,1]]", FeedMessage.NoId, 0),
            (65536, "[17082,[7254.5,1,1],7]", 7, 0),
            (98304, "[17082,[7254.5,1,1],7,1574694478808]", 7, 1574694478808),
            (98304, "[17082,[[7254.5,1,1]],8,1574694478809]", 8, 1574694478809),
            (98304, "[17082,\"cs\",-5,9,1574694478810]", 9, 1574694478810),
            (98304, "[ 17082,\"cs\",-5,9,1574694478810]", 9, 1574694478810),
            (98304, "[ 17082,[7254.5,1,1],7,1574694478808]", 7, 1574694478808),
            (32768, "[17082,[7254.5,1,1],1574694478808]", FeedMessage.NoId, 1574694478808),
        })
        {
            Decode(feed, $$"""{"event":"conf","status":"OK","flags":{{flags}}}""");
            Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
            Assert.Equal((sequence, ExchangeTime.FromMs(time)), (batch.ConnectionSequence, batch.Messages[0].Time));
            if (batch.Events.Length > 0) Assert.Equal(ExchangeTime.FromMs(time), batch.Events[0].ExchangeTime);
        }
    }

    [Fact, Trait("requirement", "R21")]
    public void The_checksum_is_over_the_text_JavaScript_makes_of_the_numbers()
    {
        ChecksumLevel Level(decimal price, decimal amount) => new() { PriceRaw = Price.From(price).Raw, QuantityRaw = Quantity.From(amount).Raw };
        var checksum = new BitfinexChecksum();
        // 6000:1:6010:-2:5900:1:6011:-3 (venues/bitfinex.md §2.4)
        Assert.Equal(1401228679, checksum.Compute([Level(6000, 1), Level(5900, 1)], [Level(6010, 2), Level(6011, 3)]));
        // A side that has run out is left out; nothing at all is the checksum of nothing.
        Assert.Equal((int)Penstock.Connectivity.Decoding.IeeeCrc32.Compute("6000:9.1e-7:6010:-1e-8:6011:-0.000001"u8),
            checksum.Compute([Level(6000, 0.00000091m)], [Level(6010, 0.00000001m), Level(6011, 0.000001m)]));
        Assert.Equal(0, checksum.Compute([], []));
    }

    [Fact, Trait("requirement", "R21")]
    public void Small_numbers_are_written_as_JavaScript_does()
    {
        Span<byte> text = stackalloc byte[FixedPoint.TextBytesMax + 2];
        foreach (var (raw, expected) in new (long, string)[]
        {
            (1, "1e-8"), (10, "1e-7"), (99, "9.9e-7"), (100, "0.000001"), (-5, "-5e-8"), (-91, "-9.1e-7"), (-100, "-0.000001"), (0, "0"), (150_000_000, "1.5"), (long.MinValue, "-92233720368.54775808"),
        })
        {
            Assert.Equal(expected, Encoding.ASCII.GetString(text[..BitfinexChecksum.Format(raw, text)]));
        }
    }

    [Fact, Trait("requirement", "R17")]
    public void Channels_are_found_whatever_was_opened_and_closed_before()
    {
        var random = new Random(5);
        var channels = new BitfinexChannels();
        var twin = new Dictionary<long, BitfinexChannel>();
        long[] ids = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? i * 1024L : random.NextInt64())];
        for (var round = 0; round < 20_000; round++)
        {
            var id = ids[random.Next(ids.Length)];
            if (random.Next(2) == 0)
            {
                var channel = new BitfinexChannel(id, (BitfinexChannelKind)random.Next(3), new InstrumentId(random.Next(5)));
                Assert.True(channels.TryOpen(channel));
                twin[id] = channel;
            }
            else
            {
                channels.Close(id);
                twin.Remove(id);
            }

            var asked = ids[random.Next(ids.Length)];
            Assert.Equal(twin.TryGetValue(asked, out var expected), channels.TryFind(asked, out var found));
            Assert.Equal((expected, twin.Count), (found, channels.Count));
        }

        channels.Clear();
        for (var id = 1; id <= BitfinexChannels.CountMax; id++) Assert.True(channels.TryOpen(new BitfinexChannel(id, default, default)));
        Assert.False(channels.TryOpen(new BitfinexChannel(0, default, default)));
    }

    [Theory, Trait("requirement", "R17")]
    [InlineData(1L, true)]
    [InlineData(12345L, true)]
    [InlineData(123456L, false)]
    [InlineData(6_042_200_000_000L, true)] // 60422
    [InlineData(6_042_250_000_000L, false)] // 60422.5
    [InlineData(725_450_000_000L, true)]
    [InlineData(725_451_000_000L, false)]
    [InlineData(0L, false)]
    [InlineData(-1L, false)]
    public void A_price_has_at_most_five_significant_digits(long raw, bool expected) => Assert.Equal(expected, BitfinexNumbers.IsPrice(raw));

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Bitfinex").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }

    private static string[] Frames(FrameWriter writer) => [.. Enumerable.Range(0, writer.FrameCount).Select(i => Encoding.UTF8.GetString(writer.Frame(i)))];

    private static void Decode(IFeedProtocol feed, string frame) => Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), new FeedBatch()));
}
