using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>Looks into a recording of exchange traffic, or into a journal.</summary>
internal static class InspectCommand
{
    private static readonly VenueId Venue = new(1);

    public static int Execute(Words words)
    {
        var json = words.Flag("--json");
        var order = words.Value("--order");
        var what = words.Next("a journal folder, or: recording FILE");
        if (what == "recording")
        {
            var file = words.Next("the recording's file");
            words.End();
            return Recording(file, json);
        }

        words.End();
        return JournalInspection.Print(Path.GetFullPath(what), order, json);
    }

    private static int Recording(string file, bool json)
    {
        if (!File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such recording", file, "the file does not exist", "penstock inspect recording FILE, a container of the format recording/1");
        using var reader = Open(file);
        if (!Catalogs.Venues.TryCreate(reader.Header.Venue, out var venue))
            throw new Problem(ExitCode.NotFound, $"no venue '{reader.Header.Venue}' is built in", file, $"known: {string.Join(", ", Catalogs.Venues.Names)}",
                "penstock inspect recording with a recording of one of them");
        var instruments = new InstrumentTable { DiscoverUnknown = true };
        var inspector = new RecordingInspector(Venue, venue!.CreateFeed(new FeedContext(Venue, instruments)), RuleFor(venue, reader.Header.Market), instruments);
        var figures = inspector.Inspect(reader);
        if (json) PrintJson(figures);
        else PrintText(reader.Header, figures);
        return figures.Container is null ? (int)ExitCode.Ok : (int)ExitCode.Error;
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

    private static BookSyncRule RuleFor(IVenue venue, string market) => venue.Profile.BookSyncByMarket.GetValueOrDefault(market, venue.Profile.BookSync);

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
