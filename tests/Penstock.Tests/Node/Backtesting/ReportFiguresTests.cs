using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Node.TearSheets;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>Decision latency, ratios and lists of a tear sheet.</summary>
public sealed class ReportFiguresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Decision_latency_is_from_the_trigger_to_the_moment_the_order_left_as_the_journal_has_it()
    {
        using var session = Traded("stamped", sentAfterNs: 7_000);
        var figures = SessionReading.Read(session.Folder);
        Assert.True(figures.IsEqual, figures.Difference);
        var expected = Taken(session.Folder);
        Assert.True(expected.Count > 2 && expected.Min() >= 7_000, $"{expected.Count} orders prove nothing");
        Assert.Equal((expected.Count, expected.Max()), (figures.DecisionNs.Count, figures.DecisionNs.Max));
        Assert.Equal(expected.Count, (long)FiguresText.ToJson(figures)["latencyNs"]!["decision"]!["count"]!);
    }

    /// <summary>What each order with a trigger took, from the records alone.</summary>
    private static List<long> Taken(string folder)
    {
        var (triggers, taken) = (new Dictionary<long, long>(), new List<long>());
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == EngineRecordType.OrderIntent
                && EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent) && intent.TriggerNs > 0)
                triggers[intent.ClientOrderId] = intent.TriggerNs;
            else if ((EngineRecordType)record.Type == EngineRecordType.OrderSent
                && EngineRecords.TryRead<OrderSentRecord>(record.Payload, out var sent)
                && triggers.TryGetValue(sent.ClientOrderId, out var triggerNs))
                taken.Add(sent.SentNs - triggerNs);
        }

        return taken;
    }

    [Fact]
    public void Without_such_stamps_the_decision_latency_is_not_recorded_rather_than_zero()
    {
        using var session = Traded("plain");
        var figures = SessionReading.Read(session.Folder);
        Assert.Equal(0, figures.DecisionNs.Count);
        Assert.Null(FiguresText.ToJson(figures)["latencyNs"]!["decision"]);
        Assert.Contains("latencyNs,decision,,not recorded\n", FiguresText.ToCsv(figures), StringComparison.Ordinal);
        Assert.Contains("a back test has no socket. not recorded.", TearSheet.Page(figures).ToHtml(TearSheet.Subtitle(figures)),
            StringComparison.Ordinal);
    }

    /// <summary>As some venues tell their trades: the same session, and the same report of it.</summary>
    [Fact]
    public void Fills_that_name_their_order_by_the_venues_id_only_are_told_as_that_orders()
    {
        using var session = Traded("named");
        var folder = Path.Combine(_folder, "unnamed");
        Assert.True(Unnamed(session.Folder, folder) > 2);
        var (expected, figures) = (SessionReading.Read(session.Folder), SessionReading.Read(folder));
        Assert.True(figures.IsEqual, figures.Difference);
        Assert.Equal(expected.FillList, figures.FillList);
        Assert.Equal(FiguresText.ToJson(expected)["slippageBps"]?.ToJsonString(), FiguresText.ToJson(figures)["slippageBps"]?.ToJsonString());
    }

    private static int Unnamed(string from, string to)
    {
        var fills = 0;
        using var reader = JournalReader.Open(from);
        using var writer = JournalWriter.Open(new JournalOptions { Directory = to, SegmentBytes = 1 << 20, CreatedBy = "test" });
        while (reader.TryRead(out var record))
        {
            var payload = record.Payload.ToArray();
            if ((EngineRecordType)record.Type == EngineRecordType.Report
                && EngineRecords.TryRead<ExecutionReport>(payload, out var report) && report.Kind == ExecutionKind.Fill)
            {
                fills++;
                report.ClientOrderId = ClientOrderId.None;
                MemoryMarshal.Write(payload, report);
            }

            writer.Append(record.Type, payload);
        }

        return fills;
    }

    [Fact]
    public void Every_fill_and_every_position_is_in_the_lists_of_the_report()
    {
        using var session = Traded("lists");
        var figures = SessionReading.Read(session.Folder);
        Assert.True(figures.Fills > 2, $"{figures.Fills} fills prove nothing");
        Assert.Equal((figures.Fills, 0L), (figures.FillList.Count, figures.FillsLeftOut));
        var json = FiguresText.ToJson(figures);
        var fills = json["fillList"]!.AsArray();
        var held = fills.Sum(f => ((string)f!["side"]! == "buy" ? 1 : -1) * (decimal)f["quantity"]!);
        Assert.Equal(figures.Turnover, fills.Sum(f => (decimal)f!["price"]! * (decimal)f["quantity"]!));
        Assert.Equal(figures.Fees, fills.Sum(f => (decimal)f!["fee"]!));
        var position = Assert.Single(json["positionList"]!.AsArray())!;
        Assert.Equal((held, figures.Net, "BTC-USDT.OKX", 1),
            ((decimal)position["quantity"]!, (decimal)position["net"]!, (string)position["instrument"]!, (int)position["strategy"]!));
        var lines = ListsText.ToCsv(figures, "fills").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(figures.Fills + 1, lines.Length);
        Assert.StartsWith("seconds,time,instrument,order,strategy,trade,side,price,quantity,value,fee,feeAsset,role", lines[0],
            StringComparison.Ordinal);
        Assert.All(lines, l => Assert.Equal(13, l.Split(',').Length));
        Assert.Equal(2, ListsText.ToCsv(figures, "positions").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(ExitCode.Usage, Assert.Throws<Problem>(() => ListsText.ToCsv(figures, "trades")).Code);
    }

    [Fact]
    public void A_session_too_short_for_them_has_no_ratios()
    {
        using var session = Traded("short");
        var figures = SessionReading.Read(session.Folder);
        var ratios = FiguresText.ToJson(figures)["ratios"]!;
        Assert.Null(ratios["sharpe"]);
        Assert.Null(ratios["sortino"]);
        Assert.Equal("not enough data", (string?)ratios["note"]);
        Assert.Contains("not enough data", TearSheet.Page(figures).ToHtml(TearSheet.Subtitle(figures)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(45, "1 min", 60_000_000_000, 525_600)]
    [InlineData(31 * 60, "1 h", 3_600_000_000_000, 8_760)]
    [InlineData(33 * 24 * 60, "1 d", 86_400_000_000_000, 365)]
    public void Ratios_are_those_of_the_definition_over_the_longest_interval_of_which_there_are_enough(int minutes, string name, long intervalNs,
        double perYear)
    {
        const long Start = 123_456_789;
        var random = new Random(minutes);
        var points = new List<(long Ns, double Profit)>();
        var (now, profit) = (Start, 0.0);
        while (now < Start + minutes * 60_000_000_000L)
        {
            now += random.NextInt64(1, 100_000_000_000);
            profit += random.NextDouble() - 0.498;
            points.Add((now, profit));
        }

        var ratios = new ReturnRatios();
        ratios.Begin(Start, 0);
        foreach (var point in points)
        {
            if (point.Ns >= ratios.NextNs) ratios.Add(point.Ns, point.Profit);
        }

        // The definition, boundary by boundary.
        var returns = new List<double>();
        var last = 0.0;
        for (var boundary = Start + intervalNs; points.Exists(p => p.Ns >= boundary); boundary += intervalNs)
        {
            var at = points.First(p => p.Ns >= boundary).Profit;
            returns.Add(at - last);
            last = at;
        }

        var mean = returns.Average();
        var deviation = Math.Sqrt(returns.Sum(r => (r - mean) * (r - mean)) / (returns.Count - 1));
        var downside = Math.Sqrt(returns.Sum(r => Math.Min(r, 0) * Math.Min(r, 0)) / returns.Count);
        Assert.Equal((name, returns.Count, perYear), (ratios.Interval, ratios.Returns, ratios.PerYear));
        Assert.Equal(mean / deviation * Math.Sqrt(perYear), ratios.Sharpe!.Value, 6);
        Assert.Equal(mean / downside * Math.Sqrt(perYear), ratios.Sortino!.Value, 6);
    }

    [Fact]
    public void A_new_session_drops_what_was_begun_of_an_interval_and_what_never_moved_has_no_ratio()
    {
        const long Minute = 60_000_000_000;
        var ratios = new ReturnRatios();
        ratios.Begin(0, 5);
        ratios.Add(Minute, 6);
        ratios.Begin(10, 100); // another boot, another clock
        ratios.Add(Minute, 100);
        Assert.Equal(1, ratios.Returns);
        for (var i = 1; i <= 40; i++) ratios.Add(10 + i * Minute, 100);
        Assert.Equal(41, ratios.Returns);
        Assert.NotNull(ratios.Sharpe);
        Assert.Null(ratios.Sortino); // nothing was lost
        var flat = new ReturnRatios();
        flat.Begin(0, 0);
        flat.Add(40 * Minute, 0);
        Assert.Equal((40L, null, null), (flat.Returns, flat.Sharpe, flat.Sortino));
    }

    private JournaledSession Traded(string name, long? sentAfterNs = null)
    {
        var session = new JournaledSession(Path.Combine(_folder, name), sentAfterNs: sentAfterNs);
        for (var round = 0; round < 4; round++)
        {
            session.Book(998m + round, 1_002m + round).Book(998m + round, 1_002m + round);
            session.Trade(round % 2 == 0 ? Side.Sell : Side.Buy, round % 2 == 0 ? 990m : 1_010m, 1m);
        }

        return session.End();
    }
}
