using Penstock.Model.Markets;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Kucoin;

[assembly: SimulatedVenue<KucoinVenue>("kucoin")]

namespace Penstock.Testing.Protocols.Kucoin;

/// <summary>
/// KuCoin spot as its clients see it: tokens by REST, a greeting on each socket, level-2 increments that may overlap and a REST book
/// to start from, trades, level 1, tickers; the HF order endpoints by signed REST and the private topics. Written from venues/kucoin.md.
/// </summary>
public sealed class KucoinVenue : SimulatedVenue
{
    internal const string OrdersTopic = "/spotMarket/tradeOrdersV2";
    internal const string BalanceTopic = "/account/balance";

    /// <summary>Every so many increments one begins where the last one ended, and one changes nothing: both happen, and both are legal.</summary>
    private const int OverlapEvery = 8, NothingEvery = 16;

    private const long SlowIntervalNs = 100_000_000;

    private readonly Feed[] _feeds;
    private readonly KucoinRest _rest;
    private long _nextSlowNs;

    public KucoinVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([1, 2, 3], 8, [0.00000001m, 0.0000001m, 0.0001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        foreach (var instrument in Market.Instruments) instrument.TracksTouched = true;
        Orders = new KucoinOrders(this);
        _rest = new KucoinRest(this);
    }

    public override string PublicPath => "/endpoint";

    public override string PrivatePath => "/endpoint";

    internal KucoinOrders Orders { get; }

    internal KucoinTokens Tokens { get; } = new();

    internal MarketInstrument? Find(string symbol) => Market.Instruments.FirstOrDefault(i => i.Spec.Symbol == symbol);

    /// <summary>Nobody is let in without a token, and what the token says is what the connection may ask for.</summary>
    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs)
    {
        if (path != PublicPath) return null;
        if (Tokens.TryUse(VenueHttpRequest.Find(VenueHttpRequest.Parse(query), "token"), nowNs, out var isPrivate)) return new KucoinSession(this, sink, isPrivate, nowNs);
        Statistics.AuthenticationFailures++;
        return null;
    }

