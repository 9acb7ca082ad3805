using System.Diagnostics;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Testing.Hosting;
using Penstock.Tests.MarketData.Inspection;
using Penstock.Venues.Binance;
using Penstock.Venues.Kraken;
using Penstock.Venues.Okx;

namespace Penstock.Tests.EndToEnd;

/// <summary>
/// Real traffic, served again on a socket in the venue's protocol and taken by the node's own feed session: the books end as
/// the independent replay of the file says (recordings/expected.json).
/// </summary>
public sealed class RecordedExchangeTests : IEventPublisher
{
    private static readonly VenueId Venue = new(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private BookKeeper _keeper = null!;

    [Theory]
    [InlineData("binance", "binance-spot.cf-20211012.jsonl.gz")]
    [InlineData("binance", "binance-spot.hft-btcusdt-20240808.jsonl.gz")]
    [InlineData("kraken", "kraken-spot.cf-20210417.jsonl.gz")]
    [InlineData("okx", "okx-mixed.cf-20220513.jsonl.gz")]
    [Trait("requirement", "R20")]
    public async Task A_recording_served_as_its_venue_ends_in_the_recorded_books(string name, string file)
    {
        var path = Recordings.Require(file);
        using var document = JsonDocument.Parse(File.ReadAllText(Recordings.Require("expected.json")));
        var expected = document.RootElement.GetProperty(file);
        IVenue venue = name switch { "binance" => new BinanceVenue(), "kraken" => new KrakenVenue(), _ => new OkxVenue() };
        var table = new InstrumentTable();
        foreach (var symbol in expected.GetProperty("final").EnumerateObject()) table.Add(Named(symbol.Name));
        await using var exchange = await RecordedExchange.StartAsync(path, speed: 0);
        using var rest = new RestPool(new RestPoolOptions { Endpoint = exchange.Rest, Limits = venue.Profile.RestLimits });
        var (feed, ingest) = Connect(venue, table, exchange, rest);

        var frames = expected.GetProperty("frames").GetInt64();
        var started = Stopwatch.GetTimestamp();
        var idle = new SpinWait();
        while (ingest.Statistics.Frames < frames || ingest.Statistics.Pending > 0 || ingest.BooksSynced < table.Count)
        {
            if (feed.DoWork() > 0) idle.Reset();
            else idle.SpinOnce();
            ingest.Step(MonotonicClock.Instance.NowNs);
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{ingest.Statistics.Frames} of {frames} frames, {ingest.Statistics.Pending} pending, {ingest.BooksSynced} of {table.Count} books");
        }

        var books = table.All.OrderBy(i => i.VenueSymbol, StringComparer.Ordinal).Select(i => KeyValuePair.Create(i, _keeper[i.Id]!)).ToList();
        Assert.All(books, b => Assert.Equal(BookFlags.Synced, b.Value.Flags));
        Assert.Equal(expected.GetProperty("book_digest").GetString(), BookDigest.Of(books, new ExactNumbers()));
        Assert.Equal(expected.GetProperty("checksum_ok").GetInt64(), ingest.Statistics.ChecksumsMatched);
        Assert.Equal(0, ingest.Statistics.Gaps);
        Assert.Equal(0, ingest.Statistics.BooksCrossed);
        Assert.Equal(0, ingest.Statistics.Unaccounted);
        feed.OnStop();
    }

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        foreach (ref readonly var e in events) _keeper.Apply(in e);
    }

    private (FeedSession, FeedIngest) Connect(IVenue venue, InstrumentTable table, RecordedExchange exchange, RestPool rest)
    {
        _keeper = new BookKeeper(table);
        var clock = MonotonicClock.Instance;
        var protocol = venue.CreateFeed(new FeedContext(Venue, table));
        var feed = new FeedSession(
            new FeedSessionOptions { Name = venue.Profile.Name, Stream = exchange.PublicStream, Instruments = table.All }, protocol, new RestClient(rest, clock), clock);
        var ingest = new FeedIngest(
            new IngestSetup { Venue = Venue, Protocol = protocol, Instruments = table, Rule = venue.Profile.BookSync, Control = feed, Publisher = this }, table.All);
        feed.Attach(ingest);
        return (feed, ingest);
    }

    private static Instrument Named(string symbol) => new()
    {
        Venue = Venue, Symbol = symbol, VenueSymbol = symbol, Base = default, Quote = default, Tick = new(1), Lot = new(1),
    };
}
