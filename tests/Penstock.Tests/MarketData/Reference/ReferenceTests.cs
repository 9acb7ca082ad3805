using Penstock.MarketData.Bus;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Reference;

[Trait("requirement", "R23")]
public sealed class ReferenceTests : IDisposable
{
    private const long Ns = 1_000_000_000;

    private static readonly long Monday = DateTimeOffset.Parse("2026-11-23T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds() * Ns;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-reference-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_market_that_closes_is_told_to_everybody_behind_the_ring_and_the_venues_word_waits_for_the_open()
    {
        var sink = new Sink();
        var gate = new SessionGate(sink, TradingCalendar.Load("nse"), new VenueId(1), [Listed("RELIANCE") with { Id = new InstrumentId(1) }]);
        Assert.True(gate.Step(Monday, 1));
        Assert.Equal(InstrumentStatus.Closed, sink.Last);
        Assert.False(gate.Step(Monday + Ns, 2));
        Assert.True(gate.Step(Monday + 60 * Ns, 3));
        gate.Step(Monday + 3 * 3600 * Ns + 1800 * Ns, 4);
        Assert.Equal(InstrumentStatus.PreOpen, sink.Last);
        gate.Publish([Status(InstrumentStatus.CancelOnly)]);
        Assert.Equal(InstrumentStatus.PreOpen, sink.Last);
        gate.Step(Monday + 3 * 3600 * Ns + 2700 * Ns - 1, 5);
        Assert.Equal(InstrumentStatus.PreOpen, sink.Last);
        gate.Step(Monday + 3 * 3600 * Ns + 2700 * Ns, 6);
        Assert.Equal(InstrumentStatus.CancelOnly, sink.Last);
        gate.Publish([Status(InstrumentStatus.Trading)]);
        Assert.Equal(InstrumentStatus.Trading, sink.Last);
        gate.Step(Monday + 10 * 3600 * Ns, 7);
        Assert.Equal(InstrumentStatus.Closed, sink.Last);
        Assert.Equal(3, gate.Transitions);
    }

    [Fact]
    public void Fees_are_the_instruments_own_before_the_venues_and_hold_from_day_to_day()
    {
        var path = Path.Combine(_folder, "fees.json");
        File.WriteAllText(path, """
            [{"venue":"okx","makerBps":8,"takerBps":10,"from":"2026-01-01","to":"2026-11-30"},{"venue":"okx","makerBps":7,"takerBps":9.5,"from":"2026-11-30"},
             {"venue":"okx","symbol":"USDC-USDT","makerBps":-0.5,"takerBps":0},{"venue":"okx","tier":"vip1","makerBps":4.5,"takerBps":8}]
            """);
        var schedule = FeeSchedule.Load(path);
        var table = new InstrumentTable();
        var btc = table.Add(Listed("BTC-USDT")).Id;
        var usdc = table.Add(Listed("USDC-USDT")).Id;
        FeeTable On(string tier, int month, int day) => schedule.TableOf(table, [("okx", tier)], new DateOnly(2026, month, day));
        Assert.Equal((8m, 10m), (On("base", 11, 29).FeesOf(btc).MakerBps, On("base", 11, 29).FeesOf(btc).TakerBps));
        Assert.Equal((7m, 9.5m), (On("base", 11, 30).FeesOf(btc).MakerBps, On("base", 12, 1).FeesOf(btc).TakerBps));
        Assert.Equal(-0.5m, On("base", 11, 29).FeesOf(usdc).MakerBps);
        Assert.Equal(4.5m, On("vip1", 11, 29).FeesOf(btc).MakerBps);
        Assert.Equal(FeeTable.Unknown, On("vip9", 11, 29).FeesOf(btc));
        Assert.Equal(FeeTable.Unknown, On("base", 11, 29).FeesOf(new InstrumentId(99)));
        Assert.Equal(Notional.From(0.8m), On("base", 11, 29).FeesOf(btc).FeeOf(Notional.From(1000m), isMaker: true));
        Assert.Equal(Notional.From(-0.05m), On("base", 11, 29).FeesOf(usdc).FeeOf(Notional.From(1000m), isMaker: true));
    }

    [Fact]
    public void Each_change_of_an_instrument_is_one_line_and_is_found_again()
    {
        var path = Path.Combine(_folder, "reference", "instruments.jsonl");
        var history = InstrumentHistory.Open(path);
        var first = Listed("MATIC-USDT") with { VenueCode = 17 };
        Assert.Equal([InstrumentChangeKind.Listed, InstrumentChangeKind.Listed], history.Record("okx", [first, Listed("BTC-USDT")], 100, "https://x").Select(r => r.Kind));
        Assert.Empty(history.Record("okx", [first, Listed("BTC-USDT")], 200, "https://x"));
        var changed = history.Record("okx", [first with { Tick = new Price(10) }, Listed("BTC-USDT")], 300, "https://x");
        Assert.Equal("tick 0.00000001 to 0.0000001", Assert.Single(changed).Changes);
        var renamed = first with { Tick = new Price(10), Symbol = "POL-USDT", VenueSymbol = "POL-USDT" };
        Assert.Equal(InstrumentChangeKind.Renamed, Assert.Single(history.Record("okx", [renamed, Listed("BTC-USDT")], 400, "https://x", isWhole: true)).Kind);
        File.AppendAllText(path, "{\"venue\":\"okx\",\"torn");
        var again = InstrumentHistory.Open(path);
        Assert.Equal(1, again.LinesSkipped);
        Assert.Equal(InstrumentChangeKind.Gone, Assert.Single(again.Record("okx", [renamed], 500, "https://x", isWhole: true)).Kind);
        var whole = InstrumentHistory.Open(path);
        Assert.Equal((1, 5), (whole.LinesSkipped, whole.Records.Count));
        Assert.Null(whole.Latest("okx", "BTC-USDT"));
        Assert.Equal([100, 300, 400], whole.Of("POL-USDT").Select(r => r.FromUnixNs));
        Assert.Equal(("0.00000001", "0.0000001"), (whole.At("okx", "MATIC-USDT", 299)!.Tick, whole.At("okx", "MATIC-USDT", 300)!.Tick));
        Assert.Null(whole.At("okx", "MATIC-USDT", 99));
    }

    private static Instrument Listed(string symbol) => new()
    {
        Venue = new VenueId(1), Symbol = symbol, VenueSymbol = symbol, Base = default, Quote = default, Tick = new Price(1), Lot = new Quantity(1),
    };

    private static MarketEvent Status(InstrumentStatus status) => new() { Kind = MarketEventKind.Status, Instrument = new InstrumentId(1), UpdateId = (long)status };

    private sealed class Sink : IEventPublisher
    {
        public InstrumentStatus Last { get; private set; }

        public void Publish(Span<MarketEvent> events) => Last = (InstrumentStatus)events[^1].UpdateId;
    }
}
