using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>
/// A node's counters, read from its mapped file alone: the node is not asked, does not notice, and may be dead. Each figure is
/// whole; two of them may be a tenth of a second apart.
/// </summary>
internal static class CounterTable
{
    public static CounterFile Open(string data)
    {
        var path = Path.Combine(data, "counters");
        try
        {
            return CounterFile.Open(path);
        }
        catch (MappedFileException e)
        {
            throw new Problem(e.Fault == MappedFileFault.NotFound ? ExitCode.NotFound : ExitCode.Error, "there are no counters to read", path, e.Message,
                "name a running node, or the data folder of one that has run: --node DIR");
        }
    }

    public static JsonObject Json(CounterFile file) => new()
    {
        ["path"] = file.Path, ["pid"] = file.ProducerPid, ["live"] = !file.ProducerGone, ["heartbeatNs"] = file.HeartbeatNs,
        ["dropped"] = file.Dropped, ["malformed"] = file.Malformed,
        ["trusted"] = IsTrusted(file.ReadCounters()),
        ["counters"] = new JsonArray([.. file.ReadCounters().Select(c => new JsonObject
        {
            ["id"] = c.Id, ["name"] = c.Name, ["label"] = c.Label, ["kind"] = c.Kind.ToString().ToLowerInvariant(), ["value"] = c.Value, ["sentence"] = c.Sentence,
        })]),
        ["histograms"] = new JsonArray([.. file.ReadHistograms().Select(h => new JsonObject
        {
            ["id"] = h.Id, ["name"] = h.Name, ["label"] = h.Label, ["count"] = h.Summary.Count, ["p50"] = h.Summary.P50, ["p99"] = h.Summary.P99,
            ["p999"] = h.Summary.P999, ["max"] = h.Summary.Max, ["sentence"] = h.Sentence,
        })]),
    };

    /// <summary>One line each; grouped by name, so that the venues stand below each other.</summary>
    public static IEnumerable<string> Text(CounterFile file)
    {
        var counters = file.ReadCounters();
        if (file.ProducerGone) yield return $"The node (pid {file.ProducerPid}) has closed this file; these are its last figures.";
        if (!IsTrusted(counters)) yield return "trusted is 0: the node is still warming up, and these figures say little.";
        foreach (var c in counters.OrderBy(c => c.Id))
            yield return $"{c.Name,-36} {c.Label,-32} {c.Value.ToString("N0", CultureInfo.InvariantCulture),20}  {c.Sentence}";
        foreach (var h in file.ReadHistograms())
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{h.Name,-36} {h.Label,-32} {h.Summary.Count,20:N0}  p50 {h.Summary.P50:N0}  p99 {h.Summary.P99:N0}  p99.9 {h.Summary.P999:N0}  max {h.Summary.Max:N0}  {h.Sentence}");
        }
    }

    /// <summary>A file without such a counter has nobody who calls it trusted.</summary>
    private static bool IsTrusted(IReadOnlyList<CounterReading> counters) => counters.Any(c => c is { Name: "trusted", Value: 1 });
}
