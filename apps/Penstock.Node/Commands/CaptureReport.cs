using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Commands;

/// <summary>What a capture brought and what it lacks, venue by venue: the gap report (E16). When all threads have ended.</summary>
internal sealed class CaptureReport(IReadOnlyList<CaptureFeed> feeds, TimeSpan lasted, bool interrupted)
{
    /// <summary>Ok; not ready where a venue brought no frame; error where the disk lost something.</summary>
    public ExitCode Result => feeds.Any(f => f.Writer.Statistics.Lost + f.Writer.Statistics.Errors > 0) ? ExitCode.Error
        : feeds.Any(f => f.Session.LinkStatistics.Frames == 0) ? ExitCode.NotReady : ExitCode.Ok;

    public JsonObject ToJson() => new()
    {
        ["seconds"] = Math.Round(lasted.TotalSeconds, 3),
        ["ended"] = interrupted ? "interrupted" : "duration",
        ["venues"] = new JsonArray([.. feeds.Select(Venue)]),
    };

    public void Print(TextWriter output)
    {
        output.WriteLine($"{"venue",-14} {"frames",12} {"bytes",14} {"connections",11} {"outages",8} {"gaps",6} {"invalid",7} {"dropped",8} {"lost",6} {"files",5}");
        foreach (var feed in feeds)
        {
            var (link, ingest, disk) = (feed.Session.LinkStatistics, feed.Ingest.Statistics, feed.Writer.Statistics);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{feed.Venue.Venue.Profile.Name,-14} {link.Frames,12:N0} {link.Bytes,14:N0} {link.Connects,11:N0} {feed.Gaps.OutageNs / 1_000_000,5:N0} ms {ingest.Gaps,6:N0} {ingest.BooksInvalidated,7:N0} {feed.Ring.Dropped,8:N0} {disk.Lost,6:N0} {disk.Files,5:N0}"));
            foreach (var gap in feed.Gaps.Listed) output.WriteLine($"  {Time(gap.UnixNs)} {gap.Kind,-8} {gap.Symbol,-12} {gap.Detail}");
            if (feed.Gaps.NotListed > 0) output.WriteLine($"  and {feed.Gaps.NotListed:N0} more");
            if (link.Frames == 0) output.WriteLine("  nothing came: the venue was never reached, or sent nothing");
            foreach (var file in feed.Writer.Files) output.WriteLine($"  {file}");
        }
    }

    /// <summary>One line while it runs; the numbers are other threads' and may be a moment old.</summary>
    public static string Progress(CaptureFeed feed) => string.Create(CultureInfo.InvariantCulture,
        $"{feed.Venue.Venue.Profile.Name}: {feed.Session.LinkStatistics.Frames:N0} frames, {feed.Session.LinkStatistics.Bytes / 1e6:N1} MB, books {feed.Ingest.BooksSynced}/{feed.Venue.Instruments.Count}, gaps {feed.Ingest.Statistics.Gaps}, dropped {feed.Ring.Dropped}");

    private static JsonObject Venue(CaptureFeed feed)
    {
        var (link, ingest, disk) = (feed.Session.LinkStatistics, feed.Ingest.Statistics, feed.Writer.Statistics);
        return new JsonObject
        {
            ["name"] = feed.Venue.Venue.Profile.Name,
            ["market"] = feed.Venue.Venue.Profile.Market,
            ["symbols"] = new JsonArray([.. feed.Venue.Instruments.All.Select(i => (JsonNode?)i.Symbol)]),
            ["frames"] = link.Frames,
            ["bytes"] = link.Bytes,
            ["connections"] = link.Connects,
            ["outageMs"] = feed.Gaps.OutageNs / 1_000_000,
            ["snapshots"] = ingest.Snapshots,
            ["gaps"] = ingest.Gaps,
            ["repeats"] = ingest.DeltasRepeated,
            ["checksumsBad"] = ingest.ChecksumsMismatched,
            ["badFrames"] = ingest.FramesUndecodable,
            ["booksInvalid"] = ingest.BooksInvalidated,
            ["ringDrops"] = feed.Ring.Dropped,
            ["ringDroppedBytes"] = feed.Ring.DroppedBytes,
            ["events"] = disk.Events,
            ["eventBytes"] = disk.Bytes,
            ["lost"] = disk.Lost,
            ["diskErrors"] = disk.Errors,
            ["stampsRaised"] = disk.StampsRaised,
            ["files"] = new JsonArray([.. feed.Writer.Files.Select(f => (JsonNode?)f)]),
            ["missing"] = new JsonArray([.. feed.Gaps.Listed.Select(g => (JsonNode?)new JsonObject
            {
                ["at"] = Time(g.UnixNs), ["kind"] = g.Kind, ["symbol"] = g.Symbol, ["detail"] = g.Detail,
            })]),
            ["missingNotListed"] = feed.Gaps.NotListed,
        };
    }

    private static string Time(long unixNs) =>
        DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
