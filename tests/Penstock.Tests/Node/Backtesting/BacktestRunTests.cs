using System.IO.Compression;
using System.Text;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Reference;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Node.Backtesting;
using Penstock.Node.TearSheets;
using Penstock.Node.Wiring;
using Penstock.Strategies.Backtesting;
using Penstock.Strategies;
using Penstock.Tests.MarketData.Inspection;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>Back tests from recordings and from journals, their own journals, and the tear sheet of these.</summary>
[Trait("requirement", "R92")]
[Trait("requirement", "R118")]
public sealed class BacktestRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-bt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("binance-spot.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("kraken-spot.cf-20210417.jsonl.gz")]
    [InlineData("okx-mixed.cf-20220513.jsonl.gz")]
    [InlineData("coinbase-spot.cf-20210417.jsonl.gz")]
    public void A_recording_gives_the_same_result_twice_and_its_journal_replays_to_it(string name)
    {
        var file = Recordings.Require(name);
        var first = Run("a", file);
        var second = Run("b", file);
        Assert.True(first.Events > 100, "hardly an event came out of the recording");
        Assert.Equal(0, first.Engine.Statistics.StrategyFaults);
        Assert.Equal((first.StateHash, first.OrdersDigest, first.Events), (second.StateHash, second.OrdersDigest, second.Events));
        var replay = Replay(first.Journal);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(first.StateHash, replay.Engine!.StateHash);
        Assert.True(replay.EndedOrderly);
    }

    [Fact]
    public void Recordings_of_three_markets_are_one_stream_in_order_of_time()
    {
        string[] files = [Recordings.Require("binance-usdm.hft-btcusdt-20240808.jsonl.gz"), Recordings.Require("binance-spot.hft-btcusdt-20240808.jsonl.gz")];
        var result = Run("m", files);
        Assert.Equal(["binance-usdm", "binance"], result.Blueprint.Venues);
        var (turns, venue) = (0, 0);
        using var markets = JournaledMarkets.Open(result.Journal);
        while (markets.TryRead())
        {
            if (markets.Events[0].Venue.Value != venue) turns++;
            venue = markets.Events[0].Venue.Value;
        }

        Assert.True(turns > 1_000, $"the two took turns only {turns} times");
    }

    [Fact]
    public void Another_seed_or_another_queue_model_is_another_run()
    {
        var file = Recordings.Require("binance-usdm.hft-btcusdt-20240808.jsonl.gz");
        var pessimistic = Run("p", new SimulationOptions(), file);
        Assert.NotEqual(pessimistic.StateHash, Run("o", new SimulationOptions { Queue = QueueModel.Optimistic }, file).StateHash);
        Assert.NotEqual(pessimistic.StateHash, Run("s", new SimulationOptions { Seed = 2 }, file).StateHash);
    }

    [Fact]
    public void A_recording_made_by_hand_runs_and_its_tear_sheet_has_the_figures_one_can_count()
    {
        var file = Handmade();
        var result = BacktestRun.Run(new BacktestOrder
        {
            Sources = [file], Strategy = "market-making", Simulation = new SimulationOptions { JitterNs = 0, Fees = FeeRates.FromBps(10m, 10m) }, Data = Path.Combine(_folder, "h"),
        });
        var figures = SessionReading.Read(result.Journal);
        Assert.True(figures.IsEqual, figures.Difference);
        Assert.Equal($"{result.StateHash:x16}", figures.StateHash);
        // One bid of 0.01 at 99.98 (half of 4 bps below 100, to the tick), behind nothing; a trade of 5 through it.
        Assert.Equal(1, figures.Fills);
        Assert.Equal(1, figures.MakerFills);
        Assert.Equal(0.9998m, figures.Turnover);
        Assert.Equal(0.0009998m, figures.Fees);
        Assert.Equal(0.0002m, figures.Unrealised);
        Assert.Equal(-0.0007998m, figures.Net);
        Assert.Equal(-2.0, figures.SlippageAtDecision.Mean, 3);
        Assert.Equal(10_000_000, figures.AckNs.Max);
        var page = TearSheet.Page(figures);
        var html = page.ToHtml(TearSheet.Subtitle(figures));
        Assert.True(page.Blocks >= 20, $"{page.Blocks} blocks");
        Assert.InRange(html.Length, 10_000, 400_000);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("summary,fills,,1\n", FiguresText.ToCsv(figures), StringComparison.Ordinal);
        Assert.Equal(1, (long)FiguresText.ToJson(figures)["fills"]!);
    }

    [Fact]
    public void A_series_keeps_its_peaks_and_its_bound_however_long_it_is()
    {
        var series = new Series("test");
        var random = new Random(5);
        double low = 0, high = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var value = random.NextDouble() - 0.5;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            series.Add(i, value);
        }

        Assert.InRange(series.Points.Count, 2, Series.PointsMax);
        Assert.Equal((low, high), (series.Points.Min(p => p.Value), series.Points.Max(p => p.Value)));
        Assert.True(series.Points.Zip(series.Points.Skip(1)).All(p => p.First.Ns < p.Second.Ns), "out of order");
    }

    /// <summary>Close enough to the market that queues matter.</summary>
    private static Dictionary<string, string> Tight => new() { ["spreadBps"] = "0.02", ["skewFactor"] = "0", ["inventoryMax"] = "1" };

    private BacktestResult Run(string name, params string[] files) => Run(name, new SimulationOptions(), files);

    private BacktestResult Run(string name, SimulationOptions simulation, params string[] files) =>
        BacktestRun.Run(new BacktestOrder { Sources = files, Strategy = "market-making", Settings = Tight, Simulation = simulation, Data = Path.Combine(_folder, name) });

    private static EngineReplay Replay(string journal)
    {
        var replay = new EngineReplay(session => EngineFactory.Create(EngineBlueprint.FromJson(session.Configuration)));
        using var reader = JournalReader.Open(journal);
        while (reader.TryRead(out var record)) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        return replay;
    }

    /// <summary>Frames of a vendor's normalised rows: a book of 99.90/100.10 in ticks of 0.02, then one trade through our bid.</summary>
    private string Handmade()
    {
        var path = Path.Combine(_folder, "handmade.jsonl.gz");
        var lines = HandmadeRecording.Lines();
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest), new UTF8Encoding(false)) { NewLine = "\n" };
        writer.WriteLine($$"""{"format":"recording/1","venue":"binance","market":"spot","captured_utc":"2026-11-21T00:00:00Z","events":{{lines.Count}}}""");
        foreach (var line in lines) writer.WriteLine(line);
        return path;
    }
}
