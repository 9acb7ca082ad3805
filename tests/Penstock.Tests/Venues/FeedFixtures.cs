using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Binance;

namespace Penstock.Tests.Venues;

/// <summary>The frames lying beside each venue, the recordings, and batches as text that a reader can check by eye.</summary>
internal static class FeedFixtures
{
    private static readonly VenueCatalog Catalog = new(typeof(BinanceVenue).Assembly);

    public static string Root { get; } = FindRoot();

    /// <summary>The folders of the venues that announce themselves: a new one is tested without a new line of code.</summary>
    public static TheoryData<string> Venues =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(Root, "src/Penstock.Venues")).Select(folder => Path.GetFileName(folder))
            .Where(folder => Catalog.Names.Contains(folder.ToLowerInvariant())).Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<string> VenueNames => [.. Catalog.Names];

    public static IVenue Create(string venue)
    {
        Assert.True(Catalog.TryCreate(venue.ToLowerInvariant(), out var created), $"No venue announces itself as {venue}.");
        return created!;
    }

    /// <summary>A feed that knows the instruments of the fixtures, and no other.</summary>
    public static IFeedProtocol CreateFeed(string venue)
    {
        var table = new InstrumentTable();
        foreach (var symbol in Lines(venue, "symbols.txt"))
        {
            table.Add(new Instrument
            {
                Venue = new VenueId(1), Symbol = symbol, VenueSymbol = symbol, Base = default, Quote = default,
                Tick = new Price(1), Lot = new Quantity(1),
            });
        }

        return Create(venue).CreateFeed(new FeedContext(new VenueId(1), table));
    }

    /// <summary>A file beside the venue's code.</summary>
    public static string Fixture(string venue, string file) => Path.Combine(Root, "src/Penstock.Venues", venue, "Fixtures", file);

    public static string[] Lines(string venue, string file) => File.ReadAllLines(Fixture(venue, file));

    public static byte[][] Frames(string venue) =>
        [.. Lines(venue, "feed.jsonl").Select(Encoding.UTF8.GetBytes)];

    /// <summary>The received frames and the REST bodies of a recording, in order.</summary>
    public static IEnumerable<(string Kind, string Url, byte[] Data)> Recording(string name)
    {
        using var gzip = new GZipStream(File.OpenRead(RecordingPath(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var kind = json.RootElement.GetProperty("k").GetString()!;
            if (kind is "recv" or "rest")
                yield return (kind, json.RootElement.GetProperty("u").GetString() ?? "", Encoding.UTF8.GetBytes(json.RootElement.GetProperty("d").GetString()!));
        }
    }

    public static string RecordingPath(string name)
    {
        var folder = Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS") ?? Path.Combine(Root, "../shared/recordings");
        var path = Path.Combine(folder, name);
        if (!File.Exists(path)) Assert.Skip($"The recording {name} is not here.");
        return path;
    }

    public static string Describe(QuarantineCause cause, FeedBatch batch)
    {
        if (cause != QuarantineCause.None) return $"! {cause}\n";
        var text = new StringBuilder();
        foreach (ref readonly var message in batch.Messages)
        {
            text.Append(CultureInfo.InvariantCulture, $"{message.Kind} #{message.Instrument.Value}");
            if (message.Time.UnixNs != 0) text.Append(CultureInfo.InvariantCulture, $" time={message.Time.UnixNs}");
            if (message.FirstUpdateId != FeedMessage.NoId) text.Append(CultureInfo.InvariantCulture, $" first={message.FirstUpdateId}");
            if (message.LastUpdateId != FeedMessage.NoId) text.Append(CultureInfo.InvariantCulture, $" last={message.LastUpdateId}");
            if (message.PreviousUpdateId != FeedMessage.NoId) text.Append(CultureInfo.InvariantCulture, $" previous={message.PreviousUpdateId}");
            if (message.HasChecksum) text.Append(CultureInfo.InvariantCulture, $" checksum={message.Checksum}");
            text.Append('\n');
            foreach (ref readonly var e in batch.EventsOf(in message))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {e.Kind} {e.Side} {e.Price} x {e.Quantity} ({e.PriceDecimals},{e.QuantityDecimals})");
                text.Append(CultureInfo.InvariantCulture, $" id={e.UpdateId} {e.Flags}\n");
            }
        }

        return text.ToString();
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
