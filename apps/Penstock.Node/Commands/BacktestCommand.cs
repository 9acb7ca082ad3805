using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Reference;
using Penstock.Node.Backtesting;
using Penstock.Node.Configuration;
using Penstock.Strategies.Backtesting;

namespace Penstock.Node.Commands;

/// <summary>penstock replay SOURCE… --strategy NAME: a strategy over recorded markets, with simulated execution.</summary>
internal static class BacktestCommand
{
    private const int RunsKeptMax = 10;

    /// <summary>Takes the words of a back test out of the command line; null when it names neither a strategy nor a configuration.</summary>
    public static BacktestOrder? Take(Words words)
    {
        var strategy = words.Value("--strategy");
        var configuration = words.Value("--config");
        if (strategy is null && configuration is null) return null;
        var data = words.Value("--data");
        var order = new BacktestOrder
        {
            Strategy = strategy, Configuration = configuration is null ? null : ConfigurationFiles.Load(configuration, []),
            Settings = Pairs(words.Values("--set"), "--set", "key=value, such as spreadBps=4"),
            Limits = Pairs(words.Values("--limit"), "--limit", "NAME=VALUE, such as daily-loss=500"),
            Instruments = words.Values("--instrument"), Simulation = Simulation(words),
            From = Time(words.Value("--from"), "--from"), To = Time(words.Value("--to"), "--to"), Sources = [], Data = "",
        };
        order = Fees(order, words.Values("--fees"));
        return order with { Data = Path.GetFullPath(data ?? NewFolder()) };
    }

    public static int Execute(BacktestOrder order, bool json)
    {
        var result = BacktestRun.Run(order);
        var output = result.ToJson();
        File.WriteAllText(Path.Combine(order.Data, "backtest.json"), output.ToJsonString());
        if (json) Console.WriteLine(output.ToJsonString());
        else PrintText(result, output);
        return result.Problem is null && result.Engine.Statistics.StrategyFaults == 0 ? (int)ExitCode.Ok : (int)ExitCode.Error;
    }

    /// <summary>What a comparison with a live session takes; latency and fees are the session's own unless named.</summary>
    public static (SimulationOptions Options, bool WithLatency, bool WithFees) Comparison(Words words)
    {
        var latency = words.Has("--latency");
        var fees = words.Values("--fees");
        var order = Fees(new BacktestOrder { Sources = [], Data = "", Simulation = Simulation(words) }, fees);
        if (order.FeesByVenue.Count > 0) throw Usage("--fees", fees[0], "a comparison takes one pair for all venues, or the session's own");
        return (order.Simulation, !latency, fees.Count == 0);
    }

    private static SimulationOptions Simulation(Words words)
    {
        var options = new SimulationOptions();
        if (words.Value("--queue") is { } queue) options = options with { Queue = Queue(queue) };
        if (words.Value("--latency") is { } latency)
        {
            var parts = latency.Split('/');
            if (parts.Length > 3) throw Usage("--latency", latency, "expected order, ack and jitter, such as 5ms/5ms/5ms");
            var order = Duration(parts[0], "--latency");
            var ack = parts.Length > 1 ? Duration(parts[1], "--latency") : order;
            options = options with { OrderLatencyNs = order, AckLatencyNs = ack, JitterNs = parts.Length > 2 ? Duration(parts[2], "--latency") : Math.Max(order, ack) };
        }

        if (words.Value("--seed") is not { } seed) return options;
        return ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? options with { Seed = number }
            : throw Usage("--seed", seed, "expected a whole number");
    }

    private static BacktestOrder Fees(BacktestOrder order, IReadOnlyList<string> texts)
    {
        var byVenue = new Dictionary<string, FeeRates>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            var cut = text.IndexOf('=');
            var parts = text[(cut + 1)..].Split('/');
            if (parts.Length != 2 || !TryBps(parts[0], out var maker) || !TryBps(parts[1], out var taker))
                throw Usage("--fees", text, "expected maker/taker in basis points such as 2/5, or venue=maker/taker");
            if (cut < 0) order = order with { Simulation = order.Simulation with { Fees = FeeRates.FromBps(maker, taker) } };
            else byVenue[text[..cut]] = FeeRates.FromBps(maker, taker);
        }

