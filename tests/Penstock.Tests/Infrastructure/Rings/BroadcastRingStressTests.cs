using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>
/// Real threads over two mappings of one file, as two processes would have them. Bounded by count, not by time. The events are
/// large, so that a copy takes long enough to be overtaken, and nobody begins before everybody is there.
/// </summary>
public sealed class BroadcastRingStressTests : IDisposable
{
    private const long Total = 600_000;

    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(4096)]
    [Trait("requirement", "R26")]
    [Trait("requirement", "R27")]
    [Trait("requirement", "R28")]
    public void Free_running_producer_never_shows_a_torn_or_repeated_event_and_every_loss_is_counted(int capacity)
    {
        var path = _folder.File("stress.ring");
        using var ring = BroadcastRing<LargeEvent>.Create(path, capacity);
        using var mapping = BroadcastRing<LargeEvent>.Open(path);
        using var start = new Barrier(3);
        var readers = new[] { new Follower(mapping.CreateReader(), start, peek: false), new Follower(mapping.CreateReader(), start, peek: true) };
        var threads = readers.Select(r => new Thread(r.Run) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();

        var batch = new LargeEvent[16];
        start.SignalAndWait();
        for (long number = 0; number < Total;)
        {
            var size = (int)Math.Min(1 + number % 16, Total - number);
            for (var i = 0; i < size; i++) batch[i] = LargeEvent.Of(number++);
            ring.Publish(batch.AsSpan(0, size));
            // Lets readers in on a crowded machine, so that laps happen while they copy and not only while they sleep.
            if ((number & 0xFFF) == 0) Thread.Yield();
        }

        foreach (var thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        foreach (var reader in readers)
        {
            Assert.Null(reader.Failure);
            Assert.Equal(Total, reader.Read + reader.Lost);
            Assert.True(reader.Read > 0);
        }
    }

    /// <summary>Follows to the end; what it finds wrong it remembers for the test's own thread.</summary>
    private sealed class Follower(RingReader<LargeEvent> reader, Barrier start, bool peek)
    {
        public string? Failure { get; private set; }

        public long Read { get; private set; }

        public long Lost { get; private set; }

        public void Run()
        {
            var buffer = new LargeEvent[32];
            start.SignalAndWait();
            while (reader.Cursor < Total && Failure is null)
            {
                var before = reader.Cursor;
                var count = peek ? PeekInto(buffer, out var lost) : reader.Read(buffer, out lost);
                Lost += lost;
                Read += count;
                if (count == 0) Thread.Yield();
                if (before + lost + count != reader.Cursor) Failure = $"{before} + {lost} + {count} is not {reader.Cursor}";
                for (var i = 0; i < count; i++)
                {
                    if (!buffer[i].IsWhole) Failure = $"torn at {before + lost + i}";
                    else if (buffer[i].Number != before + lost + i) Failure = $"{buffer[i].Number} at {before + lost + i}";
                }
            }

            reader.Dispose();
        }

        private int PeekInto(LargeEvent[] buffer, out long lost)
        {
            var seen = reader.Peek(buffer.Length, out lost);
            seen.CopyTo(buffer);
            if (seen.IsEmpty) return 0;
            if (reader.TryAdvance(seen.Length, out var overtaken)) return seen.Length;
            lost += overtaken;
            return 0;
        }
    }
}
