using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

public sealed class SeqlockTableTests : IDisposable
{
    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder.File("tops.table");

    [Fact]
    [Trait("requirement", "R35")]
    public void Snapshots_agree_with_a_dictionary_through_a_second_mapping()
    {
        var random = new Random(11);
        using var table = SeqlockTable<LargeEvent>.Create(Path, 100);
        using var mapping = SeqlockTable<LargeEvent>.Open(Path);
        Assert.Equal(128, mapping.Capacity);
        var twin = new Dictionary<int, (long Number, long Writes)>();
        for (var step = 0; step < 5_000; step++)
        {
            var index = random.Next(128);
            if (random.Next(2) == 0)
            {
                table.Write(index, LargeEvent.Of(step));
                twin[index] = (step, twin.GetValueOrDefault(index).Writes + 1);
            }

            var result = mapping.Read(index, out var value);
            if (!twin.TryGetValue(index, out var expected))
            {
                Assert.Equal(SeqlockResult.NeverWritten, result);
                continue;
            }

            Assert.Equal(SeqlockResult.Read, result);
            Assert.True(value.IsWhole);
            Assert.Equal(expected, (value.Number, mapping.Writes(index)));
        }
    }

    [Fact]
    [Trait("requirement", "R35")]
    public void Reader_never_sees_a_torn_snapshot_of_a_writer_that_never_waits()
    {
        const int Writes = 1_000_000;
        using var table = SeqlockTable<LargeEvent>.Create(Path, 2);
        using var mapping = SeqlockTable<LargeEvent>.Open(Path);
        using var start = new Barrier(2);
        string? failure = null;
        long last = -1;
        var reader = new Thread(() =>
        {
            start.SignalAndWait();
            while (last < Writes - 1 && failure is null)
            {
                var result = mapping.Read(1, out var value);
                if (result != SeqlockResult.Read) Thread.Yield();
                else if (!value.IsWhole) failure = $"torn near {value.Number}";
                else if (value.Number < last) failure = $"{value.Number} after {last}";
                else last = value.Number;
            }
        }) { IsBackground = true };
        reader.Start();
        start.SignalAndWait();
        for (var i = 0; i < Writes; i++) table.Write(1, LargeEvent.Of(i));
        Assert.True(reader.Join(TimeSpan.FromSeconds(30)));
        Assert.Null(failure);
        Assert.Equal(SeqlockResult.NeverWritten, mapping.Read(0, out _));
    }

    [Fact]
    public void Entry_of_a_writer_that_died_in_the_middle_is_busy_and_never_waited_for()
    {
        SeqlockTable<SmallEvent>.Create(Path, 4).Dispose();
        MappedTestFolder.Poke(Path, 4096, 7);
        using var mapping = SeqlockTable<SmallEvent>.Open(Path);
        Assert.Equal(SeqlockResult.Busy, mapping.Read(0, out _));
        Assert.False(mapping.TryRead(0, out _));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var table = SeqlockTable<SmallEvent>.Create(Path, 4);
        using var mapping = SeqlockTable<SmallEvent>.Open(Path);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(4, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.Read(-1, out _));
        Assert.Throws<InvalidOperationException>(() => mapping.Write(0, default));
        Assert.False(mapping.ProducerGone);
        using var next = SeqlockTable<SmallEvent>.Create(Path, 4);
        Assert.True(mapping.ProducerGone);
        Assert.Equal(2, next.Generation);
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.Write(0, default));
    }

    [Fact]
    [Trait("requirement", "R36")]
    public void Writing_and_reading_allocate_nothing()
    {
        using var table = SeqlockTable<LineEvent>.Create(Path, 4);
        var sum = 0L;
        Assert.Equal(0, AllocationMeter.BytesOf(() =>
        {
            sum = 0;
            for (var i = 0; i < 10_000; i++)
            {
                table.Write(i & 3, LineEvent.Of(i));
                if (table.TryRead(i & 3, out var value)) sum += value.Number;
            }
        }));
        Assert.Equal(49_995_000, sum);
    }
}