        return order with { FeesByVenue = byVenue, HasFees = texts.Count > 0 };
    }

    private static bool TryBps(string text, out decimal bps) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bps) && Math.Abs(bps) <= 1_000
        && decimal.Round(bps, 8) == bps;

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> texts, string option, string expected)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var cut = text.IndexOf('=');
            if (cut <= 0) throw Usage(option, text, $"expected {expected}");
            pairs[text[..cut]] = text[(cut + 1)..];
        }

        return pairs;
    }

    private static QueueModel Queue(string name)
    {
        var names = Enum.GetNames<QueueModel>().Select(n => n.ToLowerInvariant()).ToList();
        if (names.Contains(name)) return Enum.Parse<QueueModel>(name, ignoreCase: true);
        var nearest = Suggestions.Nearest(name, names);
        throw new Problem(ExitCode.Usage, $"there is no queue model '{name}'", "--queue", $"known: {string.Join(", ", names)}", nearest is null ? "name one of these" : $"did you mean '{nearest}'?");
    }

    private static BacktestTime? Time(string? text, string option)
    {
        if (text is null) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('-', StringComparison.Ordinal))
            return new BacktestTime((time - DateTimeOffset.UnixEpoch).Ticks * 100, IsOffset: false);
        return new BacktestTime(Duration(text.TrimStart('+'), option), IsOffset: true);
    }

    private static long Duration(string text, string option)
    {
        var digits = text.AsSpan().TrimEnd("hmsnu");
        var unitNs = text[digits.Length..] switch { "" or "s" => 1e9, "ms" => 1e6, "us" => 1e3, "ns" => 1, "m" => 60e9, "h" => 3600e9, _ => 0 };
        return unitNs > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * unitNs < 1e17
            ? (long)(value * unitNs)
            : throw Usage(option, text, "expected a duration such as 500us, 5ms, 30s or 10m, or for a time 2024-08-08T23:55:00Z");
    }

    private static Problem Usage(string option, string text, string why) =>
        new(ExitCode.Usage, $"'{text}' does not fit {option}", "penstock replay", why, "penstock replay --help");

    private static string NewFolder()
    {
        var folder = Path.Combine(PenstockHome.Folder, "backtest");
        if (Directory.Exists(folder))
        {
            foreach (var old in Directory.GetDirectories(folder).OrderDescending(StringComparer.Ordinal).Skip(RunsKeptMax - 1)) Remove(old);
        }

        return Path.Combine(folder, DateTime.UtcNow.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture) + "-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Another back test removes it as well, or still writes it: what is left goes next time.
        }
    }

    private static void PrintText(BacktestResult result, JsonObject output)
    {
        var orders = output["orders"]!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Events:N0} market events over {result.SpanNs / 1e9:F1} s in {result.Elapsed.TotalSeconds:F2} s ({result.Events / result.Elapsed.TotalSeconds:N0}/s); gaps {result.Gaps}, crossed {result.Crossed}, stale {result.Stale}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(long)orders["placed"]!:N0} orders, {result.Engine.Orders.Statistics.Fills:N0} fills, {(long)orders["rejected"]!:N0} rejected, {(long)orders["refusedByRisk"]!:N0} refused by risk; {result.Blueprint.Simulation}"));
        foreach (var row in output["pnl"]!.AsArray())
        {
            var funding = (decimal)row!["funding"]! == 0 ? "" : $", funding {(decimal)row["funding"]!:0.########}";
            Console.WriteLine(
                $"  {(string)row["venue"]!,-16} net {(decimal)row["net"]!:0.########} {(string)row["quote"]!} (realised {(decimal)row["realised"]!:0.########}, "
                + $"unrealised {(decimal)row["unrealised"]!:0.########}, fees {(decimal)row["fees"]!:0.########}{funding}, {(long)row["fills"]!} fills)");
        }

        Console.WriteLine($"state hash {result.StateHash:x16}, orders {result.OrdersDigest[..16]}");
        if (result.Problem is { } problem) Console.WriteLine($"The source ends early: {problem}");
        Console.WriteLine($"Journal: {result.Journal}. See it: penstock report {result.Journal}");
    }
}
