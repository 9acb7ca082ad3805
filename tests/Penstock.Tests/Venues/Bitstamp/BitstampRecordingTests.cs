using System.Reflection;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.Tests.Venues.Bitstamp;

/// <summary>Twenty-four seconds of five real books; the figures of the whole are compared where those of all recordings are.</summary>
public class BitstampRecordingTests
{
    private const string Recording = "bitstamp-spot.cf-20220105.jsonl.gz";

    [Fact, Trait("requirement", "R37")]
    public void Recorded_frames_decode_without_allocating()
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = FeedFixtures.Create("Bitstamp").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        byte[][] frames = [.. FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv").Select(e => e.Data)];
        foreach (var frame in frames) Assert.Equal(QuarantineCause.None, feed.Decode(frame, batch));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact, Trait("requirement", "R37")]
    public void Recorded_frames_take_the_fast_path_except_acknowledgements()
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = FeedFixtures.Create("Bitstamp").CreateFeed(new FeedContext(new VenueId(1), table));
        var decoder = feed.GetType().GetField("_decoder", Hidden)!.GetValue(feed)!;
        var fast = decoder.GetType().GetMethod("TryDecodeFast", Hidden)!.CreateDelegate<Fast>(decoder);
        var batch = new FeedBatch(table);
        var others = FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv").Count(e =>
        {
            batch.Reset();
            return !fast(e.Data, batch);
        });
        Assert.Equal(10, others);
    }

    private delegate bool Fast(ReadOnlySpan<byte> frame, FeedBatch batch);

    /// <summary>Of what the rule is made of: without growing microseconds there would be no order at all.</summary>
    [Fact]
    public void Recorded_diffs_of_a_market_grow_in_their_microseconds()
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = FeedFixtures.Create("Bitstamp").CreateFeed(new FeedContext(new VenueId(1), table));
        var batch = new FeedBatch(table);
        var last = new Dictionary<int, long>();
        var diffs = 0;
        foreach (var (_, _, data) in FeedFixtures.Recording(Recording).Where(e => e.Kind == "recv"))
        {
            feed.Decode(data, batch);
            foreach (ref readonly var message in batch.Messages)
            {
                if (message.Kind != FeedMessageKind.BookDelta) continue;
                diffs++;
                Assert.True(message.LastUpdateId > last.GetValueOrDefault(message.Instrument.Value));
                last[message.Instrument.Value] = message.LastUpdateId;
            }
        }

        Assert.Equal(392, diffs);
    }
}
