using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Gateio;

[assembly: SimulatedVenue<GateioVenue>("gateio")]

namespace Penstock.Testing.Protocols.Gateio;

/// <summary>
/// Gate.io v4 spot as its clients see it: `spot.obu` with a full book first and now and then again, trades, best bid and ask; one
/// socket for public channels, private ones (each signed for itself) and orders after a login; signed REST. Written from
/// venues/gateio.md.
/// </summary>
public sealed class GateioVenue : SimulatedVenue
{
    internal const string OrdersTopic = "spot.orders";
    internal const string FillsTopic = "spot.usertrades";
    internal const string BalancesTopic = "spot.balances";

    /// <summary>A full book comes again after this long, as the venue reserves the right to.</summary>
    private const long FullAgainNs = 60_000_000_000;

    private readonly Feed[] _feeds;
    private readonly GateioRest _rest;

    public GateioVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([1, 2, 2], 6, [0.000001m, 0.0001m, 0.001m]), buyerPaysFeeInBase: true)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Orders = new GateioOrders(this);
        _rest = new GateioRest(this);
    }

    public override string PublicPath => "/ws/v4/";

    /// <summary>The same socket: what a connection may do is decided by what it has signed.</summary>
    public override string PrivatePath => "/ws/v4/";

    internal GateioOrders Orders { get; }

    /// <summary>BTC-USDT is BTC_USDT here.</summary>
    internal static string Spell(MarketInstrument instrument) => instrument.Spec.Symbol.Replace('-', '_');

    internal MarketInstrument? Find(string pair) => _feeds.FirstOrDefault(f => f.Pair == pair)?.Instrument;

    /// <summary>The topic of a stream, a pair in a channel, or null for what the venue does not know.</summary>
    internal string? TopicOf(string channel, string payload) => channel switch
    {
        "spot.obu" => _feeds.SelectMany(f => f.Streams).FirstOrDefault(s => s.Name == payload)?.Name,
        "spot.trades" or "spot.book_ticker" => Find(payload) is null ? null : Topic(channel, payload),
        _ => null,
    };

    /// <summary>Brings everybody up to date first, so that the full book continues the common count.</summary>
    internal void SendFull(GateioSession session, string streamName, long nowNs)
    {
        var stream = _feeds.SelectMany(f => f.Streams).First(s => s.Name == streamName);
        PublishBook(stream, nowNs);
        WriteBook(session.Text.Clear(), stream, isFull: true, 0, stream.View.Bids, stream.View.Asks, nowNs);
        session.Send(session.Text, FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.TrimEnd('/').EndsWith("/ws/v4") ? new GateioSession(this, sink) : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"label":"TOO_MANY_REQUESTS","message":"Request Rate limit Exceeded (311)"}""")
        {
            Headers = [new("Retry-After", retryAfterSeconds.ToString()), new("X-Gate-RateLimit-Requests-Remain", "0")],
        };

    protected override void PublishMarket(long nowNs)
    {
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            PublishBest(feed, nowNs);
            foreach (var stream in feed.Streams)
            {
                if (nowNs < stream.NextNs) continue;
                stream.NextNs = nowNs + Paced(stream.IntervalNs);
                PublishBook(stream, nowNs);
            }
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (happened.Trade is not null && HasSubscriber(FillsTopic))
        {
            BeginPush(FillsTopic, nowNs).Raw("[");
            GateioOrders.WriteFill(Scratch, happened.Trade, isRest: false);
            Publish(FillsTopic, Scratch.Raw("]}"), FrameKinds.Private, nowNs);
        }

        if (!HasSubscriber(OrdersTopic)) return;
        BeginPush(OrdersTopic, nowNs).Raw("[");
        GateioOrders.WriteOrder(Scratch, happened, isPush: true);
        Publish(OrdersTopic, Scratch.Raw("]}"), FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(BalancesTopic)) return;
        BeginPush(BalancesTopic, nowNs).Raw("[");
        Orders.WriteBalances(Scratch, isPush: true, nowNs);
        Publish(BalancesTopic, Scratch.Raw("]}"), FrameKinds.Private, nowNs);
    }

    private static string Topic(string channel, string pair) => channel + ":" + pair;

    /// <summary>The envelope up to the result; the caller ends it.</summary>
    private Utf8Text BeginPush(string channel, long nowNs) =>
        Scratch.Clear().Write($$"""{"time":{{nowNs / 1_000_000_000}},"time_ms":{{Ms(nowNs)}},"channel":"{{channel}}","event":"update","result":""");

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (HasSubscriber(feed.TradesTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                BeginPush("spot.trades", nowNs).Write($$"""{"id":{{print.TradeId}},"id_market":{{print.TradeId}},"create_time":{{print.TimeNs / 1_000_000_000}},"create_time_ms":"{{GateioOrders.MsText(print.TimeNs)}}","side":"{{SideText(print.Aggressor)}}","currency_pair":"{{feed.Pair}}","amount":"{{print.Quantity}}","price":"{{print.Price}}","range":"{{print.TradeId}}-{{print.TradeId}}{{"\""}}""").Raw("}}");
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
        BeginPush("spot.book_ticker", nowNs).Write($$"""{"t":{{Ms(nowNs)}},"u":{{feed.Instrument.UpdateId}},"s":"{{feed.Pair}}","b":"{{bid.Price}}","B":"{{bid.Quantity}}","a":"{{ask.Price}}","A":"{{ask.Quantity}}{{"\""}}""").Raw("}}");
        Publish(feed.BestTopic, Scratch, FrameKinds.Market, nowNs);
    }

    private void PublishBook(BookStream stream, long nowNs)
    {
        if (!stream.View.Refresh()) return;
        var first = stream.LastId + 1;
        stream.LastId = stream.Instrument.UpdateId;
        if (!HasSubscriber(stream.Name)) return;
        var isFull = stream.NextFullNs != 0 && nowNs >= stream.NextFullNs;
        if (isFull || stream.NextFullNs == 0) stream.NextFullNs = nowNs + FullAgainNs;
        if (isFull) WriteBook(Scratch.Clear(), stream, isFull, first, stream.View.Bids, stream.View.Asks, nowNs);
        else WriteBook(Scratch.Clear(), stream, isFull, first, stream.View.BidChanges, stream.View.AskChanges, nowNs);
        Publish(stream.Name, Scratch, isFull ? FrameKinds.Control : FrameKinds.BookDelta, nowNs);
    }

    private static void WriteBook(
        Utf8Text text, BookStream stream, bool isFull, long first, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, long nowNs)
    {
        text.Write($$"""{"channel":"spot.obu","result":{"t":{{Ms(nowNs)}}""");
        if (isFull) text.Raw(",\"full\":true");
        text.Write($$""","s":"{{stream.Name}}{{"\""}}""");
        if (!isFull) text.Write($$""","U":{{first}}""");
        text.Write($$""","u":{{stream.LastId}},"b":[""");
        WriteLevels(text, bids);
        text.Raw("],\"a\":[");
        WriteLevels(text, asks);
        text.Write($$"""]},"time_ms":{{Ms(nowNs)}}""").Raw("}");
    }

    private static void WriteLevels(Utf8Text text, IReadOnlyList<ViewLevel> levels)
    {
        foreach (var level in levels) text.Comma().Write($$"""["{{level.Price}}","{{level.Quantity}}"]""");
    }

    /// <summary>One depth of one pair's book, with its own count of what its subscribers know.</summary>
    private sealed class BookStream(MarketInstrument instrument, int depth, long intervalMs)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Name = $"ob.{Spell(instrument)}.{depth}";
        public readonly BookView View = new(instrument.Engine, depth, deletesPushedOut: true);
        public readonly long IntervalNs = intervalMs * 1_000_000;
        public long NextNs;
        public long NextFullNs;
        public long LastId;
    }

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Pair = Spell(instrument);
        public readonly string TradesTopic = Topic("spot.trades", Spell(instrument));
        public readonly string BestTopic = Topic("spot.book_ticker", Spell(instrument));
        public readonly BookStream[] Streams = [new(instrument, 400, 100), new(instrument, 50, 20)];
        public (Price, Quantity, Price, Quantity) BestSent;
    }
}
