using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Inspection;
using Penstock.Tests.Venues;

namespace Penstock.Tests.MarketData.Inspection;

public sealed class RecordingInspectorTests
{
    public static TheoryData<string> Files
    {
        get
        {
            var path = Path.Combine(Recordings.Folder ?? "", "expected.json");
            if (!File.Exists(path)) return ["expected.json"]; // one row, which says why it is skipped
            using var expected = JsonDocument.Parse(File.ReadAllText(path));
            return [.. expected.RootElement.EnumerateObject().Select(file => file.Name)];
        }
    }

    [Theory]
    [Trait("requirement", "R21")]
    [MemberData(nameof(Files))]
    public void Figures_equal_those_of_the_independent_replay(string name)
    {
        var path = Recordings.Require(name);
        using var expected = JsonDocument.Parse(File.ReadAllText(Recordings.Require("expected.json")));
        var figures = Inspect(() => File.OpenRead(path)).Figures;

        using var own = JsonDocument.Parse(ToJson(figures));
        foreach (var field in expected.RootElement.GetProperty(name).EnumerateObject())
        {
            Assert.True(own.RootElement.TryGetProperty(field.Name, out var value), $"{field.Name} is missing");
            Assert.True(JsonElement.DeepEquals(field.Value, value), $"{field.Name}: expected {Short(field.Value)}, was {Short(value)}");
        }

        AssertAddsUp(figures);
        Assert.DoesNotContain(figures.Quarantined, q => q.Key != QuarantineCause.UnknownChannel);
    }

    [Fact]
    [Trait("requirement", "R20")]
    public void A_container_cut_short_is_reported_and_what_was_read_counts()
    {
        var whole = File.ReadAllBytes(Recordings.Require("binance-spot.hft-btcusdt-20240808.jsonl.gz"));
        var figures = Inspect(() => new MemoryStream(whole, 0, whole.Length * 2 / 3)).Figures;

        Assert.NotNull(figures.Container);
        Assert.False(figures.Clean);
        Assert.InRange(figures.Events, 1, 13753);
        Assert.True(figures.Frames > 0);
        AssertAddsUp(figures);
    }

    [Fact]
    [Trait("requirement", "R19")]
    public void Damaged_frames_are_quarantined_and_the_rest_still_counts()
    {
        var lines = Lines(Recordings.Require("binance-spot.cf-20211012.jsonl.gz"));
        for (var i = 20; i < lines.Count; i += 40) lines[i] = lines[i].Replace("\\\"data\\\":{", "\\\"data\\\":[", StringComparison.Ordinal);
        var figures = Inspect(Compress(lines)).Figures;

        Assert.Null(figures.Container);
        Assert.True(figures.BadFrames > 0);
        Assert.Equal(figures.BadFrames, figures.Quarantined.Sum(q => q.Value));
        Assert.Equal(237, figures.Frames);
        AssertAddsUp(figures);
    }

    [Fact]
    [Trait("requirement", "R6")]
    public void What_was_done_to_a_recording_is_found_where_it_was_done_and_the_reading_goes_on()
    {
        var lines = Lines(Recordings.Require("binance-spot.hft-btcusdt-20240808.jsonl.gz"));
        var depths = Enumerable.Range(0, lines.Count).Where(i => lines[i].Contains("depthUpdate", StringComparison.Ordinal)).ToList();
        var (dropped, doubled, cut) = (depths[300], depths[600], depths[900]);
        lines[cut] = lines[cut].Replace("\\\"data\\\":{", "\\\"data\\\":[", StringComparison.Ordinal);
        lines.Insert(doubled + 1, lines[doubled]);
        lines.RemoveAt(dropped);
        var (figures, anomalies) = Inspect(Compress(lines));

        // Line 1 is the header, so line i is event i - 1; the drop moved everything after it up by one, the double back down.
        var found = anomalies.Select(a => (a.Event, a.Kind, a.Symbol)).ToList();
        Assert.Equal((depths[301] - 2, "gaps", "BTCUSDT"), found[0]);
        Assert.Contains((doubled - 1, "repeats", "BTCUSDT"), found);
        Assert.Contains((cut - 1, "bad_frames", ""), found);
        Assert.Contains((depths[901] - 1, "gaps", "BTCUSDT"), found);
        Assert.Equal((2, 1, 1), ((int)figures.Gaps, (int)figures.Repeats, (int)figures.BadFrames));
        AssertAddsUp(figures);
    }

    [Fact]
    [Trait("requirement", "R17")]
    public void Prices_finer_than_the_scale_are_read_with_a_finer_one_and_cut_quantities_keep_their_text()
    {
        string[] lines =
        [
            """{"format":"recording/1","venue":"binance","market":"spot","events":2,"captured_utc":""}""",
            """{"t":1,"c":1,"k":"open","u":"wss://x","d":null}""",
            Line(2, "rest", "https://api.binance.com/api/v3/depth?symbol=ABC", """{"lastUpdateId":7,"bids":[["0.0000000123","436947.11845272494"]],"asks":[["1.5","0.000000001"]]}"""),
        ];
        var figures = Inspect(Compress(lines)).Figures;

        var (symbol, book) = Assert.Single(figures.Final);
        Assert.Equal(("ABC", "0.0000000123", "436947.11845272494"), (symbol, book.Bid![0], book.Bid[1]));
        Assert.Equal(["1.5", "0.000000001"], book.Ask!);
        Assert.Empty(figures.Quarantined);
    }

    [Fact]
    public void A_file_that_is_no_recording_is_refused_with_a_reason()
    {
        var e = Assert.Throws<InvalidDataException>(() => RecordingReader.Open(Compress(["{\"format\":\"other/2\"}"])()));
        Assert.Contains("recording/1", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => RecordingReader.Open(new MemoryStream("not gzip at all"u8.ToArray())));
    }

    private static RecordingInspection Inspect(Func<Stream> file)
    {
        using var reader = RecordingReader.Open(file());
        if (!FeedFixtures.VenueNames.Contains(reader.Header.Venue)) Assert.Skip($"There is no venue {reader.Header.Venue}.");
        return RecordingInspection.Of(FeedFixtures.Create(reader.Header.Venue), () => RecordingReader.Open(file()));
    }

    private static void AssertAddsUp(InspectionFigures figures)
    {
        var inputs = figures.Inputs;
        Assert.Equal(inputs.Received, inputs.Applied + inputs.Duplicate + inputs.Stale + inputs.Quarantined + inputs.Shed);
        Assert.True(inputs.Received > 0);
    }

    private static string Line(long t, string kind, string url, string data) =>
        JsonSerializer.Serialize(new { t, c = kind == "rest" ? 0 : 1, k = kind, u = url, d = data });

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

    private static Func<Stream> Compress(IEnumerable<string> lines)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        return () => new MemoryStream(stream.ToArray());
    }
}
