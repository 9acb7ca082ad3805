using Penstock.MarketData.Reference;
using Penstock.Model.Numbers;
using Penstock.Node.Commands;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;
using Penstock.Tests.Trading;

namespace Penstock.Tests.Node;

/// <summary>From the schedule's line of the day to what an engine, and so its strategies, take a fill to cost.</summary>
[Trait("requirement", "R23")]
public sealed class FeeScheduleWiringTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-fees-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(29, 8.0, 10.0)]
    [InlineData(30, 7.0, 9.5)]
    public void The_line_of_the_day_and_tier_holds_and_travels_with_the_journal(int day, double maker, double taker)
    {
        var instruments = Fixtures.Instruments().All.Select(InstrumentEntry.Of).ToList();
        var blueprint = new EngineBlueprint
        {
            Venues = ["okx"], Instruments = instruments, Strategies = [], Risk = new RiskConfiguration(), Fees = [new VenueFeeEntry(1, 200, 500)],
            InstrumentFees = [.. ReferenceData.Fees(Configuration("vip1", ppm: 500), instruments, new DateOnly(2026, 11, day))],
        };
        var engine = EngineFactory.Create(EngineBlueprint.FromJson(blueprint.ToJson()));
        Assert.Equal((Bps.From((decimal)maker), Bps.From((decimal)taker)), engine.Desk.Fees.Of(engine.Instruments[Fixtures.Btc]));
        // No line of its own: the venue's.
        Assert.Equal((Bps.From(2m), Bps.From(5m)), engine.Desk.Fees.Of(engine.Instruments[Fixtures.Eth]));
    }

    [Fact]
    public void An_instrument_nobody_named_is_expensive_where_there_is_a_schedule_and_only_there()
    {
        var instruments = Fixtures.Instruments().All.Select(InstrumentEntry.Of).ToList();
        var fees = ReferenceData.Fees(Configuration("base", ppm: 0), instruments, new DateOnly(2026, 11, 29)).ToList();
        Assert.Equal(instruments.Count, fees.Count);
        Assert.All(fees, f => Assert.Equal(FeeTable.Unknown, new FeeRates(f.MakerE8, f.TakerE8)));
        Assert.Empty(ReferenceData.Fees(Configuration("base", ppm: 0) with { FeeSchedule = "" }, instruments, new DateOnly(2026, 11, 29)));
    }

    private NodeConfiguration Configuration(string tier, int ppm)
    {
        var path = Path.Combine(_folder, "fees.json");
        var symbol = Fixtures.Instruments()[Fixtures.Btc].Symbol;
        File.WriteAllText(path, $$"""
            [{"venue":"okx","tier":"vip1","symbol":"{{symbol}}","makerBps":8,"takerBps":10,"to":"2026-11-29"},
             {"venue":"okx","tier":"vip1","symbol":"{{symbol}}","makerBps":7,"takerBps":9.5,"from":"2026-11-30"}]
            """);
        return new NodeConfiguration
        {
            FeeSchedule = path,
            Venues = [new VenueConfiguration { Name = "okx", FeeTier = tier, Symbols = [symbol], MakerFeePpm = ppm, TakerFeePpm = ppm }],
        };
    }
}
