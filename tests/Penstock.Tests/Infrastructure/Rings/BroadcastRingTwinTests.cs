using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>The ring against its naive twin: a list that forgets nothing, under seeded interleavings of everybody's calls.</summary>
public sealed class BroadcastRingTwinTests : IDisposable
{
    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 16)]
    [InlineData(4, 64)]
    [InlineData(5, 1024)]
    [InlineData(6, 4096)]
    [Trait("requirement", "R28")]
    [Trait("requirement", "R30")]
    public void Any_interleaving_of_publishing_and_reading_agrees_with_a_list(int seed, int capacity)
    {
        Run(seed, capacity, n => SmallEvent.Of(n), e => e.IsWhole ? e.Number : -1);
        Run(seed + 100, capacity, n => LineEvent.Of(n), e => e.IsWhole ? e.Number : -1);
        Run(seed + 200, capacity, n => LargeEvent.Of(n), e => e.IsWhole ? e.Number : -1);
    }

    private void Run<T>(int seed, int capacity, Func<long, T> make, Func<T, long> number) where T : unmanaged
    {
        var random = new Random(seed);
        var path = _folder.File($"twin-{typeof(T).Name}.ring");
        using var ring = BroadcastRing<T>.Create(path, capacity);
        using var mapping = BroadcastRing<T>.Open(path);
        var all = new List<long>();
        var readers = new List<Twin<T>>();
        for (var i = 0; i < 3; i++) readers.Add(new Twin<T>(i == 0 ? ring : mapping, all));
        for (var step = 0; step < 600; step++)
        {
            if (random.Next(3) == 0)
            {
                var size = random.Next(10) == 0 ? random.Next(3 * capacity) : random.Next(capacity / 4 + 1);
                var batch = new T[size];
                for (var i = 0; i < size; i++) batch[i] = make(all.Count + i);
                for (var i = 0; i < size; i++) all.Add(all.Count);
                ring.Publish(batch);
                Assert.Equal(all.Count, ring.Published);
            }
            else if (random.Next(50) == 0)
            {
                readers[random.Next(readers.Count)].Skip();
            }
            else
            {
                readers[random.Next(readers.Count)].Read(random.Next(2 * capacity), number);
            }
        }

        foreach (var reader in readers) reader.Drain(number);
    }

    /// <summary>What a reader must have seen, kept the slow way.</summary>
    private sealed class Twin<T>(BroadcastRing<T> ring, List<long> all) where T : unmanaged
    {
        private readonly RingReader<T> _reader = ring.CreateReader();
        private long _cursor;
        private long _read;
        private long _lost;
        private long _skipped;

        public void Read(int room, Func<T, long> number)
        {
            var buffer = new T[room];
            var lag = all.Count - _cursor;
            Assert.Equal(lag, _reader.Lag);
            var read = _reader.Read(buffer, out var lost);

            // What it may lose: nothing within the promise, everything beyond the ring, and no more than is there.
            if (lag <= ring.LosslessLagMax) Assert.Equal(0, lost);
            if (lag > ring.Capacity) Assert.True(lost >= lag - ring.Capacity);
            Assert.True(lost <= Math.Max(0, lag - ring.Capacity / 2));
            _cursor += lost;
            Assert.Equal(Math.Min(room, all.Count - _cursor), read);
            for (var i = 0; i < read; i++) Assert.Equal(all[(int)_cursor + i], number(buffer[i]));
            _cursor += read;
            _read += read;
            _lost += lost;
            Agree();
        }

        public void Skip()
        {
            _skipped += all.Count - _cursor;
            Assert.Equal(all.Count - _cursor, _reader.SkipToLatest());
            _cursor = all.Count;
            Agree();
        }

        public void Drain(Func<T, long> number)
        {
            Read(ring.Capacity, number);
            Assert.Equal(all.Count, _reader.ReadTotal + _reader.LostTotal + _reader.SkippedTotal);
            _reader.Dispose();
        }

        private void Agree() =>
            Assert.Equal((_cursor, _read, _lost, _skipped),
                (_reader.Cursor, _reader.ReadTotal, _reader.LostTotal, _reader.SkippedTotal));
    }
}
