using System.Reflection;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.Tests.Venues;

/// <summary>
/// The two decoders inside each venue's decoder, called one by one: speed must not change a result, and must not get lost
/// unnoticed either, which no result would show.
/// </summary>
public class FastPathTests
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    private delegate bool Fast(ReadOnlySpan<byte> frame, FeedBatch batch);

    private delegate QuarantineCause Careful(ReadOnlySpan<byte> frame, FeedBatch batch);

    /// <summary>Those that have one: it is an extra, for frequent frames.</summary>
    public static TheoryData<string> Venues => [.. FeedFixtures.Venues.Select(row => row.Data).Where(venue => FastOf(DecoderOf(FeedFixtures.CreateFeed(venue))) is not null)];

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R15")]
    public void What_the_fast_path_accepts_the_careful_path_reads_the_same(string venue)
    {
        var (fast, careful) = Paths(FeedFixtures.CreateFeed(venue));
        var random = new Random(77);
        var batch = new FeedBatch();
        var twin = new FeedBatch();
        var alphabet = "0123456789-.e\",[]{}: ab"u8.ToArray();
        var frames = FeedFixtures.Frames(venue).Where(frame => Takes(fast, frame, batch)).ToArray();
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var frame = (byte[])frames[random.Next(frames.Length)].Clone();
            if (frame.Length < 10) continue; // pong, which the careful path does not know
            for (var edits = random.Next(3); edits > 0; edits--) frame[random.Next(frame.Length)] = alphabet[random.Next(alphabet.Length)];
            if (!Takes(fast, frame, batch)) continue;
            accepted++;
            twin.Reset();
            Assert.Equal(FeedFixtures.Describe(careful(frame, twin), twin), FeedFixtures.Describe(QuarantineCause.None, batch));
        }

        Assert.True(accepted > 5_000);
    }

    [Theory, Trait("requirement", "R37")]
    [InlineData("Binance", "binance-spot.hft-btcusdt-20240808.jsonl.gz", 0)]
    [InlineData("Binance", "binance-usdm.hft-btcusdt-20240808.jsonl.gz", 0)]
    [InlineData("Binance", "binance-coinm.hft-btcusd-perp-20240808.jsonl.gz", 0)]
    [InlineData("Kraken", "kraken-spot.cf-20210417.jsonl.gz", 26)] // 3 status, 15 acknowledgements, 8 tickers
    [InlineData("Bitfinex", "bitfinex-spot.cf-20210417.jsonl.gz", 48)] // 21 acknowledgements, info, conf, 16 tickers, 7 trade lists, 2 of unknown channels
    [InlineData("Okx", "okx-mixed.cf-20220513.jsonl.gz", 38)] // 12 acknowledgements, 26 tickers
    public void Recorded_frames_take_the_fast_path_except_those_meant_not_to(string venue, string recording, int others)
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = FeedFixtures.Create(venue).CreateFeed(new FeedContext(new VenueId(1), table));
        var (fast, _) = Paths(feed);
        var batch = new FeedBatch();
        var left = 0;
        foreach (var (_, _, data) in FeedFixtures.Recording(recording).Where(e => e.Kind == "recv"))
        {
            if (!Takes(fast, data, batch)) left++;
            feed.Decode(data, batch); // what opens a channel is what makes later frames fast
        }

        Assert.Equal(others, left);
    }

    private static bool Takes(Fast fast, byte[] frame, FeedBatch batch)
    {
        batch.Reset();
        return fast(frame, batch);
    }

    private static (Fast, Careful) Paths(IFeedProtocol feed)
    {
        var decoder = DecoderOf(feed);
        return (FastOf(decoder)!.CreateDelegate<Fast>(decoder), decoder.GetType().GetMethod("DecodeAny", Hidden)!.CreateDelegate<Careful>(decoder));
    }

    private static object DecoderOf(IFeedProtocol feed) => feed.GetType().GetField("_decoder", Hidden)!.GetValue(feed)!;

    private static MethodInfo? FastOf(object decoder) => decoder.GetType().GetMethod("TryDecodeFast", Hidden);
}
