using System.IO.Compression;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.Tests.Connectivity.Decoding;

/// <summary>One decompressor for all frames against its naive twin: a new one for each.</summary>
public class GzipInflaterTests
{
    [Fact, Trait("requirement", "R19")]
    public void Frame_after_frame_gives_what_a_decompressor_of_its_own_gives()
    {
        var random = new Random(31);
        var inflater = new GzipInflater();
        for (var round = 0; round < 2_000; round++)
        {
            var payload = Payload(random, random.Next(1, 20_000));
            var frame = Pack(payload, (CompressionLevel)random.Next(4));
            Assert.Equal(QuarantineCause.None, inflater.Inflate(frame, out var text));
            Assert.True(text.SequenceEqual(Naive(frame)!));
            Assert.True(text.SequenceEqual(payload));
        }

        Assert.Equal(0, inflater.Replaced);
    }

    [Fact, Trait("requirement", "R20")]
    public void A_damaged_frame_is_refused_or_means_what_the_twin_reads_and_the_next_one_is_read_as_ever()
    {
        var random = new Random(32);
        var inflater = new GzipInflater();
        var clean = Payload(random, 3_000);
        var good = Pack(clean, CompressionLevel.Optimal);
        var refused = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var frame = Pack(Payload(random, random.Next(1, 2_000)), (CompressionLevel)random.Next(4));
            for (var flips = random.Next(1, 3); flips > 0; flips--) frame[random.Next(2, frame.Length)] ^= (byte)(1 << random.Next(8));
            var cause = inflater.Inflate(frame, out var text);
            if (cause == QuarantineCause.None)
            {
                Assert.True(text.SequenceEqual(Naive(frame)!)); // a bit of the header without meaning
            }
            else
            {
                refused++;
                Assert.True(text.IsEmpty);
            }

            Assert.Equal(QuarantineCause.None, inflater.Inflate(good, out text));
            Assert.True(text.SequenceEqual(clean));
        }

        Assert.InRange(refused, 2_500, 3_000);
        Assert.InRange(inflater.Replaced, refused, 2 * refused); // once more to find out why
    }

    [Fact, Trait("requirement", "R20")]
    public void A_frame_cut_at_any_byte_is_truncated_and_leaves_nothing_behind()
    {
        var random = new Random(33);
        var inflater = new GzipInflater();
        foreach (var level in Enum.GetValues<CompressionLevel>())
        {
            var clean = Payload(random, 700);
            var frame = Pack(clean, level);
            for (var length = 0; length < frame.Length; length++)
            {
                Assert.Equal(QuarantineCause.Truncated, inflater.Inflate(frame.AsSpan(0, length), out _));
                if (length % 50 == 0) Assert.Equal(QuarantineCause.None, inflater.Inflate(frame, out _));
            }

            Assert.Equal(QuarantineCause.None, inflater.Inflate(frame, out var text));
            Assert.True(text.SequenceEqual(clean));
        }
    }

    [Fact, Trait("requirement", "R20")]
    public void What_follows_the_member_and_what_is_no_member_is_refused()
    {
        var inflater = new GzipInflater();
        var frame = Pack("{\"ping\":1}"u8.ToArray(), CompressionLevel.Optimal);
        Assert.Equal(QuarantineCause.Truncated, inflater.Inflate([.. frame, 0], out _));
        Assert.Equal(QuarantineCause.Truncated, inflater.Inflate([.. frame, .. frame], out _));
        Assert.Equal(QuarantineCause.Malformed, inflater.Inflate(new byte[100], out _));
        Assert.Equal(QuarantineCause.Truncated, inflater.Inflate([], out _));
        Assert.Equal(QuarantineCause.None, inflater.Inflate(frame, out var text));
        Assert.True(text.SequenceEqual("{\"ping\":1}"u8));
    }

    [Fact, Trait("requirement", "R18")]
    public void A_bomb_is_too_large_before_it_fills_the_memory()
    {
        var inflater = new GzipInflater(100_000);
        Assert.Equal(QuarantineCause.None, inflater.Inflate(Pack(new byte[100_000], CompressionLevel.Optimal), out var text));
        Assert.Equal(100_000, text.Length);
        Assert.Equal(QuarantineCause.TooLarge, inflater.Inflate(Pack(new byte[100_001], CompressionLevel.Optimal), out text));
        Assert.True(text.IsEmpty);

        var bomb = Pack(new byte[200_000_000], CompressionLevel.Optimal);
        var standard = new GzipInflater();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(QuarantineCause.TooLarge, standard.Inflate(bomb, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * GzipInflater.TextBytesMax);
        Assert.Equal(QuarantineCause.None, standard.Inflate(Pack([1, 2, 3], CompressionLevel.Optimal), out _));
    }

    [Fact, Trait("requirement", "R37")]
    public void Inflating_allocates_nothing_once_the_buffers_have_grown()
    {
        var random = new Random(34);
        var inflater = new GzipInflater();
        byte[][] frames = [.. Enumerable.Range(0, 50).Select(i => Pack(Payload(random, 1 + i * 200), (CompressionLevel)(i % 4)))];
        for (var round = 0; round < 3; round++)
            foreach (var frame in frames) inflater.Inflate(frame, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var frame in frames) inflater.Inflate(frame, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[]? Naive(byte[] frame)
    {
        using var gzip = new GZipStream(new MemoryStream(frame), CompressionMode.Decompress);
        using var text = new MemoryStream();
        gzip.CopyTo(text);
        return text.ToArray();
    }

    /// <summary>Text that repeats itself, as prices do, with noise in between.</summary>
    private static byte[] Payload(Random random, int length)
    {
        var payload = new byte[length];
        for (var i = 0; i < length; i++)
            payload[i] = i > 20 && random.Next(4) > 0 ? payload[i - random.Next(1, 20)] : (byte)random.Next(256);
        return payload;
    }

    private static byte[] Pack(byte[] payload, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level)) gzip.Write(payload);
        return packed.ToArray();
    }
}
