using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Importing;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node.Commands;
using Penstock.Node.Configuration;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;
using Penstock.Tests.EndToEnd;

namespace Penstock.Tests.Node;

/// <summary>What is captured can be inspected, and ends in the books the venue itself has; what is missing is said.</summary>
public sealed class CaptureFeedTests : IEventPublisher, IDisposable
{
    /// <summary>No deeper than any venue's channel (Bybit: 50 levels), so that the whole book is in the capture.</summary>
    private static readonly FlowOptions ShallowBooks = new() { Levels = 30 };

    private static readonly string[] Symbols = ["BTC-USDT", "SOL-USDT"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penstock-capture-");
    private BookKeeper _keeper = null!;

    /// <summary>The built-in venues: capture takes them from the node's own catalogue.</summary>
    public static readonly TheoryData<string> Venues = [.. SimulatedVenues.SpotNames.Where(Catalogs.Venues.Names.Contains)];

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R10")]
    [Trait("requirement", "E16")]
    public async Task A_captured_venue_inspects_clean_and_ends_in_the_venues_own_books(string name)
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = name, Seed = 7, Flow = ShallowBooks });
        using var feed = Open(exchange, new CaptureSetup { Folder = _folder.FullName, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance, Publisher = this });
        Step(feed, () => feed.Session.LinkStatistics.Frames >= 150 && feed.Ingest.BooksSynced == Symbols.Length, "150 frames and all books");
        exchange.IsMarketPaused = true;
        Step(feed, () => Symbols.All(s => Difference(feed, exchange, s) is null), "the books equal to the venue's");
        Stop(feed);

        var file = Assert.Single(feed.Writer.Files);
        var figures = Inspect(feed, file).Figures;
        Assert.True(figures.Clean, string.Join(", ", figures.Counts().Where(c => c.Value > 0)) + figures.Container);
        Assert.Equal(Digest(feed, exchange), figures.BookDigest);
        Assert.Equal(feed.Session.LinkStatistics.Frames, figures.Frames);
        Assert.Equal(feed.Writer.Statistics.Events, figures.Events);
        Assert.Equal((0, 0), (feed.Ring.Dropped, feed.Writer.Statistics.Lost));
        Assert.Contains("\"k\":\"rest\"", FirstLine(file), StringComparison.Ordinal);
        Assert.Contains(JsonEncodedText.Encode(feed.Venue.ListUrl, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(), FirstLine(file), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, new CaptureReport([feed], TimeSpan.FromSeconds(1), interrupted: false).Result);
    }

    [Fact]
    [Trait("requirement", "E16")]
    public async Task A_gap_and_an_outage_are_in_the_report_and_in_the_recording()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "binance", Seed = 8 });
        using var feed = Open(exchange, new CaptureSetup { Folder = _folder.FullName, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance });
        Step(feed, () => feed.Ingest.BooksSynced == Symbols.Length && feed.Session.LinkStatistics.Frames > 50, "all books");
        exchange.Faults.Scope = FrameKinds.BookDelta;
        exchange.Faults.Arm(FaultKind.DropFrame, 1);
        Step(feed, () => feed.Ingest.Statistics.Gaps > 0 && feed.Ingest.BooksSynced == Symbols.Length, "a gap found and repaired");
        exchange.DisconnectAll();
        var before = feed.Session.LinkStatistics.Frames;
        Step(feed, () => feed.Session.LinkStatistics.Connects == 2 && feed.Session.LinkStatistics.Frames > before + 5, "connected again");
        Stop(feed);

        var report = new CaptureReport([feed], TimeSpan.FromSeconds(3), interrupted: true).ToJson();
        var venue = report["venues"]![0]!;
        Assert.Equal("interrupted", (string?)report["ended"]);
        Assert.Equal(2, (long)venue["connections"]!);
        Assert.True((long)venue["booksInvalid"]! >= 1);
        Assert.True((long)venue["outageMs"]! > 0);
        var missing = venue["missing"]!.AsArray();
        Assert.Contains(missing, m => (string?)m!["kind"] == "gap" && ((string)m["symbol"]!).EndsWith("USDT", StringComparison.Ordinal));
        Assert.Contains(missing, m => (string?)m!["kind"] == "outage" && ((string)m["detail"]!).EndsWith("back", StringComparison.Ordinal));
        var inspection = Inspect(feed, Assert.Single(feed.Writer.Files));
        Assert.Null(inspection.Figures.Container);
        Assert.Equal(0, inspection.Figures.ReceiveTimeBackwards);
        Assert.Contains(inspection.Anomalies, a => a.Kind == "gaps");
    }

    [Fact]
    [Trait("requirement", "E16")]
    public async Task A_capture_rotates_into_whole_files_that_name_their_predecessor_and_join_into_one()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "kraken", Seed = 9 });
        using var feed = Open(exchange, new CaptureSetup { Folder = _folder.FullName, FileBytesMax = 16 * 1024, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance, Publisher = this });
        Step(feed, () => feed.Writer.Statistics.Files >= 4 && feed.Ingest.BooksSynced == Symbols.Length, "four files");
        exchange.IsMarketPaused = true;
        Step(feed, () => Symbols.All(s => Difference(feed, exchange, s) is null), "the books equal to the venue's");
        Stop(feed);

        Assert.Equal(feed.Writer.Statistics.Files, feed.Writer.Files.Count);
        var (events, last, previous) = (0L, 0L, (string?)null);
        foreach (var file in feed.Writer.Files)
        {
            using var reader = RecordingReader.Open(File.OpenRead(file));
            while (reader.TryRead(out var recorded))
            {
                Assert.True(recorded.TimeNs >= last);
                last = recorded.TimeNs;
            }

            Assert.Null(reader.Problem);
            events += reader.EventsRead;
            Assert.Equal(previous, Header(file).TryGetProperty("continues", out var continues) ? continues.GetString() : null);
            previous = Path.GetFileName(file);
        }

        Assert.Equal(feed.Writer.Statistics.Events, events);
        var joined = Path.Combine(_folder.FullName, "joined.jsonl.gz");
        var result = RecordingImport.Run(new ImportRequest { Format = ImportFormat.Recording, Files = [.. feed.Writer.Files], Venue = feed.Venue.Venue, Market = "spot", Output = joined });
        Assert.Equal((null, events), (result.Problem, result.Events));
        var figures = Inspect(feed, joined).Figures;
        Assert.True(figures.Clean);
        Assert.Equal(Digest(feed, exchange), figures.BookDigest);
    }

    [Fact]
    [Trait("requirement", "E16")]
    public async Task A_venue_that_brought_nothing_is_said_and_its_file_is_whole()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "kraken" });
        using var feed = Open(exchange, new CaptureSetup { Folder = _folder.FullName, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance });
        Stop(feed);
        var report = new CaptureReport([feed], TimeSpan.FromSeconds(1), interrupted: true);
        Assert.Equal(ExitCode.NotReady, report.Result);
        using var text = new StringWriter();
        report.Print(text);
        Assert.Contains("nothing came", text.ToString(), StringComparison.Ordinal);
        var figures = Inspect(feed, Assert.Single(feed.Writer.Files)).Figures;
        Assert.Equal((1, 1, null), (figures.Events, figures.Rest, figures.Container));
    }

    [Fact]
    [Trait("requirement", "R10")]
    public async Task A_disk_that_refuses_stops_no_feed_and_every_lost_line_is_counted()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "okx" });
        var blocked = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(blocked, "not a folder");
        using var feed = Open(exchange, new CaptureSetup { Folder = Path.Combine(blocked, "below"), Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance });
        Step(feed, () => feed.Ingest.BooksSynced == Symbols.Length && feed.Session.LinkStatistics.Frames > 50, "the feed to go on");
        Stop(feed);
        Assert.True(feed.Writer.Statistics.Lost >= feed.Session.LinkStatistics.Frames);
        Assert.Equal(0, feed.Writer.Statistics.Events);
        Assert.Equal(ExitCode.Error, new CaptureReport([feed], TimeSpan.FromSeconds(1), interrupted: true).Result);
    }

    /// <summary>Goal: nobody waits for the disk. Method: a small ring that is not emptied; the books go on, and what found no room is counted.</summary>
    [Fact]
    [Trait("requirement", "R10")]
    public async Task A_disk_that_stands_still_costs_frames_in_the_file_and_none_in_the_feed()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "kraken", Seed = 10 });
        using var feed = Open(exchange, new CaptureSetup { Folder = _folder.FullName, RingBytes = 1 << 15, Clock = MonotonicClock.Instance, WallClock = SystemWallClock.Instance, Publisher = this });
        Step(feed, () => feed.Ring.Dropped > 20 && feed.Ingest.BooksSynced == Symbols.Length, "the ring full", writing: false);
        exchange.IsMarketPaused = true;
        Step(feed, () => Symbols.All(s => Difference(feed, exchange, s) is null), "the books equal to the venue's", writing: false);
        Stop(feed);
        Assert.Equal(0, feed.Ingest.Statistics.Gaps + feed.Ingest.Statistics.ChecksumsMismatched);
        var venue = new CaptureReport([feed], TimeSpan.FromSeconds(1), interrupted: true).ToJson()["venues"]![0]!;
        Assert.Equal(feed.Ring.Dropped, (long)venue["ringDrops"]!);
        // List, open, subscriptions and the close stand beside the frames; some of them were dropped, too.
        Assert.InRange(feed.Session.LinkStatistics.Frames - feed.Writer.Statistics.Events, feed.Ring.Dropped - 10, feed.Ring.Dropped);
        Assert.Null(Inspect(feed, Assert.Single(feed.Writer.Files)).Figures.Container);
    }

    [Fact]
    [Trait("requirement", "E16")]
    public async Task A_symbol_the_venue_does_not_list_is_named_with_the_nearest_one()
    {
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = "kraken" });
        var problem = Assert.Throws<Problem>(() => CaptureVenue.Open("kraken", ["BTC-USDR"], Configured(exchange), testnet: false));
        Assert.Equal(ExitCode.NotFound, problem.Code);
        Assert.Contains("BTC-USDR", problem.Message, StringComparison.Ordinal);
    }

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        foreach (ref readonly var e in events) _keeper.Apply(in e);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private CaptureFeed Open(SimulatedExchange exchange, CaptureSetup setup)
    {
        var venue = CaptureVenue.Open(exchange.Name, Symbols, Configured(exchange), testnet: false);
        _keeper = new BookKeeper(venue.Instruments);
        return new CaptureFeed(venue, setup);
    }

    private static VenueConfiguration Configured(SimulatedExchange exchange) => new()
    {
        Name = exchange.Name, Symbols = Symbols, Rest = exchange.Rest.ToString(), PublicStream = exchange.PublicStream.ToString(),
    };

    private static void Step(CaptureFeed feed, Func<bool> until, string what, bool writing = true)
    {
        var started = Stopwatch.GetTimestamp();
        var idle = new SpinWait();
        while (!until())
        {
            if (feed.DoWork() + (writing ? feed.Writer.DoWork() : 0) > 0) idle.Reset();
            else idle.SpinOnce();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Expected {what}, found {CaptureReport.Progress(feed)}");
        }
    }

    private static void Stop(CaptureFeed feed)
    {
        feed.OnStop();
        feed.Writer.OnStop();
    }

    private string? Difference(CaptureFeed feed, SimulatedExchange exchange, string symbol)
    {
        var book = _keeper[feed.Venue.Instruments.FindSymbol(feed.Venue.Id, symbol)!.Id];
        if (book is not { Flags: BookFlags.Synced }) return "not synced";
        var truth = exchange.Book(symbol);
        return Same(book, Side.Buy, truth.Bids) && Same(book, Side.Sell, truth.Asks) ? null : "different";
    }

    private static bool Same(IOrderBook book, Side side, IReadOnlyList<SimulatedLevel> truth)
    {
        var levels = new BookLevel[book.Count(side)];
        book.CopyTop(side, levels);
        return levels.Select(l => (l.Price, l.Quantity)).SequenceEqual(truth.Select(l => (l.Price, l.Quantity)));
    }

    private static RecordingInspection Inspect(CaptureFeed feed, string file) =>
        RecordingInspection.Of(feed.Venue.Venue, () => RecordingReader.Open(File.OpenRead(file)));

    /// <summary>The digest of recordings/README.md over what the venue itself has: no code of the inspector's.</summary>
    private static string Digest(CaptureFeed feed, SimulatedExchange exchange)
    {
        var text = new StringBuilder();
        foreach (var instrument in feed.Venue.Instruments.All.OrderBy(i => i.VenueSymbol, StringComparer.Ordinal))
        {
            var book = exchange.Book(instrument.Symbol);
            text.Append(instrument.VenueSymbol).Append('\n');
            foreach (var level in book.Bids) text.Append($"b {level.Price} {level.Quantity}\n");
            foreach (var level in book.Asks) text.Append($"a {level.Price} {level.Quantity}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static JsonElement Header(string file) => JsonDocument.Parse(Lines(file).First()).RootElement;

    private static string FirstLine(string file) => Lines(file).ElementAt(1);

    private static IEnumerable<string> Lines(string file)
    {
        using var text = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress));
        while (text.ReadLine() is { } line) yield return line;
    }
}
