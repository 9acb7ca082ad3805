using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Rings;

public sealed class QueueTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 16)]
    [InlineData(4, 128)]
    [Trait("requirement", "R34")]
    public void Spsc_queue_agrees_with_a_queue(int seed, int capacity)
    {
        using var queue = new SpscQueue<LargeEvent>(capacity);
        AgreesWithTwin(seed, capacity, (in LargeEvent e) => queue.TryEnqueue(e), queue.TryDequeue, queue.Drain,
            () => (queue.Count, queue.Enqueued, queue.Dequeued, queue.Rejected));
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(6, 16)]
    [InlineData(7, 128)]
    [Trait("requirement", "R34")]
    public void Mpsc_queue_agrees_with_a_queue(int seed, int capacity)
    {
        using var queue = new MpscQueue<LargeEvent>(capacity);
        AgreesWithTwin(seed, capacity, (in LargeEvent e) => queue.TryEnqueue(e), queue.TryDequeue, queue.Drain,
            () => (queue.Count, queue.Enqueued, queue.Dequeued, queue.Rejected));
    }

    private delegate bool Enqueue(in LargeEvent item);

    private delegate bool Dequeue(out LargeEvent item);

    private delegate int DrainInto(Span<LargeEvent> destination);

    private static void AgreesWithTwin(int seed, int capacity, Enqueue enqueue, Dequeue dequeue, DrainInto drain,
        Func<(int, long, long, long)> counters)
    {
        var random = new Random(seed);
        var twin = new Queue<long>();
        long enqueued = 0, dequeued = 0, rejected = 0;
        for (var step = 0; step < 5_000; step++)
        {
            // Phases of plenty and of want, so that the queue is often full and often empty.
            var filling = step / 500 % 2 == 0;
            if (random.Next(10) < (filling ? 8 : 3))
            {
                var fits = twin.Count < capacity;
                Assert.Equal(fits, enqueue(LargeEvent.Of(step)));
                if (fits) twin.Enqueue(step);
                if (fits) enqueued++;
                else rejected++;
            }
            else if (!filling && random.Next(4) == 0)
            {
                var buffer = new LargeEvent[random.Next(capacity + 2)];
                var count = drain(buffer);
                Assert.Equal(Math.Min(buffer.Length, twin.Count), count);
                for (var i = 0; i < count; i++) Assert.Equal((twin.Dequeue(), true), (buffer[i].Number, buffer[i].IsWhole));
                dequeued += count;
            }
            else
            {
                Assert.Equal(twin.Count > 0, dequeue(out var item));
                if (twin.Count == 0) continue;
                Assert.Equal((twin.Dequeue(), true), (item.Number, item.IsWhole));
                dequeued++;
            }

            Assert.Equal((twin.Count, enqueued, dequeued, rejected), counters());
        }

        Assert.True(rejected > 0);
    }

    [Fact]
    [Trait("requirement", "R34")]
    [Trait("requirement", "R37")]
    public void Large_elements_are_written_and_read_in_place()
    {
        using var queue = new SpscQueue<LargeEvent>(4);
        for (var number = 0; number < 20; number++)
        {
            var slot = queue.TryClaim();
            slot[0] = LargeEvent.Of(number);
            Assert.True(queue.Peek().IsEmpty);
            queue.Commit();
            var waiting = queue.Peek();
            Assert.Equal(1, waiting.Length);
            Assert.True(waiting[0].IsWhole);
            Assert.Equal(number, waiting[0].Number);
            queue.Release(1);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Release(1));
        for (var i = 0; i < 4; i++) Assert.True(queue.TryEnqueue(default));
        Assert.True(queue.TryClaim().IsEmpty);
        Assert.Equal(1, queue.Rejected);
    }

    [Fact]
    [Trait("requirement", "R34")]
    public void Two_threads_pass_everything_through_a_small_spsc_queue_in_order()
    {
        const int Total = 200_000;
        using var queue = new SpscQueue<LargeEvent>(64);
        using var start = new Barrier(2);
        var producer = new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < Total;)
            {
                if (queue.TryEnqueue(LargeEvent.Of(i))) i++;
                else Thread.Yield();
            }
        }) { IsBackground = true };
        producer.Start();
        start.SignalAndWait();
        var buffer = new LargeEvent[32];
        for (var next = 0; next < Total;)
        {
            var count = queue.Drain(buffer);
            if (count == 0) Thread.Yield();
            for (var i = 0; i < count; i++) Assert.True(buffer[i].IsWhole && buffer[i].Number == next++);
        }

        Assert.True(producer.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal((Total, Total), (queue.Enqueued, queue.Dequeued));
    }

    [Fact]
    [Trait("requirement", "R34")]
    public void Three_producers_lose_nothing_and_keep_their_own_order()
    {
        const int Each = 50_000;
        const int Producers = 3;
        using var queue = new MpscQueue<LargeEvent>(64);
        using var start = new Barrier(Producers + 1);
        var threads = Enumerable.Range(0, Producers).Select(p => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < Each;)
            {
                if (queue.TryEnqueue(LargeEvent.Of(i * (long)Producers + p))) i++;
                else Thread.Yield();
            }
        }) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();
        start.SignalAndWait();

        var next = new long[Producers];
        for (var taken = 0; taken < Each * Producers;)
        {
            if (!queue.TryDequeue(out var item))
            {
                Thread.Yield();
                continue;
            }

            Assert.True(item.IsWhole);
            Assert.Equal(next[item.Number % Producers]++, item.Number / Producers);
            taken++;
        }

        foreach (var thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.All(next, n => Assert.Equal(Each, n));
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    [Trait("requirement", "R36")]
    public void Queues_allocate_nothing()
    {
        using var spsc = new SpscQueue<LineEvent>(8);
        using var mpsc = new MpscQueue<LineEvent>(8);
        var buffer = new LineEvent[8];
        Assert.Equal(0, AllocationMeter.BytesOf(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                spsc.TryEnqueue(LineEvent.Of(i));
                mpsc.TryEnqueue(LineEvent.Of(i));
                if (i % 12 != 0) continue;
                spsc.Drain(buffer);
                mpsc.Drain(buffer);
            }
        }));
        Assert.True(spsc.Rejected > 0);
        Assert.Equal(spsc.Rejected, mpsc.Rejected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Queue_capacity_is_a_power_of_two(int capacity)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpscQueue<long>(capacity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MpscQueue<long>(capacity));
    }

    [Fact]
    [Trait("requirement", "R38")]
    public void Pool_hands_out_what_it_made_and_counts_when_it_is_empty()
    {
        var made = 0;
        var pool = new ObjectPool<object>(1_000, () => { made++; return new object(); });
        var rented = new HashSet<object>();
        while (pool.TryRent(out var item)) Assert.True(rented.Add(item));
        Assert.Equal((1_000, 1_000, 0, 1), (made, rented.Count, pool.Free, pool.Exhausted));

        foreach (var item in rented) pool.Return(item);
        Assert.Equal(0, AllocationMeter.BytesOf(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (pool.TryRent(out var item)) pool.Return(item);
            }
        }));
        Assert.Equal((1_000, 0, 1_000), (pool.Free, pool.FreeMin, made));
        Assert.Throws<InvalidOperationException>(() => pool.Return(new object()));
    }
}
