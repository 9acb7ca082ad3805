using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.EleventhVenue.Tidewater;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Binance;

namespace Penstock.Tests.Venues;

/// <summary>The frames lying beside each venue, the recordings, and batches as text that a reader can check by eye.</summary>
internal static partial class FeedFixtures
{
    /// <summary>The built-in venues, and the throw-away eleventh of docs/guides/add-a-venue.md, which lives in an assembly of its own.</summary>
    private static readonly VenueCatalog Catalog = new(typeof(BinanceVenue).Assembly, typeof(TidewaterVenue).Assembly);

    private static readonly string[] VenueRoots = ["src/Penstock.Venues", "tests/Penstock.EleventhVenue"];

    public static string Root { get; } = FindRoot();

    /// <summary>The folders of the venues that announce themselves: a new one is tested without a new line of code.</summary>
    public static TheoryData<string> Venues =>
    [
        .. VenueRoots.SelectMany(root => Directory.EnumerateDirectories(Path.Combine(Root, root))).Select(folder => Path.GetFileName(folder))
            .Where(folder => Catalog.Names.Contains(NameOf(folder))).Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<string> VenueNames => [.. Catalog.Names];

    /// <summary>The catalogue's name of a folder: Okx is okx, and BinanceUsdm, a market beside Binance, binance-usdm.</summary>
    public static string NameOf(string folder) => InnerCapital().Replace(folder, "-").ToLowerInvariant();

    /// <param name="venue">A folder, or the catalogue's name.</param>
    public static IVenue Create(string venue)
    {
        Assert.True(Catalog.TryCreate(NameOf(venue), out var created), $"No venue announces itself as {venue}.");
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

        var feed = Create(venue).CreateFeed(new FeedContext(new VenueId(1), table));
        // Where frames refer to what was said before them (Bitfinex numbers its channels), that is said first.
        if (!File.Exists(Fixture(venue, "opening.jsonl"))) return feed;
        var batch = new FeedBatch();
        foreach (var frame in Lines(venue, "opening.jsonl")) Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.UTF8.GetBytes(frame), batch));
        return feed;
    }

    /// <summary>A file beside the venue's code.</summary>
    public static string Fixture(string venue, string file) =>
        Path.Combine(Root, VenueRoots.First(root => Directory.Exists(Path.Combine(Root, root, venue))), venue, "Fixtures", file);

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

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex InnerCapital();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
