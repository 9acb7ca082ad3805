using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Backtesting;
using Penstock.Node.TearSheets;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Trading;
using Penstock.Trading.Positions;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>
/// Profit of a contract of a hundredth, quoted in one asset and paid in another, with funding: the same figure wherever it is shown, and that
/// of a sum of cash flows.
/// </summary>
[Trait("requirement", "R118")]
public sealed class PerpetualProfitTests : IDisposable
{
    private const decimal Size = 0.01m;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-profit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Views_tear_sheet_and_comparison_say_the_net_profit_that_the_cash_flows_give()
    {
        using var session = Held("1");
        var expected = Net(session.Folder, out var funding);
        Assert.NotEqual(0, expected);
        Assert.Equal(-0.5m, funding);
        var view = Assert.Single(EngineViews.Positions(session.Engine));
        Assert.Equal((expected, funding, "USDC"), (view.Net, view.Funding, view.Currency));
        Assert.InRange(view.AveragePrice, 900m, 1_000m);

        var figures = SessionReading.Read(session.Folder);
        Assert.True(figures.IsEqual, figures.Difference);
        Assert.Equal((expected, funding, "USDC"), (figures.Net, figures.Funding, figures.Quote));
        var row = Assert.Single(figures.Instruments);
        Assert.Equal((expected, funding, "USDC"), (row.Net, row.Funding, row.Quote));
        Assert.Equal(expected, (decimal)FiguresText.ToJson(figures)["pnl"]!["net"]!);

        var comparison = LiveComparison.Run(session.Folder, JournaledSession.Venue, withLatency: false, withFees: false);
        Assert.Equal(expected, comparison.Live.Pnl(comparison.MidTwice)["USDC"].Net.ToDecimal());
        Assert.Equal(expected, comparison.Simulated.Pnl(comparison.MidTwice)["USDC"].Net.ToDecimal());
        Assert.Equal(0, comparison.Simulated.FundingsLeftOut);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void A_back_test_of_a_journal_gets_its_funding_by_the_position_it_has_itself(string size)
    {
        using var session = Held("1");
        var strategy = session.Blueprint.Strategies[0];
        var result = BacktestRun.Run(new BacktestOrder
        {
            Sources = [session.Folder], Strategy = strategy.Name, Settings = new Dictionary<string, string>(strategy.Settings) { ["size"] = size },
            Simulation = JournaledSession.Venue, Data = Path.Combine(_folder, "bt" + size),
        });
        var expected = Net(result.Journal, out var funding);
        var (live, mine) = (HeldAtFunding(session.Folder), HeldAtFunding(result.Journal));
        Assert.True(mine >= decimal.Parse(size, System.Globalization.CultureInfo.InvariantCulture), $"only {mine} was bought");
        Assert.Equal(decimal.Round(-0.5m * mine / live, 8, MidpointRounding.ToZero), funding);
        Assert.Equal((1, 0), (result.Fundings, result.FundingsLeftOut));
        var row = Assert.Single(result.ToJson()["pnl"]!.AsArray())!;
        Assert.Equal((expected, funding, "USDC"), ((decimal)row["net"]!, (decimal)row["funding"]!, (string)row["quote"]!));
        var replay = new EngineReplay(s => EngineFactory.Create(EngineBlueprint.FromJson(s.Configuration)));
        using var reader = JournalReader.Open(result.Journal);
        while (reader.TryRead(out var record)) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(result.StateHash, replay.Engine!.StateHash);
    }

    [Fact]
    public void Of_a_payment_told_when_nothing_was_held_any_more_nobody_knows_the_rate()
    {
        var report = new FundingReport { AmountRaw = 900 };
        Assert.Null(new PaidFunding(report, 0).For(5));
        Assert.Equal(-1_800, new PaidFunding(report, 7).For(-14)!.Value.AmountRaw);
        Assert.Equal(long.MaxValue, new PaidFunding(report with { AmountRaw = long.MaxValue }, 1).For(2)!.Value.AmountRaw);
    }

    [Fact]
    public void The_simulated_venue_takes_fees_and_the_smallest_value_of_the_contracts_worth_in_the_asset_they_are_paid_in()
    {
        var table = new InstrumentTable();
        table.Add(Perpetual(Instruments()[Btc]) with { NotionalMin = Notional.From(1m) });
        var books = new BookKeeperSource(new BookKeeper(table));
        var exchange = new SimulatedExchange(table, books, JournaledSession.Venue);
        foreach (var e in Snapshot(Btc, 100m, 101m, Ms)) books.Apply(e);
        // Half a contract is worth 0.505, below the smallest value of 1, although 0.5 × 101 is not.
        exchange.Place(Order(1, Side.Buy, 101m, 0.5m), Ms);
        Assert.Equal(RejectReason.QuantityOutOfRange, exchange.Reports.Dequeue().Reason);
        exchange.Place(Order(2, Side.Buy, 101m, 1m), Ms);
        Assert.Equal(ExecutionKind.Accepted, exchange.Reports.Dequeue().Kind);
        var fill = exchange.Reports.Dequeue();
        Assert.Equal((ExecutionKind.Fill, Quantity.From(101m * Size * 0.0005m).Raw, Text16.From("USDC")), (fill.Kind, fill.FeeRaw, fill.FeeAsset));
    }

    [Fact]
    public void The_figures_of_a_position_are_its_net_taken_apart()
    {
        var random = new Random(41);
        for (var round = 0; round < 200; round++)
        {
            var (position, size) = (default(Position), new Quantity(random.Next(1, 2_000_000)));
            for (var fill = random.Next(0, 6); fill > 0; fill--)
            {
                position.Apply(random.Next(2) == 0 ? Side.Buy : Side.Sell, new Price(random.Next(1, 1_000_000) * 1_000L),
                    new Quantity(random.Next(1, 5) * 100_000_000L), size,
                    FeeKind.Quote, random.Next(-500, 500));
            }

            position.Funding = new Notional(random.Next(-1_000_000, 1_000_000));
            var mid = (Int128)random.Next(0, 3) * random.Next(1, 1_000_000) * 1_000;
            Assert.Equal(position.Net(mid, size), ProfitFigures.Of(position, mid, size, Notional.Zero).Net);
        }
    }

    private static Instrument Perpetual(Instrument instrument) => instrument with
    {
        Kind = InstrumentKind.LinearPerpetual, Settle = Text16.From("USDC"), ContractSize = Quantity.From(Size), NotionalMin = Notional.Zero,
    };

    /// <summary>Buys on the way down, some is sold again, then half a USDC of funding is paid, and the market moves on.</summary>
    private JournaledSession Held(string size)
    {
        var session = new JournaledSession(Path.Combine(_folder, "live" + size), JournaledSession.Quoting(Perpetual, size));
        session.Book(998m, 1_002m).Book(998m, 1_002m).Trade(Side.Sell, 990m, 20m).Book(968m, 972m).Book(968m, 972m).Trade(Side.Sell, 960m, 20m);
        session.Book(967m, 971m).Book(967m, 971m).Fund(-0.5m).Book(978m, 982m).Book(978m, 982m).Trade(Side.Buy, 983m, 0.25m).Book(988m, 992m);
        return session.End();
    }

    /// <summary>Cash in less cash out and fees, funding, and what is left at the last mid; no position is kept but a sum.</summary>
    private static decimal Net(string folder, out decimal funding)
    {
        decimal cash = 0, held = 0, mid = 0;
        funding = 0;
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            switch ((EngineRecordType)record.Type)
            {
                case EngineRecordType.MarketBatch:
                    var events = MemoryMarshal.Cast<byte, MarketEvent>(record.Payload).ToArray();
                    if (events is [{ Kind: MarketEventKind.BookSnapshot }, _]) mid = (events[0].Price.ToDecimal() + events[1].Price.ToDecimal()) / 2;
                    break;
                case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report)
                    && report.Kind == ExecutionKind.Fill:
                    var signed = report.Side == Side.Buy ? report.LastQuantity.ToDecimal() : -report.LastQuantity.ToDecimal();
                    held += signed;
                    cash -= signed * report.LastPrice.ToDecimal() * Size + new Quantity(report.FeeRaw).ToDecimal();
                    break;
                case EngineRecordType.Funding when EngineRecords.TryRead<FundingReport>(record.Payload, out var paid):
                    funding += new Quantity(paid.AmountRaw).ToDecimal();
                    break;
                default:
                    break;
            }
        }

        return cash + funding + held * mid * Size;
    }

    private static decimal HeldAtFunding(string folder)
    {
        decimal held = 0;
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record) && (EngineRecordType)record.Type != EngineRecordType.Funding)
        {
            if ((EngineRecordType)record.Type != EngineRecordType.Report
                || !EngineRecords.TryRead<ExecutionReport>(record.Payload, out var report)) continue;
            if (report.Kind == ExecutionKind.Fill) held += report.Side == Side.Buy ? report.LastQuantity.ToDecimal()
                : -report.LastQuantity.ToDecimal();
        }

        return held;
    }
}
