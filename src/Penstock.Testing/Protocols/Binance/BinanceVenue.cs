using Penstock.Model.Markets;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Binance;

[assembly: SimulatedVenue<BinanceVenue>("binance")]

namespace Penstock.Testing.Protocols.Binance;

/// <summary>
/// Binance spot as its clients see it: combined streams with U/u deltas every 100 ms and a REST snapshot, the WebSocket API for
/// orders and the user stream, signed REST. Written from venues/binance.md.
/// </summary>
public sealed class BinanceVenue : SimulatedVenue
{
    private const long DepthIntervalNs = 100_000_000;

    private readonly Feed[] _feeds;
    private readonly BinanceRest _rest;
    private long _nextDepthNs;

    public BinanceVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([2, 2, 2], 8, [0.00001m, 0.0001m, 0.001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        foreach (var instrument in Market.Instruments) instrument.TracksTouched = true;
        Keys = new BinanceKeys(this);
        Orders = new BinanceOrders(this);
        _rest = new BinanceRest(this);
    }

    public override string PublicPath => "/stream";

    public override string PrivatePath => "/ws-api/v3";

    internal const string UserTopic = "user";

    internal BinanceKeys Keys { get; }

    internal BinanceOrders Orders { get; }

    /// <summary>BTC-USDT is BTCUSDT here.</summary>
    internal static string Spell(MarketInstrument instrument) => instrument.Spec.Symbol.Replace("-", "");

    internal MarketInstrument? Find(string symbol)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Symbol == symbol) return feed.Instrument;
        }

        return null;
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.Contains("/ws-api") ? new BinanceApiSession(this, sink, nowNs)
        : path == "/" || path.EndsWith("/stream") ? new BinancePublicSession(Faults, sink, VenueHttpRequest.Find(VenueHttpRequest.Parse(query), "streams"), nowNs)
        : null;

    protected override int WeightOf(VenueHttpRequest request) => _rest.WeightOf(request);

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        var response = _rest.Answer(request, nowNs);
        return response with { Headers = [.. response.Headers, new("X-MBX-USED-WEIGHT-1M", WeightUsed.ToString())] };
    }

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"code":-1003,"msg":"Too many requests; current limit is exceeded."}""")
        {
            Headers = [new("Retry-After", retryAfterSeconds.ToString()), new("X-MBX-USED-WEIGHT-1M", WeightUsed.ToString())],
        };

    protected override void PublishMarket(long nowNs)
    {
        var isDepthDue = nowNs >= _nextDepthNs;
        if (isDepthDue) _nextDepthNs = nowNs + Paced(DepthIntervalNs);
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            PublishBookTicker(feed, nowNs);
            if (isDepthDue) PublishDepth(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (!HasSubscriber(UserTopic)) return;
        Orders.WriteReport(Scratch.Clear(), happened, nowNs);
        Publish(UserTopic, Scratch, FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(UserTopic)) return;
        Orders.WriteAccountPosition(Scratch.Clear(), nowNs);
        Publish(UserTopic, Scratch, FrameKinds.Private, nowNs);
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (feed.Instrument.Prints.Count > 0 && HasSubscriber(feed.TradeTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                Scratch.Clear().Write($$$"""{"stream":"{{{feed.TradeTopic}}}","data":{"e":"trade","E":{{{Ms(nowNs)}}},"s":"{{{feed.Symbol}}}","t":{{{print.TradeId}}},"p":"{{{Fixed.Of(print.Price, 8)}}}","q":"{{{Fixed.Of(print.Quantity, 8)}}}","T":{{{Ms(print.TimeNs)}}},"m":{{{print.Aggressor == Side.Sell}}},"M":true}}""");
                Publish(feed.TradeTopic, Scratch, FrameKinds.Market, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBookTicker(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.TickerTopic)) return;
        var best = (bid.Price, bid.Quantity, ask.Price, ask.Quantity);
        if (best == feed.BestSent) return;
        feed.BestSent = best;
        Scratch.Clear().Write($$$"""{"stream":"{{{feed.TickerTopic}}}","data":{"u":{{{feed.Instrument.UpdateId}}},"s":"{{{feed.Symbol}}}","b":"{{{Fixed.Of(bid.Price, 8)}}}","B":"{{{Fixed.Of(bid.Quantity, 8)}}}","a":"{{{Fixed.Of(ask.Price, 8)}}}","A":"{{{Fixed.Of(ask.Quantity, 8)}}}"}}""");
        Publish(feed.TickerTopic, Scratch, FrameKinds.Market, nowNs);
    }

    private void PublishDepth(Feed feed, long nowNs)
    {
        if (feed.LastPublishedId == feed.Instrument.UpdateId) return;
        feed.Instrument.TakeTouched(Side.Buy, feed.BidChanges);
        feed.Instrument.TakeTouched(Side.Sell, feed.AskChanges);
        var firstId = feed.LastPublishedId + 1;
        feed.LastPublishedId = feed.Instrument.UpdateId;
        if (!HasSubscriber(feed.DepthTopic)) return;
        Scratch.Clear().Write($$"""{"stream":"{{feed.DepthTopic}}","data":{"e":"depthUpdate","E":{{Ms(nowNs)}},"s":"{{feed.Symbol}}","U":{{firstId}},"u":{{feed.Instrument.UpdateId}},"b":[""");
        WriteLevels(Scratch, feed.BidChanges);
        Scratch.Raw("],\"a\":[");
        WriteLevels(Scratch, feed.AskChanges);
        Scratch.Raw("]}}");
        Publish(feed.DepthTopic, Scratch, FrameKinds.BookDelta, nowNs);
    }

    private static void WriteLevels(Utf8Text text, List<ViewLevel> levels)
    {
        foreach (var level in levels)
            text.Comma().Write($$"""["{{Fixed.Of(level.Price, 8)}}","{{Fixed.Of(level.Quantity, 8)}}"]""");
    }

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = Spell(instrument);
        public readonly string TradeTopic = Spell(instrument).ToLowerInvariant() + "@trade";
        public readonly string TickerTopic = Spell(instrument).ToLowerInvariant() + "@bookTicker";
        public readonly string DepthTopic = Spell(instrument).ToLowerInvariant() + "@depth@100ms";
        public readonly List<ViewLevel> BidChanges = [];
        public readonly List<ViewLevel> AskChanges = [];
        public (Model.Numbers.Price, Model.Numbers.Quantity, Model.Numbers.Price, Model.Numbers.Quantity) BestSent;
        public long LastPublishedId = instrument.UpdateId;
    }
}
