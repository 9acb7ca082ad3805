using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Kraken;

[assembly: SimulatedVenue<KrakenVenue>("kraken")]

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>
/// Kraken spot (WebSocket v2) as its clients see it: books with a CRC32 over the exact digits and cut to depth, tickers, trades,
/// instruments; the private connection with executions, balances and orders by token; signed REST. Written from venues/kraken.md.
/// </summary>
public sealed class KrakenVenue : SimulatedVenue
{
    internal const string ExecutionsTopic = "executions";
    internal const string BalancesTopic = "balances";

    private readonly Feed[] _feeds;
    private readonly KrakenRest _rest;
    private readonly Queue<string> _tokens = new();
    private readonly Dictionary<string, Int128> _balancesTold = [];
    private long _tokensIssued;

    public KrakenVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([1, 2, 2], 8, [0.00000001m, 0.00000001m, 0.00000001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Orders = new KrakenOrders(this);
        _rest = new KrakenRest(this);
        foreach (var asset in Market.Ledger.Assets) _balancesTold[asset] = TotalOf(asset);
    }

    public override string PublicPath => "/v2";

    public override string PrivatePath => "/auth/v2";

    internal KrakenOrders Orders { get; }

    internal MarketInstrument? Find(string symbol) => _feeds.FirstOrDefault(f => f.Symbol == symbol)?.Instrument;

    internal static string Spell(SimulatedInstrument spec) => spec.Symbol.Replace('-', '/');

    internal string IssueToken()
    {
        var token = "SIMULATED" + ++_tokensIssued;
        _tokens.Enqueue(token);
        if (_tokens.Count > 64) _tokens.Dequeue();
        return token;
    }

    internal bool IsToken(string token)
    {
        if (_tokens.Contains(token)) return true;
        Statistics.AuthenticationFailures++;
        return false;
    }

    /// <summary>Brings the depth's other readers up to date first, then sends the whole book.</summary>
    internal void SendBook(KrakenPublicSession session, string symbol, int depth, long nowNs)
    {
        var feed = _feeds.First(f => f.Symbol == symbol);
        if (!feed.Views.TryGetValue(depth, out var view))
            feed.Views[depth] = view = new BookView(feed.Instrument.Engine, depth, deletesPushedOut: false);
        PublishBook(feed, depth, view, nowNs);
        var text = session.Text.Clear();
        WriteBook(text, feed, "snapshot", view.Bids, view.Asks, nowNs);
        session.Send(text, FrameKinds.Control, nowNs);
    }

    internal void SendTicker(KrakenPublicSession session, string symbol, long nowNs)
    {
        var feed = _feeds.First(f => f.Symbol == symbol);
        if (WriteTicker(session.Text.Clear(), feed, "snapshot", nowNs)) session.Send(session.Text, FrameKinds.Control, nowNs);
    }

    internal void SendInstruments(KrakenPublicSession session, long nowNs)
    {
        var text = session.Text.Clear().Raw("""{"channel":"instrument","type":"snapshot","data":{"assets":[""");
        foreach (var asset in Market.Ledger.Assets)
            text.Comma().Write($$"""{"id":"{{asset}}","status":"enabled","precision":10,"precision_display":5,"borrowable":false,"collateral_value":1.0,"margin_rate":0.0}""");
        text.Raw("],\"pairs\":[");
        foreach (var feed in _feeds)
        {
            var spec = feed.Instrument.Spec;
            text.Comma().Write($$"""{"symbol":"{{feed.Symbol}}","base":"{{spec.Base}}","quote":"{{spec.Quote}}","status":"online","qty_precision":{{spec.QuantityDecimals}},"qty_increment":{{(spec.Lot.Raw == 1 ? "1e-08" : spec.Lot.ToString())}},"price_precision":{{spec.PriceDecimals}},"cost_precision":5,"marginable":false,"has_index":true,"cost_min":{{Fixed.OfAmount(spec.NotionalMin.Raw)}},"tick_size":{{spec.Tick}},"price_increment":{{spec.Tick}},"qty_min":{{spec.QuantityMin}}}""");
        }

        session.Send(text.Raw("]}}"), FrameKinds.Control, nowNs);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.Contains("auth") ? new KrakenPrivateSession(this, sink, nowNs)
        : path.EndsWith("/v2") ? new KrakenPublicSession(this, sink, nowNs)
        : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"error":["EAPI:Rate limit exceeded"]}""") { Headers = [new("Retry-After", retryAfterSeconds.ToString())] };

    protected override void PublishMarket(long nowNs)
    {
        foreach (var feed in _feeds)
        {
            var hasTraded = feed.Instrument.Prints.Count > 0;
            PublishTrades(feed, nowNs);
            if (feed.UpdateIdSeen != feed.Instrument.UpdateId)
            {
                feed.UpdateIdSeen = feed.Instrument.UpdateId;
                foreach (var (depth, view) in feed.Views) PublishBook(feed, depth, view, nowNs);
                PublishBest(feed, nowNs);
            }

            if (hasTraded) PublishTicker(feed, feed.TradesTickerTopic, nowNs);
        }
    }

    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        foreach (var session in Sessions)
        {
            if (session is KrakenPrivateSession { } reader && session.IsSubscribed(ExecutionsTopic)) reader.SendExecution(happened, nowNs);
        }
    }

    protected override void PublishBalances(long nowNs)
    {
        foreach (var asset in Market.Ledger.Assets)
        {
            var total = TotalOf(asset);
            var change = total - _balancesTold.GetValueOrDefault(asset);
            if (change == 0) continue;
            _balancesTold[asset] = total;
            foreach (var session in Sessions)
            {
                if (session is KrakenPrivateSession { } reader && session.IsSubscribed(BalancesTopic))
                    reader.SendBalance(asset, change, total, nowNs);
            }
        }
    }

    internal Int128 TotalOf(string asset) =>
        Market.Ledger.Free(Market.Account, asset) + Market.Ledger.Locked(Market.Account, asset);

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (feed.Instrument.Prints.Count > 0 && HasSubscriber(feed.TradeTopic))
        {
            Scratch.Clear().Raw("""{"channel":"trade","type":"update","data":[""");
            foreach (var print in feed.Instrument.Prints)
                Scratch.Comma().Write($$"""{"symbol":"{{feed.Symbol}}","side":"{{SideText(print.Aggressor)}}","price":{{feed.Of(print.Price)}},"qty":{{feed.Of(print.Quantity)}},"ord_type":"limit","trade_id":{{print.TradeId}},"timestamp":"{{new IsoTime(print.TimeNs)}}"}""");
            Publish(feed.TradeTopic, Scratch.Raw("]}"), FrameKinds.Market, nowNs);
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBook(Feed feed, int depth, BookView view, long nowNs)
    {
        if (!view.Refresh()) return;
        var topic = feed.BookTopic(depth);
        if (!HasSubscriber(topic)) return;
        WriteBook(Scratch.Clear(), feed, "update", view.BidChanges, view.AskChanges, nowNs, view);
        Publish(topic, Scratch, FrameKinds.BookDelta, nowNs);
    }

    private void WriteBook(
        Utf8Text text, Feed feed, string type, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, long nowNs, BookView? whole = null)
    {
        text.Write($$"""{"channel":"book","type":"{{type}}","data":[{"symbol":"{{feed.Symbol}}","bids":[""");
        WriteLevels(text, feed, bids);
        text.Raw("],\"asks\":[");
        WriteLevels(text, feed, asks);
        var checksum = KrakenChecksum.Of(whole?.Asks ?? asks, whole?.Bids ?? bids, feed.Instrument.Spec);
        if (Faults.TryTake(FaultKind.BadChecksum)) checksum ^= 1;
        text.Write($$"""],"checksum":{{checksum}},"timestamp":"{{new IsoTime(nowNs)}}"}]}""");
    }

    private static void WriteLevels(Utf8Text text, Feed feed, IReadOnlyList<ViewLevel> levels)
    {
        foreach (var level in levels)
            text.Comma().Write($$"""{"price":{{feed.Of(level.Price)}},"qty":{{feed.Of(level.Quantity)}}}""");
    }

    private void PublishBest(Feed feed, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask) return;
        var best = (bid.Price, bid.Quantity, ask.Price, ask.Quantity);
        if (best == feed.BestSent) return;
        feed.BestSent = best;
        PublishTicker(feed, feed.BestTickerTopic, nowNs);
    }

    private void PublishTicker(Feed feed, string topic, long nowNs)
    {
        if (HasSubscriber(topic) && WriteTicker(Scratch.Clear(), feed, "update", nowNs)) Publish(topic, Scratch, FrameKinds.Market, nowNs);
    }

    private static bool WriteTicker(Utf8Text text, Feed feed, string type, long nowNs)
    {
        var (bids, asks) = (feed.Instrument.Engine.Bids, feed.Instrument.Engine.Asks);
        if (bids.Best is not { } bid || asks.Best is not { } ask) return false;
        var last = feed.Instrument.LastPrint.TradeId == 0 ? feed.Instrument.Spec.StartPrice : feed.Instrument.LastPrint.Price;
        text.Write($$"""{"channel":"ticker","type":"{{type}}","data":[{"symbol":"{{feed.Symbol}}","bid":{{feed.Of(bid.Price)}},"bid_qty":{{feed.Of(bid.Quantity)}},"ask":{{feed.Of(ask.Price)}},"ask_qty":{{feed.Of(ask.Quantity)}},"last":{{feed.Of(last)}},"volume":0.0,"vwap":{{feed.Of(last)}},"low":{{feed.Of(last)}},"high":{{feed.Of(last)}},"change":0.0,"change_pct":0.0,"timestamp":"{{new IsoTime(nowNs)}}"}]}""");
        return true;
    }

    private sealed class Feed(MarketInstrument instrument)
    {
        private readonly Dictionary<int, string> _bookTopics = [];

        public readonly MarketInstrument Instrument = instrument;
        public readonly string Symbol = Spell(instrument.Spec);
        public readonly string TradeTopic = "trade:" + Spell(instrument.Spec);
        public readonly string BestTickerTopic = "ticker:bbo:" + Spell(instrument.Spec);
        public readonly string TradesTickerTopic = "ticker:trades:" + Spell(instrument.Spec);
        public readonly Dictionary<int, BookView> Views = [];
        public (Price, Quantity, Price, Quantity) BestSent;
        public long UpdateIdSeen = -1;

        public string BookTopic(int depth) =>
            _bookTopics.TryGetValue(depth, out var topic) ? topic : _bookTopics[depth] = KrakenPublicSession.BookTopic(Symbol, depth);

        public Fixed Of(Price price) => Fixed.Of(price, Instrument.Spec.PriceDecimals);

        public Fixed Of(Quantity quantity) => Fixed.Of(quantity, Instrument.Spec.QuantityDecimals);
    }
}
