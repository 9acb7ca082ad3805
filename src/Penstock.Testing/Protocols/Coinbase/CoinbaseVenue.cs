using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Coinbase;

[assembly: SimulatedVenue<CoinbaseVenue>("coinbase")]

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>
/// Coinbase Advanced Trade as its clients see it: level2 with snapshot and updates every 50 ms, trades every 250 ms with the
/// maker's side, tickers, one count over a connection; the user channel without fills, signed REST with order entry. Its secret is
/// an EC private key. Written from venues/coinbase.md.
/// </summary>
public sealed class CoinbaseVenue : SimulatedVenue
{
    internal const string UserTopic = "user";

    /// <summary>Orders a page of the user channel's snapshot.</summary>
    internal const int SnapshotPage = 50;

    private const long BookIntervalNs = 50_000_000;
    private const long TradesIntervalNs = 250_000_000;

    private readonly Feed[] _feeds;
    private readonly CoinbaseRest _rest;
    private long _nextBookNs;
    private long _nextTradesNs;

    public CoinbaseVenue(SimulatedVenueOptions options)
        : base(options with { Secret = CoinbaseToken.KeyOf(options.Secret) },
            DefaultInstruments.Of([2, 2, 2], 8, [0.00000001m, 0.00000001m, 0.00000001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Token = new CoinbaseToken(Options.ApiKey, Options.Secret);
        Orders = new CoinbaseOrders(this);
        _rest = new CoinbaseRest(this);
    }

    public override string PublicPath => "/market";

    public override string PrivatePath => "/user";

    internal CoinbaseToken Token { get; }

    internal CoinbaseOrders Orders { get; }

    internal MarketInstrument? Find(string product) => _feeds.FirstOrDefault(f => f.Symbol == product)?.Instrument;

    internal static string Topic(string channel, string product) => channel + ":" + product;

    /// <summary>What a new subscription starts with. Everybody is brought up to date first, so that the snapshot is where all are.</summary>
    internal void SendFirst(CoinbaseSession session, string channel, string product, long nowNs)
    {
        var feed = _feeds.First(f => f.Symbol == product);
        switch (channel)
        {
            case "level2":
                PublishBook(feed, nowNs, except: session);
                WriteBook(session.Begin("l2_data", nowNs), feed, "snapshot", feed.View.Bids, feed.View.Asks, nowNs);
                break;
            case "market_trades":
                var last = feed.Instrument.LastPrint;
                WriteTrades(session.Begin("market_trades", nowNs), feed, "snapshot", last.TradeId == 0 ? [] : [last]);
                break;
            case "ticker":
                if (feed.Instrument.Engine.Bids.Best is null || feed.Instrument.Engine.Asks.Best is null) return;
                WriteTicker(session.Begin("ticker", nowNs), feed, "snapshot");
                break;
            case "status":
                WriteStatus(session.Begin("status", nowNs), feed);
                break;
        }

        session.End(FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path == PrivatePath ? new CoinbasePrivateSession(this, sink, nowNs)
        : path == PublicPath ? new CoinbasePublicSession(this, sink, nowNs)
        : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) => CoinbaseRest.TooMany(retryAfterSeconds);

    protected override void PublishMarket(long nowNs)
    {
        var isBookDue = nowNs >= _nextBookNs;
        var areTradesDue = nowNs >= _nextTradesNs;
        if (isBookDue) _nextBookNs = nowNs + Paced(BookIntervalNs);
        if (areTradesDue) _nextTradesNs = nowNs + Paced(TradesIntervalNs);
        foreach (var feed in _feeds)
        {
            if (isBookDue) PublishBook(feed, nowNs, except: null);
            PublishTicker(feed, nowNs);
            if (areTradesDue) PublishTrades(feed, nowNs);
        }
    }

    /// <summary>The state and the total; trades are told by REST only.</summary>
    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (happened.Kind == OrderEventKind.Accepted) Orders.Remember(happened.Order);
        foreach (var session in Sessions)
        {
            if (session is not CoinbasePrivateSession open || !open.IsSubscribed(UserTopic)) continue;
            Statistics.FramesPublished++;
            var text = open.Begin(UserTopic, nowNs).Raw("""{"type":"update","orders":[""");
            CoinbaseOrders.WriteStreamRow(text, happened);
            text.Raw("]}");
            open.End(FrameKinds.Private, nowNs);
        }
    }

    /// <summary>There is no channel for them.</summary>
    protected override void PublishBalances(long nowNs)
    {
    }

    private void PublishBook(Feed feed, long nowNs, CoinbaseSession? except)
    {
        if (!feed.View.Refresh()) return;
        foreach (var session in Sessions)
        {
            if (session == except || session is not CoinbaseSession open || !open.IsSubscribed(feed.BookTopic)) continue;
            Statistics.FramesPublished++;
            WriteBook(open.Begin("l2_data", nowNs), feed, "update", feed.View.BidChanges, feed.View.AskChanges, nowNs);
            open.End(FrameKinds.BookDelta, nowNs);
        }
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (feed.Instrument.Prints.Count == 0) return;
        foreach (var session in Sessions)
        {
            if (session is not CoinbaseSession open || !open.IsSubscribed(feed.TradesTopic)) continue;
            Statistics.FramesPublished++;
            WriteTrades(open.Begin("market_trades", nowNs), feed, "update", feed.Instrument.Prints);
            open.End(FrameKinds.Market, nowNs);
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishTicker(Feed feed, long nowNs)
    {
        if (feed.Instrument.LastPrint.TradeId == feed.TickerTradeId) return;
        if (feed.Instrument.Engine.Bids.Best is null || feed.Instrument.Engine.Asks.Best is null) return;
        feed.TickerTradeId = feed.Instrument.LastPrint.TradeId;
        foreach (var session in Sessions)
        {
            if (session is not CoinbaseSession open || !open.IsSubscribed(feed.TickerTopic)) continue;
            Statistics.FramesPublished++;
            WriteTicker(open.Begin("ticker", nowNs), feed, "update");
            open.End(FrameKinds.Market, nowNs);
        }
    }

    private static void WriteBook(Utf8Text text, Feed feed, string type, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, long nowNs)
    {
        text.Write($$"""{"type":"{{type}}","product_id":"{{feed.Symbol}}","updates":[""");
        // A snapshot's levels carry no time of their own.
        var timeNs = type == "snapshot" ? 0 : nowNs;
        WriteLevels(text, "bid", bids, timeNs);
        WriteLevels(text, "offer", asks, timeNs);
        text.Raw("]}");
    }

    private static void WriteLevels(Utf8Text text, string side, IReadOnlyList<ViewLevel> levels, long timeNs)
    {
        foreach (var level in levels)
            text.Comma().Write($$"""{"side":"{{side}}","event_time":"{{new IsoTime(timeNs)}}","price_level":"{{level.Price}}","new_quantity":"{{level.Quantity}}"}""");
    }

    /// <summary>Newest first, and with the side of the order that rested.</summary>
    private static void WriteTrades(Utf8Text text, Feed feed, string type, IReadOnlyList<MarketPrint> prints)
    {
        text.Write($$"""{"type":"{{type}}","trades":[""");
        for (var index = prints.Count - 1; index >= 0; index--)
        {
            var print = prints[index];
            var maker = print.Aggressor == Side.Buy ? "SELL" : "BUY";
            text.Comma().Write($$"""{"trade_id":"{{print.TradeId}}","product_id":"{{feed.Symbol}}","price":"{{print.Price}}","size":"{{print.Quantity}}","side":"{{maker}}","time":"{{new IsoTime(print.TimeNs)}}"}""");
        }

        text.Raw("]}");
    }

    private static void WriteTicker(Utf8Text text, Feed feed, string type)
    {
        var (bid, ask) = (feed.Instrument.Engine.Bids.Best!, feed.Instrument.Engine.Asks.Best!);
        var last = feed.Instrument.LastPrint.TradeId == 0 ? feed.Instrument.Spec.StartPrice : feed.Instrument.LastPrint.Price;
        text.Write($$"""{"type":"{{type}}","tickers":[{"type":"ticker","product_id":"{{feed.Symbol}}","price":"{{last}}","volume_24_h":"0","low_24_h":"{{last}}","high_24_h":"{{last}}","low_52_w":"{{last}}","high_52_w":"{{last}}","price_percent_chg_24_h":"0","best_bid":"{{bid.Price}}","best_bid_quantity":"{{bid.Quantity}}","best_ask":"{{ask.Price}}","best_ask_quantity":"{{ask.Quantity}}"}]}""");
    }

    private static void WriteStatus(Utf8Text text, Feed feed)
    {
        var spec = feed.Instrument.Spec;
        text.Write($$"""{"type":"snapshot","products":[{"product_type":"SPOT","id":"{{spec.Symbol}}","base_currency":"{{spec.Base}}","quote_currency":"{{spec.Quote}}","base_increment":"{{spec.Lot}}","quote_increment":"{{spec.Tick}}","display_name":"{{spec.Base}}/{{spec.Quote}}","status":"online","status_message":"","min_market_funds":"1"}]}""");
    }

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = instrument.Spec.Symbol;
        public readonly string BookTopic = Topic("level2", instrument.Spec.Symbol);
        public readonly string TradesTopic = Topic("market_trades", instrument.Spec.Symbol);
        public readonly string TickerTopic = Topic("ticker", instrument.Spec.Symbol);
        public readonly BookView View = new(instrument.Engine, int.MaxValue, deletesPushedOut: true);
        public long TickerTradeId;
    }
}
