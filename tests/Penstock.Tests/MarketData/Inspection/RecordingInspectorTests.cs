using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Venues.Binance;
using Penstock.Venues.Kraken;
using Penstock.Venues.Okx;

namespace Penstock.Tests.MarketData.Inspection;

public sealed class RecordingInspectorTests
{
    private static readonly VenueId Venue = new(1);

    [Theory]
    [Trait("requirement", "R21")]
    [InlineData("binance-spot.cf-20211012.jsonl.gz")]
    [InlineData("binance-spot.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("binance-usdm.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("binance-coinm.hft-btcusd-perp-20240808.jsonl.gz")]
    [InlineData("kraken-spot.cf-20210417.jsonl.gz")]
    [InlineData("okx-mixed.cf-20220513.jsonl.gz")]
    public void Figures_equal_those_of_the_independent_replay(string name)
    {
        var path = Recordings.Require(name);
        using var expected = JsonDocument.Parse(File.ReadAllText(Recordings.Require("expected.json")));
        var (figures, inspector) = Inspect(File.OpenRead(path));

        using var own = JsonDocument.Parse(ToJson(figures));
        foreach (var field in expected.RootElement.GetProperty(name).EnumerateObject())
        {
            Assert.True(own.RootElement.TryGetProperty(field.Name, out var value), $"{field.Name} is missing");
            Assert.True(JsonElement.DeepEquals(field.Value, value), $"{field.Name}: expected {Short(field.Value)}, was {Short(value)}");
        }

        Assert.Equal(0, inspector.Statistics.Unaccounted);
        Assert.Empty(figures.Quarantined);
    }

    [Fact]
    [Trait("requirement", "R20")]
    public void A_container_cut_short_is_reported_and_what_was_read_counts()
    {
        var whole = File.ReadAllBytes(Recordings.Require("binance-spot.hft-btcusdt-20240808.jsonl.gz"));
        var (figures, inspector) = Inspect(new MemoryStream(whole, 0, whole.Length * 2 / 3));

        Assert.NotNull(figures.Container);
        Assert.False(figures.Clean);
        Assert.InRange(figures.Events, 1, 13753);
        Assert.True(figures.Frames > 0);
        Assert.Equal(0, inspector.Statistics.Unaccounted);
    }

    [Fact]
    [Trait("requirement", "R19")]
    public void Damaged_frames_are_quarantined_and_the_rest_still_counts()
    {
        var lines = Lines(Recordings.Require("binance-spot.cf-20211012.jsonl.gz"));
        for (var i = 20; i < lines.Count; i += 40) lines[i] = lines[i].Replace("\\\"data\\\":{", "\\\"data\\\":[", StringComparison.Ordinal);
        var (figures, inspector) = Inspect(Compress(lines));

        Assert.Null(figures.Container);
        Assert.True(figures.BadFrames > 0);
        Assert.Equal(figures.BadFrames, figures.Quarantined.Sum(q => q.Value));
        Assert.Equal(237, figures.Frames);
        Assert.Equal(0, inspector.Statistics.Unaccounted);
    }

    [Fact]
    public void A_lost_delta_is_found_as_a_gap_and_the_book_is_not_used_any_more()
    {
        var lines = Lines(Recordings.Require("binance-spot.hft-btcusdt-20240808.jsonl.gz"));
        var victim = lines.FindLastIndex(lines.Count / 2, l => l.Contains("depthUpdate", StringComparison.Ordinal));
        lines.RemoveAt(victim);
        var (figures, _) = Inspect(Compress(lines));

        Assert.Equal(1, figures.Gaps);
        Assert.Equal(0, figures.OracleBad);
        Assert.True(figures.Unsynchronised > 0);
        Assert.NotNull(figures.Container);
    }

    [Fact]
    public void A_file_that_is_no_recording_is_refused_with_a_reason()
    {
        var e = Assert.Throws<InvalidDataException>(() => RecordingReader.Open(Compress(["{\"format\":\"other/2\"}"])));
        Assert.Contains("recording/1", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => RecordingReader.Open(new MemoryStream("not gzip at all"u8.ToArray())));
    }

    private static (InspectionFigures Figures, RecordingInspector Inspector) Inspect(Stream file)
    {
        using var reader = RecordingReader.Open(file);
        var table = new InstrumentTable { DiscoverUnknown = true };
        var (venue, rule) = VenueOf(reader.Header);
        var inspector = new RecordingInspector(Venue, venue.CreateFeed(new FeedContext(Venue, table)), rule, table);
        return (inspector.Inspect(reader), inspector);
    }

    private static (IVenue Venue, BookSyncRule Rule) VenueOf(RecordingHeader header) => (header.Venue, header.Market) switch
    {
        ("binance", "spot") => (new BinanceVenue(), BinanceBookSync.Spot),
        ("binance", _) => (new BinanceVenue(), BinanceBookSync.Futures),
        ("kraken", _) => (new KrakenVenue(), KrakenBookSync.Spot),
        ("okx", _) => (new OkxVenue(), OkxBookSync.Books),
        var other => throw new InvalidOperationException($"No venue for {other}."),
    };

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 200 } text ? text[..200] : value.GetRawText();

    private static string ToJson(InspectionFigures figures)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) figures.WriteTo(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<string> Lines(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        return [.. text.ReadToEnd().TrimEnd('\n').Split('\n')];
    }

    private static MemoryStream Compress(IEnumerable<string> lines)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        stream.Position = 0;
        return stream;
    }
}
