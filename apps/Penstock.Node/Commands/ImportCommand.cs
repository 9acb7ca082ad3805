using System.Text.Json.Nodes;
using Penstock.Connectivity;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Importing;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>Turns what other recorders wrote into a recording/1 (E15): whole, or not at all.</summary>
internal static class ImportCommand
{
    private static readonly Dictionary<string, ImportFormat> Formats = new(StringComparer.Ordinal)
    {
        ["cryptofeed"] = ImportFormat.Cryptofeed, ["hftbacktest"] = ImportFormat.HftBacktest,
        ["tardis-trades"] = ImportFormat.TardisTrades, ["tardis-book"] = ImportFormat.TardisBook, ["recording"] = ImportFormat.Recording,
    };

    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var format = Format(words.Value("--format") ?? "");
        var venue = Venue(words.Value("--venue") ?? "");
        var market = words.Value("--market") ?? venue.Profile.Market;
        var output = words.Value("--out") ?? throw new Problem(ExitCode.Usage, "no output is named", "penstock import", "--out is needed", "penstock import --format F FILE… --venue V --out FILE.jsonl.gz");
        var files = words.Values("--file");
        words.End();
        if (files.Count == 0) throw new Problem(ExitCode.Usage, "no file is named", "penstock import", "there is nothing to import", "penstock import --format F FILE… --venue V --out FILE.jsonl.gz");
        foreach (var file in files)
        {
            if (!File.Exists(file)) throw new Problem(ExitCode.NotFound, "there is no such file", file, "the file does not exist", "penstock import --format F FILE… --venue V --out FILE.jsonl.gz");
        }

        if (File.Exists(output)) throw new Problem(ExitCode.Usage, "the output exists already", output, "an import never overwrites", "choose another --out, or remove it");
        var result = Run(new ImportRequest { Format = format, Files = files, Venue = venue, Market = market, Output = output });
        if (json) Console.WriteLine(new JsonObject { ["file"] = output, ["lines"] = result.Lines, ["events"] = result.Events, ["connections"] = result.Connections }.ToJsonString());
        else Console.WriteLine($"{output}: {result.Events:N0} events from {result.Lines:N0} lines, {result.Connections} connections. Look inside: penstock inspect recording {output}");
        return (int)ExitCode.Ok;
    }

    private static ImportResult Run(ImportRequest request)
    {
        try
        {
            var result = RecordingImport.Run(request);
            return result.Problem is not { } problem ? result
                : throw new Problem(ExitCode.Error, "the import stops, and nothing was written", "", problem, "correct the line or leave the file out; formats: docs/guides/capture.md");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the import stops, and nothing was written", request.Output, e.Message, "free space or permissions; or choose another --out");
        }
    }

    private static ImportFormat Format(string name)
    {
        if (Formats.TryGetValue(name, out var format)) return format;
        var nearest = Suggestions.Nearest(name, Formats.Keys);
        throw new Problem(ExitCode.Usage, $"there is no import format '{name}'", "--format", $"known: {string.Join(", ", Formats.Keys)}", nearest is null ? "name one of these" : $"did you mean '{nearest}'?");
    }

    private static IVenue Venue(string name)
    {
        if (Catalogs.Venues.TryCreate(name, out var venue)) return venue!;
        var nearest = Suggestions.Nearest(name, Catalogs.Venues.Names);
        throw new Problem(ExitCode.NotFound, $"there is no venue '{name}'", "--venue", $"known: {string.Join(", ", Catalogs.Venues.Names)}", nearest is null ? "penstock venues" : $"did you mean '{nearest}'?");
    }
}
