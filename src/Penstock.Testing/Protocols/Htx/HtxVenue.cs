using Penstock.Testing.Faults;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Htx;

[assembly: SimulatedVenue<HtxVenue>("htx")]

namespace Penstock.Testing.Protocols.Htx;

/// <summary>
/// HTX spot as its clients see it: gzip frames and pings that must be answered; deltas of 150 levels every 100 ms and the image on
/// request; trades and best bid and ask; a private socket, another one for orders, signed REST. Written from venues/htx.md.
/// </summary>
public sealed class HtxVenue : SimulatedVenue
{
    internal const long AccountId = 31_276_149;
    internal const string OrdersTopic = "orders";
    internal const string ClearingTopic = "trade.clearing";
    internal const string AccountTopic = "accounts.update";

    private const long BooksIntervalNs = 100_000_000;

    private readonly HtxFeed[] _feeds;
    private readonly HtxRest _rest;
    private long _nextBooksNs;
    private long _accountChanges;

    public HtxVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([2, 2, 4], 6, [0.000001m, 0.0001m, 0.0001m]), buyerPaysFeeInBase: true)
    {
        _feeds = [.. Market.Instruments.Select(i => new HtxFeed(i))];
        Orders = new HtxOrders(this);
        _rest = new HtxRest(this);
    }

    public override string PublicPath => "/feed";

    public override string PrivatePath => "/ws/v2";

    public override string OrderEntryPath => "/ws/trade";

    internal HtxOrders Orders { get; }

    /// <summary>BTC-USDT is btcusdt here.</summary>
    internal static string Spell(SimulatedInstrument instrument) => instrument.Symbol.Replace("-", "").ToLowerInvariant();

    internal MarketInstrument? Find(string symbol) => Feed(symbol)?.Instrument;

    internal HtxFeed? Feed(string symbol) => Array.Find(_feeds, f => f.Symbol == symbol);

    /// <summary>Brings everybody up to date first, so that the image stands in the common chain.</summary>
    internal void SendImage(HtxPublicSession session, HtxFeed feed, string id, long nowNs)
    {
        PublishBook(feed, nowNs);
        var text = session.Text.Clear();
        text.Write($$"""{"id":"{{id}}","rep":"{{feed.BookTopic}}","status":"ok","ts":{{Ms(nowNs)}},"data":{"seqNum":{{feed.Number}},""");
        feed.WriteSides(text, feed.View.Bids, feed.View.Asks);
        session.Send(text.Raw("}}"), FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) => path switch
    {
        "/feed" => new HtxPublicSession(this, sink, nowNs),
        "/ws/v2" => new HtxPrivateSession(this, sink, nowNs),
        "/ws/trade" => new HtxTradeSession(this, sink, nowNs),
        _ => null,
    };

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"status":"error","err-code":"too-many-request","err-msg":"too many request","data":null}""")
        {
            Headers = [new("Retry-After", retryAfterSeconds.ToString())],
        };

    protected override void PublishMarket(long nowNs)
    {
        var areBooksDue = nowNs >= _nextBooksNs;
        if (areBooksDue) _nextBooksNs = nowNs + Paced(BooksIntervalNs);
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            PublishBest(feed, nowNs);
            if (areBooksDue) PublishBook(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (HasSubscriber(OrdersTopic))
        {
            HtxOrders.WriteState(Scratch.Clear(), happened);
            Publish(OrdersTopic, Scratch, FrameKinds.Private, nowNs);
        }

        // Clearing comes after the match.
        if (happened.Trade is null || !HasSubscriber(ClearingTopic)) return;
        HtxOrders.WriteClearing(Scratch.Clear(), happened);
        Publish(ClearingTopic, Scratch, FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(AccountTopic)) return;
        foreach (var asset in Market.Ledger.Assets)
        {
            WriteBalance(Scratch.Clear(), asset, "\"order.match\"", nowNs);
            Publish(AccountTopic, Scratch, FrameKinds.Private, nowNs);
        }
    }

    internal void WriteBalance(Utf8Text text, string asset, string changeType, long nowNs)
    {
        var (free, locked) = (Market.Ledger.Free(Market.Account, asset), Market.Ledger.Locked(Market.Account, asset));
        var time = changeType == "null" ? "null" : Ms(nowNs).ToString();
        text.Write($$"""{"action":"push","ch":"accounts.update#2","data":{"currency":"{{asset.ToLowerInvariant()}}","accountId":{{AccountId}},"balance":"{{Fixed.OfAmount(free + locked)}}","available":"{{Fixed.OfAmount(free)}}","changeType":{{changeType}},"accountType":"trade","seqNum":"{{++_accountChanges}}","changeTime":{{time}}""");
        text.Raw("}}");
    }

    /// <summary>An unchanged book is pushed as well, under the number it had.</summary>
    private void PublishBook(HtxFeed feed, long nowNs)
    {
        var previous = feed.Number;
        if (feed.View.Refresh()) feed.Number = feed.Instrument.UpdateId;
        if (!HasSubscriber(feed.BookTopic)) return;
        Scratch.Clear().Write($$"""{"ch":"{{feed.BookTopic}}","ts":{{Ms(nowNs)}},"tick":{"seqNum":{{feed.Number}},"prevSeqNum":{{previous}},""");
        feed.WriteSides(Scratch, feed.View.BidChanges, feed.View.AskChanges);
        Publish(feed.BookTopic, Scratch.Raw("}}"), FrameKinds.BookDelta, nowNs);
    }

    /// <summary>All of a moment in one message, newest first.</summary>
    private void PublishTrades(HtxFeed feed, long nowNs)
    {
        var prints = feed.Instrument.Prints;
        if (prints.Count > 0 && HasSubscriber(feed.TradesTopic))
        {
            feed.BeginTrades(Scratch.Clear(), nowNs);
            for (var i = prints.Count - 1; i >= 0; i--) feed.WriteTrade(Scratch, prints[i]);
            Publish(feed.TradesTopic, Scratch.Raw("]}}"), FrameKinds.Market, nowNs);
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBest(HtxFeed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.BestTopic)) return;
        var best = (bid.Price, bid.Quantity, ask.Price, ask.Quantity);
        if (best == feed.BestSent) return;
        feed.BestSent = best;
        Scratch.Clear().Write($$"""{"ch":"{{feed.BestTopic}}","ts":{{Ms(nowNs)}},"tick":{"seqId":{{feed.Instrument.UpdateId}},"ask":{{HtxNumbers.Of(ask.Price.Raw)}},"askSize":{{HtxNumbers.Of(ask.Quantity.Raw)}},"bid":{{HtxNumbers.Of(bid.Price.Raw)}},"bidSize":{{HtxNumbers.Of(bid.Quantity.Raw)}},"quoteTime":{{Ms(nowNs)}},"symbol":"{{feed.Symbol}}{{"\""}}""");
        Publish(feed.BestTopic, Scratch.Raw("}}"), FrameKinds.Market, nowNs);
    }
}
