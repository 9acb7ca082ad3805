using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Markets;
using Penstock.Node.Backtesting;
using Penstock.Node.Configuration;
using Penstock.Tests.MarketData.Inspection;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>Which part of a source a back test trades, when its days begin, and under whose limits it runs.</summary>
public sealed class BacktestRangeTests : IDisposable
{
    private const long Second = 1_000 * Ms;
    private const long HourNs = 3_600 * Second;

    /// <summary>2026-11-22T22:00:00Z.</summary>
    private const long EveningNs = 1_795_384_800_000_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-range-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Times_of_day_choose_the_part_of_a_journal_whose_clock_counts_from_the_machines_start(int told)
    {
        // The same by the wall time the session recorded, and by the venue's time of its events where it recorded none.
        using var session = Minute("clock" + told, told == 1);
        var order = Order(session, "a" + told) with { From = At(EveningNs + 20 * Second), To = At(EveningNs + 40 * Second) };
        var result = BacktestRun.Run(order);
        var times = Intents(result.Journal);
        Assert.NotEmpty(times);
        Assert.All(times, ns => Assert.InRange(ns, Start + 20 * Second, Start + 40 * Second + Second));
        var asOffsets = BacktestRun.Run(order with
        {
            From = new BacktestTime(20 * Second, true), To = new BacktestTime(40 * Second, true), Data = Path.Combine(_folder, "b" + told),
        });
        Assert.Equal((asOffsets.OrdersDigest, asOffsets.Events), (result.OrdersDigest, result.Events));
        Assert.True(result.Events < BacktestRun.Run(Order(session, "c" + told)).Events, "the end of the range did not end the run");
    }

