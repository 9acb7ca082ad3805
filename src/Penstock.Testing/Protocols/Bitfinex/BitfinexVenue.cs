using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Bitfinex;

[assembly: SimulatedVenue<BitfinexVenue>("bitfinex")]

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>
/// Bitfinex v2 as its clients see it: channels by number, arrays counted over the connection, books with signed amounts one level a frame
/// and a checksum after them, trades twice; login, orders and wallets on channel 0, signed REST. Written from venues/bitfinex.md.
/// </summary>
public sealed class BitfinexVenue : SimulatedVenue
{
    private const int TradesKept = 30;

    private readonly Feed[] _feeds;
    private readonly BitfinexRest _rest;
    private readonly HashSet<BitfinexPrivateSession> _guarded = [];
    private readonly Dictionary<string, Int128> _balancesTold = [];

    // Beyond 32 bits: clients that keep less of a channel's number mix channels up.
    private long _lastChannel = 5_000_232_900;

    public BitfinexVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.WithoutNotionalMin([0, 1, 2], 8, [0.00000001m, 0.00000001m, 0.00000001m]), buyerPaysFeeInBase: true)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Orders = new BitfinexOrders(this);
        _rest = new BitfinexRest(this);
        foreach (var asset in Market.Ledger.Assets) _balancesTold[asset] = TotalOf(asset);
    }

    public override string PublicPath => "/ws/2";

    public override string PrivatePath => "/ws/2/private";

    internal BitfinexOrders Orders { get; }

    internal Feed? Find(string symbol) => _feeds.FirstOrDefault(f => f.Symbol == symbol);

    internal long NextChannel() => ++_lastChannel;

    /// <summary>UST is what everybody else calls USDT.</summary>
    internal static string Spell(string asset) => asset switch
    {
        "USDT" => "UST",
        "USDC" => "UDC",
        _ => asset,
    };

    /// <summary>BTCUST; with a colon where a name is longer than three letters.</summary>
    internal static string PairOf(SimulatedInstrument spec)
    {
        var (first, second) = (Spell(spec.Base), Spell(spec.Quote));
        return first.Length <= 3 && second.Length <= 3 ? first + second : first + ":" + second;
    }

    /// <summary>Orders of the account are cancelled when this connection is gone.</summary>
    internal void Guard(BitfinexPrivateSession session) => _guarded.Add(session);

    internal Int128 TotalOf(string asset) =>
        Market.Ledger.Free(Market.Account, asset) + Market.Ledger.Locked(Market.Account, asset);

    /// <summary>Brings the depth's other readers up to date first, then sends the whole book.</summary>
    internal void SendBook(BitfinexPublicSession session, Feed feed, int depth, long channel, long nowNs)
    {
        if (!feed.Views.TryGetValue(depth, out var view))
            feed.Views[depth] = view = new BookView(feed.Instrument.Engine, depth, deletesPushedOut: true);
        PublishBook(feed, depth, view, nowNs);
        session.SendSnapshot(channel, view, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.EndsWith("/private") ? new BitfinexPrivateSession(this, sink, nowNs)
        : path.EndsWith("/ws/2") ? new BitfinexPublicSession(this, sink, nowNs)
        : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """["error",11010,"ratelimit: error"]""") { Headers = [new("Retry-After", retryAfterSeconds.ToString())] };

    internal VenueHttpResponse Throttle(int retryAfterSeconds)
    {
        Statistics.RestThrottled++;
        return TooManyRequests(retryAfterSeconds);
    }

    protected override void PublishMarket(long nowNs)
    {
        CancelForTheGone(nowNs);
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            if (feed.UpdateIdSeen == feed.Instrument.UpdateId) continue;
            feed.UpdateIdSeen = feed.Instrument.UpdateId;
            foreach (var (depth, view) in feed.Views) PublishBook(feed, depth, view, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        Orders.Remember(happened);
        foreach (var session in Sessions)
        {
            if (session is BitfinexPrivateSession { IsLoggedIn: true } reader) reader.SendOrder(happened, nowNs);
        }
    }

    protected override void PublishBalances(long nowNs)
    {
        foreach (var asset in Market.Ledger.Assets)
        {
            var total = TotalOf(asset);
            if (total == _balancesTold.GetValueOrDefault(asset)) continue;
            _balancesTold[asset] = total;
            foreach (var session in Sessions)
            {
                if (session is BitfinexPrivateSession { IsLoggedIn: true } reader) reader.SendWallet(asset, nowNs);
            }
        }
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        foreach (var print in feed.Instrument.Prints)
        {
            feed.Recent.Enqueue(print);
            if (feed.Recent.Count > TradesKept) feed.Recent.Dequeue();
            foreach (var session in Sessions)
            {
                if (session is not BitfinexPublicSession reader || !reader.TryChannel(feed.TradesTopic, out var channel)) continue;
                Statistics.FramesPublished += 2;
                reader.SendTrade(channel, "te", print, nowNs);
                reader.SendTrade(channel, "tu", print, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBook(Feed feed, int depth, BookView view, long nowNs)
    {
        if (!view.Refresh()) return;
        var topic = feed.BookTopic(depth);
        int? checksum = null;
        foreach (var session in Sessions)
        {
            if (session is not BitfinexPublicSession reader || !reader.TryChannel(topic, out var channel)) continue;
            Statistics.FramesPublished += reader.SendChanges(channel, view, nowNs);
            checksum ??= BitfinexChecksum.Of(view.Bids, view.Asks);
            reader.SendChecksum(channel, checksum.Value, nowNs);
        }
    }

    private void CancelForTheGone(long nowNs)
    {
        if (_guarded.Count == 0 || _guarded.RemoveWhere(s => s.IsCut || !Sessions.Contains(s)) == 0) return;
        foreach (var order in Market.OpenOrders()) FinishCancel(order, nowNs);
    }

    internal sealed class Feed(MarketInstrument instrument)
    {
        private readonly Dictionary<int, string> _bookTopics = [];

        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = "t" + PairOf(instrument.Spec);
        public readonly string TradesTopic = "trades:t" + PairOf(instrument.Spec);
        public readonly Dictionary<int, BookView> Views = [];
        public readonly Queue<MarketPrint> Recent = new();
        public long UpdateIdSeen = -1;

        public string BookTopic(int depth) =>
            _bookTopics.TryGetValue(depth, out var topic) ? topic : _bookTopics[depth] = $"book:{Symbol}:{depth}";
    }
}
