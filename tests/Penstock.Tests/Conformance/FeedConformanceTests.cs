using System.Text;
using System.Text.Json.Nodes;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Conformance;

/// <summary>What every venue's market-data decoder must do, shown on the frames in its Fixtures folder.</summary>
public class FeedConformanceTests
{
    public static TheoryData<string> Venues => FeedFixtures.Venues;

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R15")]
    public void C02_Fixtures_decode_to_exactly_the_expected_messages_and_events(string venue)
    {
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        var actual = new StringBuilder();
        foreach (var frame in FeedFixtures.Frames(venue))
        {
            actual.Append(Encoding.UTF8.GetString(frame)).Append('\n');
            actual.Append(FeedFixtures.Describe(feed.Decode(frame, batch), batch)).Append('\n');
        }

        Assert.Equal(File.ReadAllText(FeedFixtures.Fixture(venue, "feed.expected")), actual.ToString());
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_A_frame_cut_at_any_byte_is_set_aside_as_truncated(string venue)
    {
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        foreach (var frame in FeedFixtures.Frames(venue))
        {
            if (frame[0] is not ((byte)'{' or (byte)'[') || feed.Decode(frame, batch) is QuarantineCause.Malformed) continue;
            for (var length = 0; length < frame.Length; length++)
            {
                Assert.Equal(QuarantineCause.Truncated, feed.Decode(frame.AsSpan(0, length), batch));
                Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
            }
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_What_follows_a_complete_frame_makes_it_malformed(string venue)
    {
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        foreach (var frame in FeedFixtures.Frames(venue))
        {
            Assert.NotEqual(QuarantineCause.None, feed.Decode([.. frame, (byte)'x'], batch));
            Assert.NotEqual(QuarantineCause.None, feed.Decode([.. frame, .. frame], batch));
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R19")]
    public void C03_Damaged_frames_never_throw_and_leave_nothing_half_done(string venue)
    {
        var random = new Random(20_240_101);
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        var frames = FeedFixtures.Frames(venue);
        var setAside = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var frame = (byte[])frames[random.Next(frames.Length)].Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--) frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
            if (feed.Decode(frame, batch) == QuarantineCause.None) continue;
            setAside++;
            Assert.Equal(0, batch.Messages.Length + batch.Events.Length);
        }

        Assert.InRange(setAside, 10_000, 20_000);
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R15")]
    public void C02_The_order_of_keys_and_white_space_change_nothing(string venue)
    {
        var random = new Random(7);
        var batch = new FeedBatch();
        foreach (var frame in FeedFixtures.Frames(venue))
        {
            JsonNode? node;
            try
            {
                node = JsonNode.Parse(frame);
            }
            catch (System.Text.Json.JsonException)
            {
                continue; // pong, and the frames that are wrong on purpose
            }

            var expected = FeedFixtures.Describe(FeedFixtures.CreateFeed(venue).Decode(frame, batch), batch);
            for (var round = 0; round < 10; round++)
            {
                var shuffled = Shuffle(node!, random).ToJsonString(new() { WriteIndented = round % 2 == 0 });
                var actual = FeedFixtures.CreateFeed(venue).Decode(Encoding.UTF8.GetBytes(shuffled), batch);
                Assert.Equal(expected, FeedFixtures.Describe(actual, batch));
            }
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R37")]
    public void C04_Decoding_allocates_nothing_once_the_batch_has_grown(string venue)
    {
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        var frames = FeedFixtures.Frames(venue);
        for (var round = 0; round < 3; round++)
            foreach (var frame in frames) feed.Decode(frame, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) feed.Decode(frame, batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_Hostile_documents_are_refused_in_linear_time(string venue)
    {
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        Assert.Equal(QuarantineCause.Truncated, feed.Decode([], batch));
        Assert.Equal(QuarantineCause.Malformed, feed.Decode("[]"u8, batch));
        Assert.Equal(QuarantineCause.Malformed, feed.Decode("{\"a\":1,\"a\":2,}"u8, batch));
        Assert.Equal(QuarantineCause.InvalidUtf8, feed.Decode([.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8], batch));
        Assert.Equal(QuarantineCause.Malformed, feed.Decode(Encoding.ASCII.GetBytes("{\"a\":" + new string('[', 1_000_000)), batch));
        Assert.Equal(QuarantineCause.Truncated, feed.Decode(Encoding.ASCII.GetBytes("{\"a\":\"" + new string('x', 4_000_000)), batch));
        Assert.Equal(QuarantineCause.Truncated, feed.Decode(Encoding.ASCII.GetBytes("{\"a\":" + new string('9', 4_000_000)), batch));
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R18")]
    public void C03_More_levels_than_a_batch_may_hold_are_refused_whole(string venue)
    {
        var parts = FeedFixtures.Lines(venue, "flood.txt"); // a book message up to its levels, one level, the rest
        var (head, level, tail) = (parts[0], parts[1], parts[2]);
        var feed = FeedFixtures.CreateFeed(venue);
        var batch = new FeedBatch();
        string Of(int levels) => head + string.Join(',', Enumerable.Repeat(level, levels)) + tail;
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.ASCII.GetBytes(Of(20_000)), batch));
        Assert.Equal(20_000, batch.Events.Length);
        Assert.True(batch.Events[^1].Flags.HasFlag(MarketEventFlags.LastOfMessage));
        Assert.Equal(QuarantineCause.TooLarge, feed.Decode(Encoding.ASCII.GetBytes(Of(FeedBatch.EventsMax + 1)), batch));
        Assert.Equal(0, batch.Events.Length);
    }

    private static JsonNode Shuffle(JsonNode node, Random random)
    {
        if (node is JsonArray array) return new JsonArray([.. array.Select(item => item is null ? null : Shuffle(item, random))]);
        if (node is not JsonObject source) return node.DeepClone();
        var keys = source.Select(pair => pair.Key).ToArray();
        random.Shuffle(keys);
        var result = new JsonObject();
        foreach (var key in keys) result[key] = source[key] is { } child ? Shuffle(child, random) : null;
        return result;
    }
}
