using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Control;

/// <summary>The read models of a process that comes late: journal first, ring behind it, and no event missing or twice at the seam (R40).</summary>
public sealed class MarketModelTests : IDisposable
{
    private const string Blueprint =
        """{"venues":["okx"],"instruments":[{"venue":1,"symbol":"BTC-USDT","venueSymbol":"BTC-USDT","base":"BTC","quote":"USDT","tickRaw":10000000,"lotRaw":1000,"priceDecimals":1,"quantityDecimals":5}],"strategies":[]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-models-").FullName;
    private readonly ManualClock _clock = new();
    private long _sequence;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("requirement", "R40")]
    public void Who_comes_late_has_the_book_and_every_trade_that_a_reader_from_the_start_has(int seed)
    {
        var random = new Random(seed);
        using var ring = BroadcastRing<MarketEvent>.Create(Ring(), 1 << 12);
        using var journal = JournalWriter.Open(new JournalOptions { Directory = Path.Combine(_folder, "journal"), SegmentBytes = 1 << 20 });
        Begin(journal);
        var twin = new MarketModel(Path.Combine(_folder, "rings"), _clock);
        twin.Begin(SessionBlueprint.Parse(Blueprint)!);

        // The ring is ahead of the journal, as the feed is ahead of the trading thread.
        var behind = new Queue<MarketEvent[]>();
        for (var i = 0; i < 300; i++) Publish(Batch(random));
        var market = new MarketModel(Path.Combine(_folder, "rings"), _clock);
        using var model = new JournalModel(Path.Combine(_folder, "journal"), market, _clock, _clock);
        model.Poll();
        Assert.True(market.EventsFromJournal > 0);
        market.GoLive(Environment.ProcessId);
        Assert.True(market.IsLive);
        for (var i = 0; i < 300; i++)
        {
            Publish(Batch(random));
            if (random.Next(3) == 0) market.Poll();
        }

        while (market.Poll() > 0)
        {
        }

        while (behind.TryDequeue(out var late)) twin.OnJournaled(late);
        Assert.False(market.IsBroken);
        Assert.Equal(0, market.EventsLost);
        Assert.Equal(_sequence, market.Instruments[0].Sequence);
        Assert.Equal(Text(twin, "book"), Text(market, "book"));
        Assert.Equal(Text(twin, "trades"), Text(market, "trades"));
        Assert.Equal(twin.Instruments[0].Trades.Version, market.Instruments[0].Trades.Version);
        market.Dispose();

        void Publish(MarketEvent[] batch)
        {
            ring.Publish(batch);
            behind.Enqueue(batch);
            // The trading thread journals what it has read, some batches later.
            while (behind.Count > 20)
            {
                var read = behind.Dequeue();
                journal.Append((ushort)EngineRecordType.MarketBatch, MemoryMarshal.AsBytes<MarketEvent>(read));
                twin.OnJournaled(read);
            }
        }
    }

    [Fact]
    public void A_reader_that_is_lapped_says_so_and_shows_no_book_it_cannot_prove()
    {
        using var ring = BroadcastRing<MarketEvent>.Create(Ring(), 64);
        var market = new MarketModel(Path.Combine(_folder, "rings"), _clock);
        market.Begin(SessionBlueprint.Parse(Blueprint)!);
        market.GoLive(Environment.ProcessId);
        var random = new Random(1);
        ring.Publish(Batch(random));
        market.Poll();
        Assert.True(market.Instruments[0].Levels!.Flags.HasFlag(BookFlags.Synced));
        for (var i = 0; i < 200; i++) ring.Publish(Batch(random, snapshot: false));
        market.Poll();
        Assert.True(market.IsBroken);
        Assert.True(market.EventsLost > 0);
        market.Dispose();
    }

    [Fact]
    public void The_ring_of_another_process_is_not_taken_for_the_sessions_own()
    {
        using var ring = BroadcastRing<MarketEvent>.Create(Ring(), 64);
        var market = new MarketModel(Path.Combine(_folder, "rings"), _clock);
        market.Begin(SessionBlueprint.Parse(Blueprint)!);
        market.GoLive(Environment.ProcessId + 1);
        Assert.False(market.IsLive);
        market.Dispose();
    }

    [Fact]
    public void A_tape_in_the_compact_form_says_the_same_as_in_JSON()
    {
        var market = new MarketModel(Path.Combine(_folder, "rings"), _clock);
        market.Begin(SessionBlueprint.Parse(Blueprint)!);
        market.OnJournaled(Batch(new Random(4)));
        var view = market.Instruments[0];
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        ((ITopic)view.Trades).WriteBinary(bytes, ITopic.FromNothing);
        var json = JsonNode.Parse(JsonText.Encode(w => view.Trades.Write(w, ITopic.FromNothing)))!.AsArray();
        Assert.Equal(json.Count, BitConverter.ToUInt16(bytes.WrittenSpan));
        Assert.Equal((string?)json[0]!["price"], FixedPoint.ToText(BitConverter.ToInt64(bytes.WrittenSpan[(2 + 16)..])));
        var book = new System.Buffers.ArrayBufferWriter<byte>();
        view.Book.WriteBinary(book, ITopic.FromNothing);
        var levels = JsonNode.Parse(JsonText.Encode(w => view.Book.Write(w, ITopic.FromNothing)))!;
        Assert.Equal((levels["bids"]!.AsArray().Count, levels["asks"]!.AsArray().Count), (book.WrittenSpan[13], book.WrittenSpan[14]));
        Assert.Equal((string?)levels["bids"]![0]![0], FixedPoint.ToText(BitConverter.ToInt64(book.WrittenSpan[15..])));
    }

    [Fact]
    public void Bars_hold_every_trade_of_their_time_late_ones_too()
    {
        var instrument = SessionBlueprint.Parse(Blueprint)!.Instruments.All[0];
        var bars = new BarSeries("bars", instrument, 1_000);
        foreach (var (ms, price) in new[] { (1_000L, 10), (1_999L, 12), (2_500L, 9), (1_500L, 7), (5_000L, 8) })
        {
            bars.Add(new MarketEvent { Kind = MarketEventKind.Trade, ExchangeTime = ExchangeTime.FromMs(ms), Price = Price.From(price),
                Quantity = Quantity.From(1), Side = Side.Buy });
        }

        var rows = JsonNode.Parse(JsonText.Encode(w => bars.Write(w, ITopic.FromNothing)))!.AsArray();
        Assert.Equal(["1000 10 12 7 7 3", "2000 9 9 9 9 1", "5000 8 8 8 8 1"],
            rows.Select(r => $"{r!["openMs"]} {r["open"]} {r["high"]} {r["low"]} {r["close"]} {r["volume"]}"));
        var changed = JsonNode.Parse(JsonText.Encode(w => bars.Write(w, 3)))!.AsArray();
        Assert.Equal([1_000L, 5_000L], changed.Select(r => r!["openMs"]!.GetValue<long>()));
    }

    private string Ring()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "rings"));
        return Path.Combine(_folder, "rings", "okx.ring");
    }

    private void Begin(JournalWriter journal) =>
        journal.Append((ushort)EngineRecordType.SessionStart, EngineRecords.Encode(new SessionInfo(1, 1, _clock.NowNs, Blueprint)));

    private static string Text(MarketModel market, string what) => System.Text.Encoding.UTF8.GetString(JsonText.Encode(w =>
    {
        if (what == "book") market.Instruments[0].Book.Write(w, ITopic.FromNothing);
        else market.Instruments[0].Trades.Write(w, ITopic.FromNothing);
    }));

    /// <summary>One venue message: a full book now and then, a delta of some levels, or a trade.</summary>
    private MarketEvent[] Batch(Random random, bool? snapshot = null)
    {
        var isSnapshot = snapshot ?? (_sequence == 0 || random.Next(50) == 0);
        var count = isSnapshot ? 20 : random.Next(1, 4);
        var batch = new List<MarketEvent>();
        for (var i = 0; i < count; i++)
        {
            batch.Add(new MarketEvent
            {
                Sequence = ++_sequence, Kind = isSnapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta,
                Instrument = new InstrumentId(1), Venue = new VenueId(1),
                Side = i % 2 == 0 ? Side.Buy : Side.Sell,
                Price = Price.From(i % 2 == 0 ? 100 - random.Next(1, 20) : 100 + random.Next(1, 20)), Quantity = Quantity.From(random.Next(0, 5)),
                Received = new MonotonicTime(_clock.NowNs), ConnectionEpoch = 1,
                Flags = (i == 0 ? MarketEventFlags.FirstOfMessage : 0) | (i == count - 1 ? MarketEventFlags.LastOfMessage : 0) | (isSnapshot
                    ? MarketEventFlags.Snapshot : 0),
            });
        }

        if (isSnapshot || random.Next(2) == 0)
        {
            batch.Add(new MarketEvent
            {
                Sequence = ++_sequence, Kind = MarketEventKind.Trade, Instrument = new InstrumentId(1), Venue = new VenueId(1),
                Side = Side.Buy, Price = Price.From(100),
                Quantity = Quantity.From(1), ExchangeTime = ExchangeTime.FromMs(1_700_000_000_000 + _sequence),
                Received = new MonotonicTime(_clock.NowNs),
                Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage,
            });
        }

        return [.. batch];
    }
}
