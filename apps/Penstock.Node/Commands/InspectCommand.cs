using System.Text;
using System.Text.Json;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Importing;
using Penstock.MarketData.Inspection;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>Looks into a recording of exchange traffic, or into a journal.</summary>
internal static class InspectCommand
{
    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var order = words.Value("--order");
        var orders = words.Flag("--orders");
        var what = words.Next("a journal folder, or: recording FILE");
        if (what == "recording")
        {
            var anomalies = words.Flag("--anomalies");
            var file = words.Next("the recording's file");
            words.End();
            return Recording(file, json, anomalies);
        }

        if (what == "instruments")
        {
            var history = words.Value("--history");
            var data = words.Next("the node's data folder");
            words.End();
            return InstrumentsInspection.Print(Path.GetFullPath(data), history, json);
        }

        words.End();
        return orders && json ? OrderOutcomes.Print(Path.GetFullPath(what))
            : orders ? JournalInspection.PrintOrders(Path.GetFullPath(what)) : JournalInspection.Print(Path.GetFullPath(what), order, json);
    }

    private static int Recording(string file, bool json, bool anomalies)
    {
        if (!File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such recording", file, "the file does not exist", "penstock inspect recording FILE, a container of the format recording/1");
        RecordingHeader header;
        using (var reader = Open(file)) header = reader.Header;
        var venue = header.Venue == NormalisedVenue.Name ? new NormalisedVenue() : Catalogs.Venues.TryCreate(header.Venue, out var known) ? known : null;
        if (venue is null)
            throw new Problem(ExitCode.NotFound, $"no venue '{header.Venue}' is built in", file, $"known: {string.Join(", ", Catalogs.Venues.Names)}",
                "penstock inspect recording with a recording of one of them");
        var inspection = RecordingInspection.Of(venue, () => Open(file));
        if (anomalies) PrintAnomalies(inspection.Anomalies);
        else if (json) PrintJson(inspection.Figures);
        else PrintText(header, inspection.Figures);
        return inspection.Figures.Container is null ? (int)ExitCode.Ok : (int)ExitCode.Error;
    }

    private static RecordingReader Open(string file)
    {
        try
        {
            return RecordingReader.Open(File.OpenRead(file));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "this is no readable recording", file, e.Message, "expected gzip with JSON lines, the first of them a recording/1 header");
        }
    }

    /// <summary>One JSON line each; the kinds are those of the figures.</summary>
    private static void PrintAnomalies(IReadOnlyList<RecordingAnomaly> anomalies)
    {
        using var output = Console.OpenStandardOutput();
        using var stream = new MemoryStream();
        foreach (var anomaly in anomalies)
        {
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                writer.WriteNumber("event", anomaly.Event);
                writer.WriteString("kind", anomaly.Kind);
                writer.WriteString("symbol", anomaly.Symbol);
                writer.WriteString("detail", anomaly.Detail);
                writer.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }

        output.Write(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void PrintJson(InspectionFigures figures)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) figures.WriteTo(writer);
        Console.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void PrintText(RecordingHeader header, InspectionFigures figures)
    {
        Console.WriteLine($"{header.Venue} {header.Market}: {(figures.Clean ? "clean" : "NOT CLEAN")}{(figures.Container is { } problem ? $" ({problem})" : "")}");
        foreach (var (name, count) in figures.Counts()) Console.WriteLine($"  {name,-24} {count,10:N0}");
        foreach (var (cause, count) in figures.Quarantined) Console.WriteLine($"  quarantined {cause,-12} {count,10:N0}");
        foreach (var (symbol, book) in figures.Final)
            Console.WriteLine($"  {symbol,-16} bid {string.Join(" x ", book.Bid ?? ["-"]),-28} ask {string.Join(" x ", book.Ask ?? ["-"]),-28} levels {book.BidLevels}/{book.AskLevels}");
        Console.WriteLine($"  book digest {figures.BookDigest}");
    }
}