    protected override int WeightOf(VenueHttpRequest request) => KucoinRest.WeightOf(request);

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => Budgeted(_rest.Answer(request, nowNs), nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"code":"429000","msg":"Too Many Requests"}""")
        {
            Headers =
            [
                new("Retry-After", retryAfterSeconds.ToString()), new("gw-ratelimit-limit", Options.RestWeightPerMinute.ToString()),
                new("gw-ratelimit-remaining", "0"), new("gw-ratelimit-reset", (retryAfterSeconds * 1_000).ToString()),
            ],
        };

    protected override void PublishMarket(long nowNs)
    {
        var isSlowDue = nowNs >= _nextSlowNs;
        if (isSlowDue) _nextSlowNs = nowNs + Paced(SlowIntervalNs);
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            PublishIncrement(feed, nowNs);
            PublishBest(feed, nowNs);
            if (!isSlowDue) continue;
            PublishTicker(feed, nowNs);
            PublishDepth(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (!HasSubscriber(OrdersTopic)) return;
        foreach (var type in KucoinOrders.MessagesOf(happened))
        {
            KucoinOrders.WritePush(Scratch.Clear(), happened, type);
            Publish(OrdersTopic, Scratch, FrameKinds.Private, nowNs);
        }
    }

    protected override void PublishBalances(long nowNs)
    {
        foreach (var asset in Market.Ledger.Assets)
        {
            if (!Orders.TryWriteBalancePush(Scratch.Clear(), asset, nowNs) || !HasSubscriber(BalanceTopic)) continue;
            Publish(BalanceTopic, Scratch, FrameKinds.Private, nowNs);
        }
    }

    private VenueHttpResponse Budgeted(VenueHttpResponse response, long nowNs) => response with
    {
        Headers =
        [
            .. response.Headers, new("gw-ratelimit-limit", Options.RestWeightPerMinute.ToString()),
            new("gw-ratelimit-remaining", (Options.RestWeightPerMinute - WeightUsed).ToString()), new("gw-ratelimit-reset", (60_000 - Ms(nowNs) % 60_000).ToString()),
        ],
    };

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (feed.Instrument.Prints.Count > 0 && HasSubscriber(feed.MatchTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                Begin(feed.MatchTopic, "trade.l3match").Write($$"""{"makerOrderId":"{{print.TradeId}}","price":"{{print.Price}}","sequence":"{{feed.Instrument.UpdateId}}","side":"{{SideText(print.Aggressor)}}","size":"{{print.Quantity}}","symbol":"{{feed.Symbol}}","takerOrderId":"{{print.TradeId}}","time":"{{print.TimeNs}}","tradeId":"{{print.TradeId}}","type":"match"}""");
                Finish(feed.MatchTopic, FrameKinds.Market, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    /// <summary>What was touched since the last one. Each change is stamped with the last sequence of its message: it holds at that moment.</summary>
    private void PublishIncrement(Feed feed, long nowNs)
    {
        if (feed.LastSequence == feed.Instrument.UpdateId) return;
        feed.Instrument.TakeTouched(Side.Buy, feed.BidChanges);
        feed.Instrument.TakeTouched(Side.Sell, feed.AskChanges);
        var first = feed.LastSequence + (++feed.Increments % OverlapEvery == 0 ? 0 : 1);
        feed.LastSequence = feed.Instrument.UpdateId;
        SendIncrement(feed, first, nowNs);
        if (feed.Increments % NothingEvery != 0) return;
        feed.BidChanges.Clear();
        feed.AskChanges.Clear();
        feed.AskChanges.Add(default);
        feed.LastSequence = ++feed.Instrument.UpdateId;
        SendIncrement(feed, feed.LastSequence, nowNs);
    }

    private void SendIncrement(Feed feed, long first, long nowNs)
    {
        if (!HasSubscriber(feed.Level2Topic)) return;
        Begin(feed.Level2Topic, "trade.l2update").Raw("{\"changes\":{\"asks\":[");
        WriteChanges(feed.AskChanges, feed.LastSequence);
        Scratch.Raw("],\"bids\":[");
        WriteChanges(feed.BidChanges, feed.LastSequence);
        Scratch.Write($$"""]},"sequenceEnd":{{feed.LastSequence}},"sequenceStart":{{first}},"symbol":"{{feed.Symbol}}","time":{{Ms(nowNs)}}}""");
        Finish(feed.Level2Topic, FrameKinds.BookDelta, nowNs);
    }

    private void WriteChanges(List<ViewLevel> changes, long sequence)
    {
        foreach (var change in changes) Scratch.Comma().Write($$"""["{{change.Price}}","{{change.Quantity}}","{{sequence}}"]""");
    }

    private void PublishBest(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.Level1Topic)) return;
        var best = (bid.Price, bid.Quantity, ask.Price, ask.Quantity);
        if (best == feed.BestSent) return;
        feed.BestSent = best;
        Begin(feed.Level1Topic, "level1").Write($$"""{"asks":["{{ask.Price}}","{{ask.Quantity}}"],"bids":["{{bid.Price}}","{{bid.Quantity}}"],"timestamp":{{Ms(nowNs)}}}""");
        Finish(feed.Level1Topic, FrameKinds.Market, nowNs);
    }

    private void PublishTicker(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask || !HasSubscriber(feed.TickerTopic)) return;
        var last = feed.Instrument.LastPrint;
        Begin(feed.TickerTopic, "trade.ticker").Write($$"""{"bestAsk":"{{ask.Price}}","bestAskSize":"{{ask.Quantity}}","bestBid":"{{bid.Price}}","bestBidSize":"{{bid.Quantity}}","price":"{{last.Price}}","sequence":"{{feed.Instrument.UpdateId}}","size":"{{last.Quantity}}","time":{{Ms(nowNs)}}}""");
        Finish(feed.TickerTopic, FrameKinds.Market, nowNs);
    }

    private void PublishDepth(Feed feed, long nowNs)
    {
        foreach (var (topic, depth) in feed.DepthTopics)
        {
            if (!HasSubscriber(topic)) continue;
            Begin(topic, "level2").Raw("{\"asks\":[");
            WriteSide(Scratch, feed.Instrument.Engine.Asks, depth);
            Scratch.Raw("],\"bids\":[");
            WriteSide(Scratch, feed.Instrument.Engine.Bids, depth);
            Scratch.Write($$"""],"timestamp":{{Ms(nowNs)}}}""");
            Finish(topic, FrameKinds.Market, nowNs);
        }
    }

    internal static void WriteSide(Utf8Text text, Matching.BookSide side, int depth)
    {
        for (var rank = 0; rank < side.Count && rank < depth; rank++) text.Comma().Write($$"""["{{side[rank].Price}}","{{side[rank].Quantity}}"]""");
    }

    private Utf8Text Begin(string topic, string subject) =>
        Scratch.Clear().Write($$"""{"type":"message","topic":"{{topic}}","subject":"{{subject}}","data":""");

    private void Finish(string topic, FrameKinds kind, long nowNs) => Publish(topic, Scratch.Raw("}"), kind, nowNs);

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = instrument.Spec.Symbol;
        public readonly string Level2Topic = "/market/level2:" + instrument.Spec.Symbol;
        public readonly string MatchTopic = "/market/match:" + instrument.Spec.Symbol;
        public readonly string TickerTopic = "/market/ticker:" + instrument.Spec.Symbol;
        public readonly string Level1Topic = "/spotMarket/level1:" + instrument.Spec.Symbol;
        public readonly (string Topic, int Depth)[] DepthTopics =
            [("/spotMarket/level2Depth5:" + instrument.Spec.Symbol, 5), ("/spotMarket/level2Depth50:" + instrument.Spec.Symbol, 50)];
        public readonly List<ViewLevel> BidChanges = [];
        public readonly List<ViewLevel> AskChanges = [];
        public (Model.Numbers.Price, Model.Numbers.Quantity, Model.Numbers.Price, Model.Numbers.Quantity) BestSent;
        public long LastSequence = instrument.UpdateId;
        public long Increments;
    }
}
