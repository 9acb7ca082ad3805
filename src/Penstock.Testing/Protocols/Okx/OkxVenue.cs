using Penstock.Model.Markets;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Okx;

[assembly: SimulatedVenue<OkxVenue>("okx")]

namespace Penstock.Testing.Protocols.Okx;

/// <summary>
/// OKX v5 as its clients see it: books with snapshot and seqId chain every 100 ms and a keep-alive after 60 s, trades, best bid
/// and ask, tickers; login, orders and account channels, WebSocket order entry, signed REST. Written from venues/okx.md.
/// </summary>
public sealed class OkxVenue : SimulatedVenue
{
    internal const string OrdersTopic = "orders";
    internal const string AccountTopic = "account";

    private const long BooksIntervalNs = 100_000_000;
    private const long KeepAliveNs = 60_000_000_000;
    private const int BooksDepth = 400;

    private readonly Feed[] _feeds;
    private readonly OkxRest _rest;
    private long _nextBooksNs;

    public OkxVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.WithoutNotionalMin([1, 2, 2], 8, [0.00000001m, 0.000001m, 0.000001m]), buyerPaysFeeInBase: true)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Orders = new OkxOrders(this);
        _rest = new OkxRest(this);
    }

    public override string PublicPath => "/ws/v5/public";

    public override string PrivatePath => "/ws/v5/private";

    internal OkxOrders Orders { get; }

    internal MarketInstrument? Find(string instId) => _feeds.FirstOrDefault(f => f.Symbol == instId)?.Instrument;

    internal MarketInstrument? Find(long instIdCode) => Market.Instruments.FirstOrDefault(i => i.Spec.VenueCode == instIdCode);

    /// <summary>False for a channel or instrument the venue does not know.</summary>
    internal bool Knows(string channel, string instId) =>
        channel is "books" or "bbo-tbt" or "trades" or "tickers" && Find(instId) is not null;

    /// <summary>Brings everybody up to date first, so that the snapshot continues the common chain.</summary>
    internal void SendSnapshot(OkxPublicSession session, string instId, long nowNs)
    {
        var feed = _feeds.First(f => f.Symbol == instId);
        PublishBooks(feed, nowNs);
        var text = session.Text.Clear();
        WriteBooks(text, feed, "snapshot", -1, feed.View.Bids, feed.View.Asks, nowNs);
        session.Send(text, FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.EndsWith("/private") ? new OkxPrivateSession(this, sink)
        : path.EndsWith("/public") ? new OkxPublicSession(this, sink)
        : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"code":"50011","msg":"Too Many Requests","data":[]}""")
        {
            Headers = [new("Retry-After", retryAfterSeconds.ToString())],
        };

    protected override void PublishMarket(long nowNs)
    {
        var areBooksDue = nowNs >= _nextBooksNs;
        if (areBooksDue) _nextBooksNs = nowNs + Paced(BooksIntervalNs);
        foreach (var feed in _feeds)
        {
            var hasTraded = feed.Instrument.Prints.Count > 0;
            PublishTrades(feed, nowNs);
            PublishBest(feed, nowNs);
            if (areBooksDue) PublishBooks(feed, nowNs);
            if (hasTraded) PublishTicker(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (!HasSubscriber(OrdersTopic)) return;
        Orders.WritePush(Scratch.Clear(), happened);
        Publish(OrdersTopic, Scratch, FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(AccountTopic)) return;
        Orders.WriteAccountPush(Scratch.Clear(), nowNs);
        Publish(AccountTopic, Scratch, FrameKinds.Private, nowNs);
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (HasSubscriber(feed.TradesTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                Scratch.Clear().Write($$"""{"arg":{"channel":"trades","instId":"{{feed.Symbol}}"},"data":[{"instId":"{{feed.Symbol}}","tradeId":"{{print.TradeId}}","px":"{{print.Price}}","sz":"{{print.Quantity}}","side":"{{SideText(print.Aggressor)}}","ts":"{{Ms(print.TimeNs)}}","count":"1","seqId":{{feed.Instrument.UpdateId}}}]}""");
                Publish(feed.TradesTopic, Scratch, FrameKinds.Market, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBest(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.BestTopic)) return;
        var best = (bid.Price, bid.Quantity, ask.Price, ask.Quantity);
        if (best == feed.BestSent) return;
        feed.BestSent = best;
        Scratch.Clear().Write($$"""{"arg":{"channel":"bbo-tbt","instId":"{{feed.Symbol}}"},"data":[{"asks":[["{{ask.Price}}","{{ask.Quantity}}","0","{{ask.OrderCount}}"]],"bids":[["{{bid.Price}}","{{bid.Quantity}}","0","{{bid.OrderCount}}"]],"ts":"{{Ms(nowNs)}}","seqId":{{feed.Instrument.UpdateId}}}]}""");
        Publish(feed.BestTopic, Scratch, FrameKinds.Market, nowNs);
    }

    private void PublishBooks(Feed feed, long nowNs)
    {
        var hasChanged = feed.View.Refresh();
        var previous = feed.SeqId;
        if (hasChanged) feed.SeqId = feed.Instrument.UpdateId;
        else if (nowNs - feed.BooksSentNs < KeepAliveNs) return;
        feed.BooksSentNs = nowNs;
        if (!HasSubscriber(feed.BooksTopic)) return;
        WriteBooks(Scratch.Clear(), feed, "update", previous, feed.View.BidChanges, feed.View.AskChanges, nowNs);
        Publish(feed.BooksTopic, Scratch, FrameKinds.BookDelta, nowNs);
    }

    private void WriteBooks(
        Utf8Text text, Feed feed, string action, long previousSeqId, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, long nowNs)
    {
        text.Write($$"""{"arg":{"channel":"books","instId":"{{feed.Symbol}}"},"action":"{{action}}","data":[{"asks":[""");
        WriteLevels(text, asks);
        text.Raw("],\"bids\":[");
        WriteLevels(text, bids);
        // The venue sends zero since 2026 and clients must not check it; a wrong one is a fault.
        var checksum = Faults.TryTake(FaultKind.BadChecksum) ? 123_456_789 : 0;
        text.Write($$"""],"ts":"{{Ms(nowNs)}}","checksum":{{checksum}},"prevSeqId":{{previousSeqId}},"seqId":{{feed.SeqId}}}]}""");
    }

    private static void WriteLevels(Utf8Text text, IReadOnlyList<ViewLevel> levels)
    {
        foreach (var level in levels)
            text.Comma().Write($$"""["{{level.Price}}","{{level.Quantity}}","0","{{level.OrderCount}}"]""");
    }

    private void PublishTicker(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.TickerTopic)) return;
        var last = feed.Instrument.LastPrint;
        Scratch.Clear().Write($$"""{"arg":{"channel":"tickers","instId":"{{feed.Symbol}}"},"data":[{"instType":"SPOT","instId":"{{feed.Symbol}}","last":"{{last.Price}}","lastSz":"{{last.Quantity}}","askPx":"{{ask.Price}}","askSz":"{{ask.Quantity}}","bidPx":"{{bid.Price}}","bidSz":"{{bid.Quantity}}","open24h":"{{feed.Instrument.Spec.StartPrice}}","high24h":"{{last.Price}}","low24h":"{{last.Price}}","volCcy24h":"0","vol24h":"0","sodUtc0":"0","sodUtc8":"0","ts":"{{Ms(nowNs)}}"}]}""");
        Publish(feed.TickerTopic, Scratch, FrameKinds.Market, nowNs);
    }

    internal static string Topic(string channel, string instId) => channel + ":" + instId;

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = instrument.Spec.Symbol;
        public readonly string BooksTopic = Topic("books", instrument.Spec.Symbol);
        public readonly string BestTopic = Topic("bbo-tbt", instrument.Spec.Symbol);
        public readonly string TradesTopic = Topic("trades", instrument.Spec.Symbol);
        public readonly string TickerTopic = Topic("tickers", instrument.Spec.Symbol);
        public readonly BookView View = new(instrument.Engine, BooksDepth, deletesPushedOut: true);
        public (Model.Numbers.Price, Model.Numbers.Quantity, Model.Numbers.Price, Model.Numbers.Quantity) BestSent;
        public long SeqId;
        public long BooksSentNs;
    }
}
