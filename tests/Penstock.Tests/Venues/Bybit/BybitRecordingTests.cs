using System.Reflection;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Venues.Bybit;

namespace Penstock.Tests.Venues.Bybit;

/// <summary>Real traffic of two categories, years apart; RecordingInspectorTests compares what it comes to.</summary>
public class BybitRecordingTests
{
    private delegate bool Fast(ReadOnlySpan<byte> frame, FeedBatch batch);

    [Theory, Trait("requirement", "R37")]
    [InlineData("bybit-linear.cf-20210417.jsonl.gz", 16)] // acknowledgements
    [InlineData("bybit-linear.ob500-xrpusdt-20241201.jsonl.gz", 0)]
    [InlineData("bybit-inverse.cf-20210417.jsonl.gz", 4)]
    public void Recorded_frames_take_the_fast_path_except_acknowledgements_and_allocate_nothing(string recording, int others)
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        var table = new InstrumentTable { DiscoverUnknown = true };
        var feed = new BybitVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var decoder = feed.GetType().GetField("_decoder", Hidden)!.GetValue(feed)!;
        var fast = decoder.GetType().GetMethod("TryDecodeFast", Hidden)!.CreateDelegate<Fast>(decoder);
        var batch = new FeedBatch();
        byte[][] frames = [.. FeedFixtures.Recording(recording).Where(e => e.Kind == "recv").Select(e => e.Data)];
        var slow = 0;
        foreach (var frame in frames)
        {
            batch.Reset();
            if (!fast(frame, batch)) slow++;
            Assert.Equal(QuarantineCause.None, feed.Decode(frame, batch));
        }

        Assert.Equal(others, slow);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
