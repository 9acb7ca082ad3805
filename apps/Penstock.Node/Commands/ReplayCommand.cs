using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Wiring;
using Penstock.Strategies;

namespace Penstock.Node.Commands;

/// <summary>
/// Runs a recorded session again: the same inputs through the same engine, every decision and every state hash compared
/// with the recorded one. With --strategy or --config it is a back test instead (<see cref="BacktestCommand"/>).
/// </summary>
internal static class ReplayCommand
{
    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var speed = words.Value("--speed") ?? "max";
        var compares = words.Flag("--compare");
        var comparison = compares ? BacktestCommand.Comparison(words) : default;
        var backtest = compares ? null : BacktestCommand.Take(words);
        var sources = words.All("a journal folder, or recordings and a --strategy").Select(Path.GetFullPath).ToList();
        words.End();
        var pace = Pace(speed);
        if (backtest is not null) return BacktestCommand.Execute(backtest with { Sources = sources, Pace = pace }, json);
        var folder = sources[0];
        if (compares && sources.Count == 1) return CompareCommand.Execute(folder, comparison.Options, comparison.WithLatency, comparison.WithFees, json);
        if (sources.Count > 1 || File.Exists(folder))
            throw new Problem(ExitCode.Usage, "recordings are replayed with a strategy", sources[^1], "only the journal of a run knows its own",
                $"penstock replay {folder} --strategy market-making; or --config FILE with the strategies of a node");
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock demo prints the folder of its run when it ends");

        using var reader = JournalReader.Open(folder);
        var replay = new EngineReplay(session => EngineFactory.Create(EngineBlueprint.FromJson(session.Configuration)), HungCall.Load(folder));
        var watch = Stopwatch.StartNew();
        var firstNs = 0L;
        while (reader.TryRead(out var record))
        {
            replay.OnRecord(record.Sequence, record.Type, record.Payload);
            if (pace > 0 && replay.Engine is { } engine) Keep(watch, engine.Now.Ns, ref firstNs, pace);
        }

        if (replay.Engine is null)
            throw new Problem(ExitCode.Error, "the journal holds no session", folder, $"{reader.Records} records were read; reading ended: {reader.State} {reader.Fault}", $"penstock verify {folder}");
        if (NodeRecovery.MissingCode(replay) is { } missing) throw missing;
        Print(replay, reader, watch.Elapsed, json);
        return replay.FirstDifference is null && reader.State != JournalReaderState.Bad ? (int)ExitCode.Ok : (int)ExitCode.Error;
    }

    /// <summary>0 is as fast as it goes; otherwise a multiple of real time.</summary>
    private static double Pace(string speed)
    {
        if (speed == "max") return 0;
        if (speed == "realtime") return 1;
        return double.TryParse(speed.TrimEnd('x'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var pace) && pace > 0
            ? pace
            : throw new Problem(ExitCode.Usage, $"'{speed}' is not a speed", "penstock replay --speed", "expected max, realtime, or a multiple of real time", "penstock replay JOURNAL --speed 1x");
    }

    private static void Keep(Stopwatch watch, long nowNs, ref long firstNs, double pace)
    {
        if (firstNs == 0 || nowNs < firstNs) firstNs = nowNs - (long)(watch.Elapsed.TotalNanoseconds * pace);
        var ahead = TimeSpan.FromTicks((long)((nowNs - firstNs) / pace / 100)) - watch.Elapsed;
        if (ahead > TimeSpan.FromMilliseconds(1)) Thread.Sleep(ahead);
    }

    private static void Print(EngineReplay replay, JournalReader reader, TimeSpan elapsed, bool json)
    {
        var hash = replay.Engine!.StateHash.ToString("x16", CultureInfo.InvariantCulture);
        var difference = replay.FirstDifference;
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["stateHash"] = hash, ["equal"] = difference is null, ["records"] = replay.Records, ["inputs"] = replay.Inputs, ["intents"] = replay.Intents,
                ["hashesCompared"] = replay.Hashes, ["sessions"] = replay.LastSession?.Session, ["endedOrderly"] = replay.EndedOrderly, ["fills"] = replay.Engine.Orders.Statistics.Fills,
                ["seconds"] = elapsed.TotalSeconds, ["journalState"] = reader.State.ToString(),
                ["firstDifference"] = difference is null ? null : new JsonObject { ["record"] = difference.Sequence, ["recorded"] = difference.Recorded, ["replayed"] = difference.Replayed },
            }.ToJsonString());
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{replay.Records:N0} records, {replay.Inputs:N0} inputs, {replay.Intents:N0} orders and cancels in {elapsed.TotalSeconds:F1} s; state hash {hash}"));
        Console.WriteLine(difference is null
            ? $"Every decision and {replay.Hashes} state hashes are equal to the recording."
            : $"DIFFERENT at record {difference.Sequence}: recorded {difference.Recorded}; replayed {difference.Replayed}");
    }
}