    [Theory]
    [InlineData(3_600, 7_200)]
    [InlineData(-7_200, -3_600)]
    public void A_range_without_a_record_is_an_error_that_says_what_the_source_covers(int fromSeconds, int toSeconds)
    {
        using var session = Minute("nothing", isTold: true);
        var order = Order(session, "n") with { From = At(EveningNs + fromSeconds * Second), To = At(EveningNs + toSeconds * Second) };
        var problem = Assert.Throws<Problem>(() => BacktestRun.Run(order));
        Assert.Equal(ExitCode.NotFound, problem.Code);
        var text = new StringWriter();
        problem.Print(text);
        Assert.Contains("covers 2026-11-22T22:00:00.000Z to 2026-11-22T22:00:59.000Z, 59 s", text.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(order.Data, "journal")));
        BacktestRun.Run(order with { From = null, To = null }); // the folder may be named again
    }

    [Fact]
    public void An_offset_behind_the_end_of_a_recording_is_the_same_error()
    {
        var file = Recordings.Require("kraken-spot.cf-20210417.jsonl.gz");
        var order = new BacktestOrder
        {
            Sources = [file], Strategy = "market-making", From = new BacktestTime(1_000 * HourNs, true), Data = Path.Combine(_folder, "r"),
        };
        var problem = Assert.Throws<Problem>(() => BacktestRun.Run(order));
        Assert.Equal((ExitCode.NotFound, "no record lies between 3600000 s and the end"), (problem.Code, problem.Message));
    }

    [Fact]
    public void An_end_before_the_beginning_is_told_at_once() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<Problem>(() => new BacktestRange(At(EveningNs), At(EveningNs - 1))).Code);

    [Fact]
    public void A_source_that_knows_no_time_of_day_says_so()
    {
        var range = new BacktestRange(At(EveningNs), null);
        Assert.Equal(RangePlace.Before, range.See(5, 0));
        Assert.Equal(ExitCode.Usage, range.Nothing("x").Code);
    }

    [Theory]
    [InlineData(22, 25, false)]
    [InlineData(1, 2, true)]
    public void Losses_of_two_days_are_not_one_days_loss(int firstHour, int secondHour, bool trips)
    {
        // Ten are lost in each of two hours, and fifteen a day are allowed: too much within one day, fine when midnight lies between.
        var zero = EveningNs - 22 * HourNs - Start;
        using (var session = new JournaledSession(Path.Combine(_folder, "days"), startNs: Start + firstHour * HourNs, unixAtZeroNs: zero))
        {
            session.Book(998m, 1_002m).Book(998m, 1_002m).Trade(Side.Sell, 990m, 1m).Book(898m, 902m);
            session.Book(898m, 902m, (secondHour - firstHour) * 3_600_000L).Book(798m, 802m).Book(798m, 802m).End();
        }

        var result = BacktestRun.Run(new BacktestOrder
        {
            Sources = [Path.Combine(_folder, "days")], Strategy = "market-making", Simulation = JournaledSession.Venue,
            Settings = new Dictionary<string, string>(JournaledSession.Quoting().Strategies[0].Settings) { ["inventoryMax"] = "0.1" },
            Limits = new Dictionary<string, string> { ["daily-loss"] = "15" }, Data = Path.Combine(_folder, "run"),
        });
        Assert.Equal(1, result.Engine.Orders.Statistics.Fills);
        Assert.Equal(trips ? ["20261122"] : ["20261122", "20261123"], Days(result.Journal));
        Assert.Equal(trips ? 1 : 0, Records(result.Journal, EngineRecordType.BreakerTripped));
    }

    [Fact]
    public void A_nodes_configuration_gives_a_back_test_its_limits_and_its_strategies_and_the_command_line_counts_before_it()
    {
        using var session = Minute("configured", isTold: true);
        var configuration = new NodeConfiguration
        {
            Risk = new RiskConfiguration
            {
                OrderQuantityMax = 0.05m, Limits = new Dictionary<string, string> { ["volatility"] = "none", ["price-move"] = "none" },
            },
            Strategies = [session.Blueprint.Strategies[0] with { Instrument = "btcusdt.okx" }],
        };
        var order = new BacktestOrder
        {
            Sources = [session.Folder], Configuration = configuration, Simulation = JournaledSession.Venue, Data = Path.Combine(_folder, "c1"),
        };
        var refused = BacktestRun.Run(order);
        Assert.Equal(0, refused.Engine.Orders.Statistics.Placed);
        Assert.True(refused.Engine.Risk.Rejects.Sum() > 0, "0.1 passed a cap of 0.05");
        var allowed = BacktestRun.Run(order with
        {
            Limits = new Dictionary<string, string> { ["order-quantity"] = "1" }, Data = Path.Combine(_folder, "c2"),
        });
        Assert.True(allowed.Engine.Orders.Statistics.Placed > 0, "the limit of the command line does not count");
        Assert.Equal(["BTC-USDT.OKX"], allowed.Blueprint.Strategies[0].AllInstruments());
        var smaller = BacktestRun.Run(order with
        {
            Settings = new Dictionary<string, string> { ["size"] = "0.05" }, Data = Path.Combine(_folder, "c3"),
        });
        Assert.True(smaller.Engine.Orders.Statistics.Placed > 0, "the setting of the command line does not count");
        var without = order with { Configuration = configuration with { Strategies = [] }, Data = Path.Combine(_folder, "c4") };
        var none = Assert.Throws<Problem>(() => BacktestRun.Run(without));
        Assert.Equal(ExitCode.Configuration, none.Code);
    }

    /// <summary>The machine was up for 5,000 seconds.</summary>
    private const long Start = 5_000 * Second;

    private static BacktestTime At(long unixNs) => new(unixNs, IsOffset: false);

    /// <summary>Sixty books, one a second, the first at 22:00:00.</summary>
    private JournaledSession Minute(string name, bool isTold)
    {
        var zero = EveningNs - Start;
        var session = new JournaledSession(Path.Combine(_folder, name), startNs: Start - Second, unixAtZeroNs: isTold ? zero : null)
        {
            VenueLeadNs = zero,
        };
        for (var second = 0; second < 60; second++) session.Book(998m + second % 7, 1_002m + second % 7, 1_000);
        return session.End();
    }

    private BacktestOrder Order(JournaledSession session, string name) => new()
    {
        Sources = [session.Folder], Strategy = "market-making", Settings = session.Blueprint.Strategies[0].Settings,
        Simulation = JournaledSession.Venue,
        Data = Path.Combine(_folder, name),
    };

    private static List<long> Intents(string folder)
    {
        var (times, now) = (new List<long>(), 0L);
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            now = SessionClock.Advance(now, record);
            if ((EngineRecordType)record.Type is EngineRecordType.OrderIntent or EngineRecordType.AmendIntent) times.Add(now);
        }

        return times;
    }

    private static List<string> Days(string folder)
    {
        var days = new List<string>();
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == EngineRecordType.Command
                && EngineRecords.DecodeCommand(record.Payload) is { Kind: EngineCommandKind.BeginDay } begun) days.Add(begun.Text);
        }

        return days;
    }

    private static int Records(string folder, EngineRecordType type)
    {
        var count = 0;
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == type) count++;
        }

        return count;
    }
}
