using System.Diagnostics;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Benchmarks.Rows;

/// <summary>One level update and a look at best bid and ask, four of five in the top twenty levels, a third of them deletes.</summary>
internal static class BookRows
{
    private const long Tick = 1_000_000;
    private const long Middle = 6_000_000L * Tick;

    public static IEnumerable<Row> Update(bool quick)
    {
        // As many events as the ring holds, over and over: what is measured is the book, not the reading of old memory.
        var events = Generate(65_536);
        var times = quick ? 4 : 16;
        var flat = new FlatBook(new InstrumentId(1), new Price(Tick));
        var sorted = new SortedArrayBook(new InstrumentId(1));
        var (ours, baseline) = Comparison.Interleaved(5, () => NsPerUpdate(flat, events, times), () => DictionaryNsPerUpdate(events, times));
        yield return new Row("book update + best bid/ask", "ns", ours, baseline, "SortedDictionary", 15, Better.Faster, "tick-indexed");
        var (fallback, again) = Comparison.Interleaved(3, () => NsPerUpdate(sorted, events, times), () => DictionaryNsPerUpdate(events, times));
        yield return new Row("book update (sorted array)", "ns", fallback, again, "SortedDictionary", 1, Better.Faster, "where the tick is unknown");
    }

    private static MarketEvent[] Generate(int count)
    {
        var random = new Random(11);
        var events = new MarketEvent[count];
        for (var i = 0; i < count; i++)
        {
            var depth = random.Next(5) == 0 ? random.Next(20, 640) : random.Next(20);
            var buy = random.Next(2) == 0;
            events[i] = new MarketEvent
            {
                Kind = i == 0 ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta, Side = buy ? Side.Buy : Side.Sell,
                Price = new Price(Middle + (buy ? -1 - depth : 1 + depth) * Tick), Quantity = new Quantity(random.Next(100) < 35 ? 0 : random.Next(1, 1_000_000)),
                Instrument = new InstrumentId(1), Venue = new VenueId(1), UpdateId = i + 1,
                Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage | (i == 0 ? MarketEventFlags.Snapshot : MarketEventFlags.None),
            };
        }

        return events;
    }

    private static double NsPerUpdate<TBook>(TBook book, MarketEvent[] events, int times) where TBook : IOrderBook
    {
        long sink = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < events.Length * times; i++)
        {
            book.Apply(in events[i & (events.Length - 1)]);
            if (book.TryBest(Side.Buy, out var bid)) sink += bid.Price.Raw;
            if (book.TryBest(Side.Sell, out var ask)) sink += ask.Price.Raw;
        }

        watch.Stop();
        GC.KeepAlive(sink);
        return watch.Elapsed.TotalNanoseconds / ((double)events.Length * times);
    }

    private static double DictionaryNsPerUpdate(MarketEvent[] events, int times)
    {
        var bids = new SortedDictionary<long, long>(Comparer<long>.Create((a, b) => b.CompareTo(a)));
        var asks = new SortedDictionary<long, long>();
        long sink = 0;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < events.Length * times; i++)
        {
            ref readonly var e = ref events[i & (events.Length - 1)];
            var side = e.Side == Side.Buy ? bids : asks;
            if (e.Quantity.Raw == 0) side.Remove(e.Price.Raw);
            else side[e.Price.Raw] = e.Quantity.Raw;
            foreach (var (price, _) in bids)
            {
                sink += price;
                break;
            }

            foreach (var (price, _) in asks)
            {
                sink += price;
                break;
            }
        }

        watch.Stop();
        GC.KeepAlive(sink);
        return watch.Elapsed.TotalNanoseconds / ((double)events.Length * times);
    }
}
