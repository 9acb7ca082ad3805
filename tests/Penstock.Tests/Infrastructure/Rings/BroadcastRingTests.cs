using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

public sealed class BroadcastRingTests : IDisposable
{
    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder.File("venue.ring");

    [Fact]
    [Trait("requirement", "R25")]
    [Trait("requirement", "R26")]
    public void Every_reader_sees_every_event_in_order_with_its_own_cursor()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 64);
        using var first = ring.CreateReader();
        using var second = ring.CreateReader();
        var buffer = new LineEvent[64];

        ring.Publish([LineEvent.Of(1), LineEvent.Of(2), LineEvent.Of(3)]);
        Assert.Equal(3, first.Read(buffer, out var lost));
        Assert.Equal(0, lost);
        Assert.Equal([1L, 2, 3], buffer[..3].Select(e => e.Number));

        ring.Publish(LineEvent.Of(4));
        Assert.Equal(2, second.Read(buffer.AsSpan(0, 2), out _));
        Assert.Equal(2, second.Lag);
        Assert.Equal(2, second.Read(buffer, out _));
        Assert.Equal([3L, 4], buffer[..2].Select(e => e.Number));
        Assert.Equal(1, first.Read(buffer, out _));
        Assert.Equal(0, first.Read(buffer, out _));
        Assert.Equal(4, ring.Published);
    }

    [Fact]
    [Trait("requirement", "R12")]
    [Trait("requirement", "R27")]
    [Trait("requirement", "R29")]
    [Trait("requirement", "R30")]
    [Trait("requirement", "R31")]
    public void Slow_reader_is_lapped_and_counted_without_delaying_the_producer_or_the_other_reader()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 64);
        using var slow = ring.CreateReader();
        using var fast = ring.CreateReader();
        var buffer = new LineEvent[64];
        for (var number = 0; number < 1000; number++)
        {
            ring.Publish(LineEvent.Of(number));
            Assert.Equal(1, fast.Read(buffer, out _));
        }

        Assert.Equal(1000, slow.Lag);
        var read = slow.Read(buffer, out var lost);
        Assert.True(lost > 1000 - 64);
        Assert.Equal(1000, read + lost);
        Assert.Equal(lost, buffer[0].Number);
        Assert.Equal(999, buffer[read - 1].Number);
        Assert.Equal((lost, 1), (slow.LostTotal, slow.Laps));
        Assert.Equal((0, 1000), (fast.LostTotal, fast.ReadTotal));
    }

    [Fact]
    [Trait("requirement", "R29")]
    public void Reader_within_the_lossless_lag_never_loses()
    {
        using var ring = BroadcastRing<SmallEvent>.Create(Path, 256);
        using var reader = ring.CreateReader();
        var buffer = new SmallEvent[256];
        long number = 0;
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < ring.LosslessLagMax; i++) ring.Publish(SmallEvent.Of(number++));
            Assert.Equal(ring.LosslessLagMax, reader.Read(buffer, out var lost));
            Assert.Equal(0, lost);
        }
    }

    [Fact]
    [Trait("requirement", "R32")]
    public void Late_reader_may_begin_with_the_oldest_whole_event()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 64);
        var buffer = new LineEvent[64];
        for (var number = 0; number < 40; number++) ring.Publish(LineEvent.Of(number));
        using (var early = ring.CreateReader(fromOldest: true)) Assert.Equal(40, early.Read(buffer, out _));

        for (var number = 40; number < 500; number++) ring.Publish(LineEvent.Of(number));
        using var late = ring.CreateReader(fromOldest: true);
        Assert.InRange(late.Start, 500 - 64, 500 - ring.LosslessLagMax);
        var read = late.Read(buffer, out var lost);
        Assert.Equal((500, 0), (late.Start + read, lost));
        Assert.All(buffer[..read], (e, i) => Assert.Equal(late.Start + i, e.Number));
    }

    [Fact]
    public void Batch_longer_than_the_ring_leaves_its_end()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 16);
        using var reader = ring.CreateReader();
        ring.Publish(Enumerable.Range(0, 1001).Select(n => LineEvent.Of(n)).ToArray());
        var buffer = new LineEvent[16];
        var read = reader.Read(buffer, out var lost);
        Assert.Equal(1001, read + lost);
        Assert.All(buffer[..read], (e, i) => Assert.Equal(lost + i, e.Number));
    }

    [Fact]
    public void Skipping_to_the_latest_is_accounted_apart_from_loss()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 16);
        using var reader = ring.CreateReader();
        for (var number = 0; number < 100; number++) ring.Publish(LineEvent.Of(number));
        Assert.Equal(100, reader.SkipToLatest());
        ring.Publish(LineEvent.Of(100));
        var buffer = new LineEvent[4];
        Assert.Equal(1, reader.Read(buffer, out _));
        Assert.Equal(100, buffer[0].Number);
        Assert.Equal((100, 0, 1), (reader.SkippedTotal, reader.LostTotal, reader.ReadTotal));
    }

    [Fact]
    [Trait("requirement", "R37")]
    public void Peeked_events_are_in_place_and_only_true_when_advancing_says_so()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 16);
        using var reader = ring.CreateReader();
        for (var number = 0; number < 5; number++) ring.Publish(LineEvent.Of(number));
        var seen = reader.Peek(3, out var lost);
        Assert.Equal((3, 0), (seen.Length, lost));
        Assert.Equal(2, seen[2].Number);
        Assert.True(reader.TryAdvance(3, out lost));
        Assert.Equal((3, 0), (reader.Cursor, lost));

        seen = reader.Peek(16, out _);
        Assert.Equal(2, seen.Length);
        for (var number = 5; number < 40; number++) ring.Publish(LineEvent.Of(number));
        Assert.NotEqual(3, seen[0].Number);
        Assert.False(reader.TryAdvance(2, out lost));
        Assert.Equal(reader.Cursor - 3, lost);

        // The rest comes in runs that end at the end of the memory.
        while (reader.Peek(16, out _) is { IsEmpty: false } run)
        {
            for (var i = 0; i < run.Length; i++) Assert.Equal(reader.Cursor + i, run[i].Number);
            Assert.True(reader.TryAdvance(run.Length, out _));
        }

        Assert.Equal(40, reader.ReadTotal + reader.LostTotal);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryAdvance(1, out _));
    }

    [Fact]
    [Trait("requirement", "R28")]
    public unsafe void Slots_the_producer_has_claimed_are_not_believed_though_it_has_not_published_yet()
    {
        // The producer is stopped in the middle of a write: its claim (offset 256) is out, its events are not.
        using var ring = BroadcastRing<LineEvent>.Create(Path, 64);
        using var copying = ring.CreateReader();
        using var peeking = ring.CreateReader();
        for (var number = 0; number < 60; number++) ring.Publish(LineEvent.Of(number));
        var seen = peeking.Peek(10, out _);
        Assert.Equal(10, seen.Length);
        using var hand = MappedFile.Open(Path, writable: true);
        *(long*)(hand.Pointer + 256) = 64 + 12;

        var buffer = new LineEvent[64];
        var read = copying.Read(buffer, out var lost);
        Assert.True(lost >= 12);
        Assert.Equal((60 - lost, lost), (read, buffer[0].Number));
        Assert.False(peeking.TryAdvance(10, out lost));
        Assert.True(lost >= 12);
        Assert.Equal((lost, 0), (peeking.Cursor, peeking.ReadTotal));
    }

    [Fact]
    [Trait("requirement", "R26")]
    public void Another_mapping_reads_what_the_producer_writes_and_cannot_publish()
    {
        using var ring = BroadcastRing<SmallEvent>.Create(Path, 64);
        using var other = BroadcastRing<SmallEvent>.Open(Path);
        using var reader = other.CreateReader();
        ring.Publish(SmallEvent.Of(7));
        ring.Heartbeat(123);
        var buffer = new SmallEvent[4];
        Assert.Equal(1, reader.Read(buffer, out _));
        Assert.Equal(SmallEvent.Of(7), buffer[0]);
        Assert.Equal(Environment.ProcessId, reader.ProducerPid);
        Assert.Equal(123, reader.HeartbeatNs);
        Assert.False(reader.IsProducerSilent(nowNs: 200, limitNs: 100));
        Assert.True(reader.IsProducerSilent(nowNs: 224, limitNs: 100));
        Assert.Throws<InvalidOperationException>(() => other.Publish(SmallEvent.Of(8)));
        Assert.Equal(1, ring.Published);
    }

    [Fact]
    [Trait("requirement", "R32")]
    public void Restarted_producer_makes_a_new_generation_that_old_readers_notice_after_draining()
    {
        var first = BroadcastRing<SmallEvent>.Create(Path, 64);
        using var attached = BroadcastRing<SmallEvent>.Open(Path);
        using var reader = attached.CreateReader();
        first.Publish(SmallEvent.Of(1));
        Assert.False(reader.ProducerGone);

        // As after kill -9: the first producer never closed, and the second has another capacity.
        using var second = BroadcastRing<SmallEvent>.Create(Path, 128);
        Assert.Equal(MappedState.Superseded, first.State);
        Assert.True(reader.ProducerGone);
        var buffer = new SmallEvent[4];
        Assert.Equal(1, reader.Read(buffer, out _));
        Assert.Equal((1, 2), (reader.Generation, second.Generation));

        using var reopened = BroadcastRing<SmallEvent>.Open(Path);
        using var next = reopened.CreateReader(fromOldest: true);
        second.Publish(SmallEvent.Of(2));
        Assert.Equal(1, next.Read(buffer, out _));
        Assert.Equal(2, buffer[0].Number);
        first.Publish(SmallEvent.Of(3));
        Assert.Equal(0, next.Read(buffer, out _));
        first.Dispose();
        Assert.Equal(MappedState.Superseded, reader.State);
        Assert.Single(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void Closed_ring_can_be_drained_and_says_so()
    {
        var ring = BroadcastRing<SmallEvent>.Create(Path, 64);
        using var reader = ring.CreateReader();
        ring.Publish(SmallEvent.Of(1));
        ring.Dispose();
        ring.Dispose();
        Assert.Equal(MappedState.Closed, reader.State);
        Assert.Equal(1, reader.Read(new SmallEvent[4], out _));
        Assert.Equal(1, ring.Published);
        Assert.Throws<ObjectDisposedException>(() => ring.Publish(SmallEvent.Of(2)));
        Assert.Throws<ObjectDisposedException>(() => ring.CreateReader());
    }

    [Fact]
    public void Disposed_reader_throws_instead_of_ending_the_process()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 64);
        var reader = ring.CreateReader();
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<NullReferenceException>(() => reader.Read(new LineEvent[1], out _));
        Assert.Equal(0, reader.ReadTotal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(1000)]
    [InlineData(-8)]
    public void Capacity_is_a_power_of_two(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BroadcastRing<SmallEvent>.Create(Path, capacity));

    [Fact]
    [Trait("requirement", "R28")]
    [Trait("requirement", "R36")]
    public void Publishing_and_reading_allocate_nothing()
    {
        using var ring = BroadcastRing<LineEvent>.Create(Path, 1024);
        using var reader = ring.CreateReader();
        var batch = Enumerable.Range(0, 16).Select(n => LineEvent.Of(n)).ToArray();
        var buffer = new LineEvent[16];
        Assert.Equal(0, AllocationMeter.BytesOf(() =>
        {
            for (var round = 0; round < 10_000; round++)
            {
                ring.Publish(batch);
                ring.Publish(batch[0]);
                ring.Heartbeat(round);
                reader.Read(buffer, out _);
                reader.Peek(1, out _);
                reader.TryAdvance(1, out _);
            }

            // A lap, with its resynchronisation.
            for (var round = 0; round < 100; round++) ring.Publish(batch);
            while (reader.Read(buffer, out _) > 0)
            {
            }
        }));
        Assert.True(reader.Laps > 0);
        Assert.Equal(ring.Published, reader.ReadTotal + reader.LostTotal);
    }
}
