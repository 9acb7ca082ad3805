using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Binance;
using Penstock.Testing.Protocols.BinanceUsdm;

[assembly: SimulatedVenue<BinanceUsdmVenue>("binance-usdm", Market = "usdm")]

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>
/// Binance USDⓈ-M futures as their clients see them: an entrance per kind of data, deltas that name their predecessor, orders on the
/// WebSocket API, a private stream behind a listen key, signed REST, an account of positions. Written from venues/binance.md.
/// </summary>
public sealed class BinanceUsdmVenue : SimulatedVenue
{
    private const string PublicRoute = "public/";
    private const string MarketRoute = "market/";
    private const string PrivateRoute = "private/";

    /// <summary>The addresses of before April 2026: a client gets in and hears nothing.</summary>
    private const string LegacyRoute = "legacy/";

    private const int PingSeconds = 180;
    private const long DepthIntervalNs = 100_000_000;
    private const long ListenKeyNs = 3_600_000_000_000;

    private readonly Feed[] _feeds;
    private readonly BinanceUsdmRest _rest;
    private long _nextDepthNs;
    private long _listenKeys;
    private long _listenKeyUntilNs;

    public BinanceUsdmVenue(SimulatedVenueOptions options)
        : base(options, Contracts(), buyerPaysFeeInBase: false, isMargined: true)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        foreach (var instrument in Market.Instruments) instrument.TracksTouched = true;
        Keys = new BinanceKeys(this);
        Account = new BinanceUsdmAccount(Market);
        Orders = new BinanceUsdmOrders(this);
        _rest = new BinanceUsdmRest(this);
    }

    public override string PublicPath => "/public/stream";

    public override string PrivatePath => "/private/ws";

    public override string OrderEntryPath => "/ws-fapi/v1";

    /// <summary>The key of the private stream; empty while there is none.</summary>
    public string ListenKey { get; private set; } = "";

    internal BinanceKeys Keys { get; }

    internal BinanceUsdmAccount Account { get; }

    internal BinanceUsdmOrders Orders { get; }

    /// <summary>BTC-USDT-PERP is BTCUSDT here.</summary>
    internal static string Spell(SimulatedInstrument instrument) => instrument.Base + instrument.Quote;

    /// <summary>Ids are the whole venue's, so those of one book jump.</summary>
    internal static long IdOf(long updateId) => updateId * 7;

    /// <summary>What a REST book is named after: between two deltas, as the rule for the first one expects.</summary>
    internal static long SnapshotIdOf(long updateId) => IdOf(updateId) + 3;

    internal MarketInstrument? Find(string symbol)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Symbol == symbol) return feed.Instrument;
        }

        return null;
    }

    /// <summary>Positions, named as the venue names contracts; of the settle assets what is left when the open positions are paid.</summary>
    public override IEnumerable<(string Asset, Int128 Free, Int128 Locked)> Balances() =>
    [
        .. Account.Assets.Select(asset => (asset, Market.Ledger.Free(Market.Account, asset), (Int128)0)),
        .. Market.Instruments.Select(i => (Spell(i.Spec), Notional.OfAmount(Account.QuantityOf(i.Spec)).Raw, (Int128)0)),
    ];

    /// <summary>The active key, a new one where there is none; valid for an hour from now.</summary>
    internal string StartStream(long nowNs)
    {
        if (ListenKey.Length == 0) ListenKey = $"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a{Options.Seed:D4}{++_listenKeys:D4}";
        _listenKeyUntilNs = nowNs + ListenKeyNs;
        return ListenKey;
    }

    /// <summary>False where there is no key to keep.</summary>
    internal bool KeepStream(long nowNs)
    {
        if (ListenKey.Length == 0) return false;
        _listenKeyUntilNs = nowNs + ListenKeyNs;
        return true;
    }

    internal void CloseStream() => ListenKey = "";

    public override void PayFunding(int ratePpm, long nowNs)
    {
        foreach (var payment in Account.PayFunding(ratePpm, nowNs))
        {
            Account.WriteFunding(Scratch.Clear(), payment);
            Publish(PrivateRoute + ListenKey, Scratch, FrameKinds.Private, nowNs);
        }
    }

    /// <summary>What happens an hour after the last sign of the client: the stream says so, and then nothing more.</summary>
    public void ExpireListenKey(long nowNs)
    {
        if (ListenKey.Length == 0) return;
        Scratch.Clear().Write($$"""{"e":"listenKeyExpired","E":{{Ms(nowNs)}},"listenKey":"{{ListenKey}}"}""");
        Publish(PrivateRoute + ListenKey, Scratch, FrameKinds.Control, nowNs);
        CloseStream();
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs)
    {
        string Named(string name) => VenueHttpRequest.Find(VenueHttpRequest.Parse(query), name);
        return path switch
        {
            "/ws-fapi/v1" => new BinanceUsdmApiSession(this, sink, nowNs),
            "/public/stream" => Stream(Named("streams"), PublicRoute),
            "/market/stream" => Stream(Named("streams"), MarketRoute),
            "/private/ws" => Stream(Named("listenKey"), PrivateRoute),
            "/stream" or "/ws" => Stream(Named("streams"), LegacyRoute),
            _ => null,
        };

        BinancePublicSession Stream(string streams, string route) => new(Faults, sink, streams, nowNs, route, PingSeconds);
    }

    protected override int WeightOf(VenueHttpRequest request) => BinanceUsdmRest.WeightOf(request);

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
        if (nowNs >= _listenKeyUntilNs) ExpireListenKey(nowNs);
        var isDepthDue = nowNs >= _nextDepthNs;
        if (isDepthDue) _nextDepthNs = nowNs + DepthIntervalNs;
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            PublishBookTicker(feed, nowNs);
            if (isDepthDue) PublishDepth(feed, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (!HasSubscriber(PrivateRoute + ListenKey)) return;
        if (happened.Trade is { } trade)
        {
            BinanceUsdmOrders.WriteTradeLite(Scratch.Clear(), trade, nowNs);
            Publish(PrivateRoute + ListenKey, Scratch, FrameKinds.Private, nowNs);
        }

        Orders.WriteReport(Scratch.Clear(), happened, nowNs);
        Publish(PrivateRoute + ListenKey, Scratch, FrameKinds.Private, nowNs);
    }

    /// <summary>Only what changed is told.</summary>
    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(PrivateRoute + ListenKey) || !Account.TryWriteUpdate(Scratch.Clear(), nowNs)) return;
        Publish(PrivateRoute + ListenKey, Scratch, FrameKinds.Private, nowNs);
    }

    /// <summary>Prices are written finer than the tick: pricePrecision is not the tick.</summary>
    private static List<SimulatedInstrument> Contracts()
    {
        string[] ticks = ["0.10", "0.01", "0.01"];
        var spot = DefaultInstruments.Of([2, 2, 2], 3, [0.001m, 0.001m, 0.01m]);
        return [.. spot.Select((s, i) => s with
        {
            Symbol = s.Symbol + "-PERP", Tick = Price.From(decimal.Parse(ticks[i], System.Globalization.CultureInfo.InvariantCulture)),
            NotionalMin = Notional.From(5m),
        })];
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (feed.Instrument.Prints.Count > 0 && HasSubscriber(feed.TradeTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                Begin(feed.TradeTopic).Write($$"""{"e":"trade","E":{{Ms(nowNs)}},"T":{{Ms(print.TimeNs)}}""")
                    .Write($$""","s":"{{feed.Symbol}}","t":{{print.TradeId}}""");
                Scratch.Write($$""","p":"{{feed.Of(print.Price)}}","q":"{{feed.Of(print.Quantity)}}{{"\""}}""");
                Scratch.Write($$$""","X":"MARKET","m":{{{print.Aggressor == Side.Sell}}}}}""");
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
        Begin(feed.TickerTopic).Write($$"""{"e":"bookTicker","u":{{IdOf(feed.Instrument.UpdateId)}}""")
            .Write($$""","s":"{{feed.Symbol}}","b":"{{feed.Of(bid.Price)}}","B":"{{feed.Of(bid.Quantity)}}{{"\""}}""");
        Scratch.Write($$$""","a":"{{{feed.Of(ask.Price)}}}","A":"{{{feed.Of(ask.Quantity)}}}","T":{{{Ms(nowNs)}}},"E":{{{Ms(nowNs)}}}}}""");
        Publish(feed.TickerTopic, Scratch, FrameKinds.Market, nowNs);
    }

    private void PublishDepth(Feed feed, long nowNs)
    {
        if (feed.LastPublishedId == feed.Instrument.UpdateId) return;
        feed.Instrument.TakeTouched(Side.Buy, feed.BidChanges);
        feed.Instrument.TakeTouched(Side.Sell, feed.AskChanges);
        var previous = IdOf(feed.LastPublishedId);
        feed.LastPublishedId = feed.Instrument.UpdateId;
        if (!HasSubscriber(feed.DepthTopic)) return;
        Begin(feed.DepthTopic).Write($$"""{"e":"depthUpdate","E":{{Ms(nowNs)}},"T":{{Ms(nowNs)}}""")
            .Write($$""","s":"{{feed.Symbol}}","U":{{previous + 2}},"u":{{IdOf(feed.Instrument.UpdateId)}},"pu":{{previous}},"b":[""");
        feed.Write(Scratch, feed.BidChanges);
        Scratch.Raw("],\"a\":[");
        feed.Write(Scratch, feed.AskChanges);
        Scratch.Raw("]}}");
        Publish(feed.DepthTopic, Scratch, FrameKinds.BookDelta, nowNs);
    }

    /// <summary>The combined stream's wrapper, up to the event.</summary>
    private Utf8Text Begin(string topic) => Scratch.Clear().Raw("{\"stream\":\"").Raw(topic[PublicRoute.Length..]).Raw("\",\"data\":");

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = Spell(instrument.Spec);
        public readonly string TradeTopic = Topic(instrument, "@trade");
        public readonly string TickerTopic = Topic(instrument, "@bookTicker");
        public readonly string DepthTopic = Topic(instrument, "@depth@100ms");
        public readonly List<ViewLevel> BidChanges = [];
        public readonly List<ViewLevel> AskChanges = [];
        public (Price, Quantity, Price, Quantity) BestSent;
        public long LastPublishedId = instrument.UpdateId;

        public Fixed Of(Price price) => Fixed.Of(price, Instrument.Spec.PriceDecimals);

        public Fixed Of(Quantity quantity) => Fixed.Of(quantity, Instrument.Spec.QuantityDecimals);

        public void Write(Utf8Text text, List<ViewLevel> levels)
        {
            foreach (var level in levels) text.Comma().Write($$"""["{{Of(level.Price)}}","{{Of(level.Quantity)}}"]""");
        }

        private static string Topic(MarketInstrument instrument, string stream) => PublicRoute + Spell(instrument.Spec).ToLowerInvariant() + stream;
    }
}
