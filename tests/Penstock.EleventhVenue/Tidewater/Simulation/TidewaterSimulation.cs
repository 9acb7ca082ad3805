using Penstock.EleventhVenue.Tidewater.Simulation;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;

[assembly: SimulatedVenue<TidewaterSimulation>("tidewater")]

namespace Penstock.EleventhVenue.Tidewater.Simulation;

/// <summary>The venue's simulated twin: its words over the shared matching engine.</summary>
public sealed class TidewaterSimulation : SimulatedVenue
{
    internal const string PrivateTopic = "private";
    private const long BooksIntervalNs = 100_000_000;

    private readonly List<Feed> _feeds;
    private readonly TidewaterRest _rest;
    private long _nextBooksNs;

    public TidewaterSimulation(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([2, 2, 2], 6, [0.00001m, 0.0001m, 0.001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i, new BookView(i.Engine, 400, deletesPushedOut: true)))];
        Account = new TidewaterAccount(this);
        _rest = new TidewaterRest(this);
    }

    public override string PublicPath => "/v1/stream";

    public override string PrivatePath => "/v1/private";

    internal TidewaterAccount Account { get; }

    internal MarketInstrument? Find(string symbol) => _feeds.Find(f => f.Symbol == symbol)?.Instrument;

    /// <summary>Everybody is brought up to date first, so that the snapshot continues the common chain.</summary>
    internal void SendSnapshot(ProtocolSession session, string symbol, long nowNs)
    {
        var feed = _feeds.First(f => f.Symbol == symbol);
        PublishBook(feed, nowNs);
        session.Text.Clear().Write($$"""{"ev":"book","symbol":"{{symbol}}","full":true,"seq":{{feed.Sequence}},"time":{{Ms(nowNs)}},""");
        WriteSides(session.Text, feed.View.Bids, feed.View.Asks);
        session.Send(session.Text, FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path == PublicPath ? new TidewaterPublicSession(this, sink) : path == PrivatePath ? new TidewaterPrivateSession(this, sink) : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"code":3001}""") { Headers = [new("Retry-After", $"{retryAfterSeconds}")] };

    protected override void PublishMarket(long nowNs)
    {
        var areBooksDue = nowNs >= _nextBooksNs;
        if (areBooksDue) _nextBooksNs = nowNs + BooksIntervalNs;
        foreach (var feed in _feeds)
        {
            foreach (var print in feed.Instrument.Prints)
            {
                Scratch.Clear().Write($$"""{"ev":"trade","symbol":"{{feed.Symbol}}","id":{{print.TradeId}},"time":{{Ms(print.TimeNs)}},"side":"{{SideText(print.Aggressor)}}","price":"{{print.Price}}","quantity":"{{print.Quantity}}"}""");
                Publish(feed.Symbol, Scratch, FrameKinds.Market, nowNs);
            }

            feed.Instrument.ClearPrints();
            if (!areBooksDue) continue;
            PublishBook(feed, nowNs);
            PublishBest(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        Account.Write(Scratch.Clear(), in happened, "ev");
        Publish(PrivateTopic, Scratch, FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        Scratch.Clear().Raw("{\"ev\":\"balances\",");
        Account.WriteBalances(Scratch);
        Publish(PrivateTopic, Scratch, FrameKinds.Private, nowNs);
    }

    private void PublishBook(Feed feed, long nowNs)
    {
        if (!feed.View.Refresh()) return;
        var previous = feed.Sequence;
        feed.Sequence = feed.Instrument.UpdateId;
        Scratch.Clear().Write($$"""{"ev":"book","symbol":"{{feed.Symbol}}","seq":{{feed.Sequence}},"prev":{{previous}},"time":{{Ms(nowNs)}},""");
        WriteSides(Scratch, feed.View.BidChanges, feed.View.AskChanges);
        Publish(feed.Symbol, Scratch, FrameKinds.BookDelta, nowNs);
    }

    private void PublishBest(Feed feed, long nowNs)
    {
        if (feed.Instrument.Engine.Bids.Best is not { } bid || feed.Instrument.Engine.Asks.Best is not { } ask) return;
        Scratch.Clear().Write($$"""{"ev":"best","symbol":"{{feed.Symbol}}","seq":{{feed.Instrument.UpdateId}},"time":{{Ms(nowNs)}},"bid":["{{bid.Price}}","{{bid.Quantity}}"],"ask":["{{ask.Price}}","{{ask.Quantity}}"]}""");
        Publish(feed.Symbol, Scratch, FrameKinds.Market, nowNs);
    }

    private static void WriteSides(Utf8Text text, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks)
    {
        text.Raw("\"bids\":[");
        foreach (var level in bids) text.Comma().Write($$"""["{{level.Price}}","{{level.Quantity}}"]""");
        text.Raw("],\"asks\":[");
        foreach (var level in asks) text.Comma().Write($$"""["{{level.Price}}","{{level.Quantity}}"]""");
        text.Raw("]}");
    }

    private sealed class Feed(MarketInstrument instrument, BookView view)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly BookView View = view;
        public readonly string Symbol = instrument.Spec.Symbol;
        public long Sequence;
    }
}
