using Penstock.Testing.Faults;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Bitstamp;

[assembly: SimulatedVenue<BitstampVenue>("bitstamp")]

namespace Penstock.Testing.Protocols.Bitstamp;

/// <summary>
/// Bitstamp v2 as its clients see it: full-depth diffs and the best hundred levels every 100 ms, both without any sequence, trades;
/// private channels per market behind a token; orders by signed REST calls only. Written from venues/bitstamp.md.
/// </summary>
public sealed class BitstampVenue : SimulatedVenue
{
    internal const long UserId = 1_234_567;

    private const long BooksIntervalNs = 100_000_000;
    private const int TopDepth = 100;

    private readonly Feed[] _feeds;
    private readonly BitstampRest _rest;
    private long _nextBooksNs;

    public BitstampVenue(SimulatedVenueOptions options)
        : base(options, DefaultInstruments.Of([1, 2, 2], 8, [0.00000001m, 0.00000001m, 0.00000001m]), buyerPaysFeeInBase: false)
    {
        _feeds = [.. Market.Instruments.Select(i => new Feed(i))];
        Orders = new BitstampOrders(this);
        _rest = new BitstampRest(this);
    }

    public override string PublicPath => "/";

    /// <summary>One address for everything: a channel's name makes it private.</summary>
    public override string PrivatePath => "/";

    internal BitstampOrders Orders { get; }

    internal MarketInstrument? Find(string market) => _feeds.FirstOrDefault(f => f.Market == market)?.Instrument;

    internal static string Spell(SimulatedInstrument spec) => spec.Symbol.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>False for a channel or market the venue does not know.</summary>
    internal bool Knows(string channel)
    {
        foreach (var feed in _feeds)
        {
            if (channel == feed.DiffTopic || channel == feed.BookTopic || channel == feed.TradesTopic) return true;
            if (channel == feed.OrdersTopic || channel == feed.FillsTopic) return true;
        }

        return false;
    }

    /// <summary>
    /// The book as the diffs up to now make it. They are brought up to date first: a level that changes and changes back between
    /// two diffs would otherwise be in this body and in none of them.
    /// </summary>
    internal void WriteBook(Utf8Text text, MarketInstrument instrument, long nowNs)
    {
        var feed = _feeds.First(f => f.Instrument == instrument);
        PublishBooks(feed, nowNs);
        WriteLevels(text, feed, feed.View.Bids, feed.View.Asks, int.MaxValue);
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path is "/" or "" ? new BitstampSession(this, sink) : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs);

    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(429, """{"status":"error","reason":"Request rate limit exceeded.","code":"400.002"}""")
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
            if (areBooksDue) PublishBooks(feed, nowNs);
        }
    }

    /// <summary>
    /// Orders and their trades go on different channels without a common order: here the trade comes before the order's change or
    /// after it, in turn.
    /// </summary>
    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        var market = Spell(happened.Order.Instrument);
        var feed = _feeds.First(f => f.Market == market);
        var tradeFirst = happened.Trade is { } trade && trade.TradeId % 2 == 0;
        if (tradeFirst) PublishFill(feed, happened, nowNs);
        if (HasSubscriber(feed.OrdersTopic))
        {
            Orders.WriteOrderPush(Scratch.Clear(), happened, feed.OrdersTopic);
            Publish(feed.OrdersTopic, Scratch, FrameKinds.Private, nowNs);
        }

        if (!tradeFirst) PublishFill(feed, happened, nowNs);
    }

    /// <summary>No channel tells balances.</summary>
    protected override void PublishBalances(long nowNs)
    {
    }

    private void PublishFill(Feed feed, in OrderEvent happened, long nowNs)
    {
        if (happened.Trade is not { } trade || !HasSubscriber(feed.FillsTopic)) return;
        BitstampOrders.WriteFillPush(Scratch.Clear(), trade, feed.FillsTopic);
        Publish(feed.FillsTopic, Scratch, FrameKinds.Private, nowNs);
    }

    private void PublishTrades(Feed feed, long nowNs)
    {
        if (HasSubscriber(feed.TradesTopic))
        {
            foreach (var print in feed.Instrument.Prints)
            {
                var us = print.TimeNs / 1_000;
                Scratch.Clear().Write($$"""{"data":{"id":{{print.TradeId}},"timestamp":"{{us / 1_000_000}}","amount":{{print.Quantity}},"amount_str":"{{Fixed.Of(print.Quantity, 8)}}","price":{{print.Price}},"price_str":"{{Fixed.Of(print.Price, feed.Instrument.Spec.PriceDecimals)}}","type":{{(print.Aggressor == Model.Markets.Side.Buy ? 0 : 1)}},"microtimestamp":"{{us}}","buy_order_id":{{2 * print.TradeId}},"sell_order_id":{{2 * print.TradeId + 1}}},"channel":"{{feed.TradesTopic}}","event":"trade"}""");
                Publish(feed.TradesTopic, Scratch, FrameKinds.Market, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    private void PublishBooks(Feed feed, long nowNs)
    {
        if (!feed.View.Refresh()) return;
        feed.Stamp = Math.Max(feed.Stamp + 1, nowNs / 1_000);
        if (HasSubscriber(feed.DiffTopic))
        {
            WriteLevels(Scratch.Clear().Raw("{\"data\":"), feed, feed.View.BidChanges, feed.View.AskChanges, int.MaxValue);
            Scratch.Write($$""","channel":"{{feed.DiffTopic}}","event":"data"}""");
            Publish(feed.DiffTopic, Scratch, FrameKinds.BookDelta, nowNs);
        }

        if (!HasSubscriber(feed.BookTopic)) return;
        WriteLevels(Scratch.Clear().Raw("{\"data\":"), feed, feed.View.Bids, feed.View.Asks, TopDepth);
        Scratch.Write($$""","channel":"{{feed.BookTopic}}","event":"data"}""");
        Publish(feed.BookTopic, Scratch, FrameKinds.BookDelta, nowNs);
    }

    private static void WriteLevels(Utf8Text text, Feed feed, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, int depth)
    {
        text.Write($$"""{"timestamp":"{{feed.Stamp / 1_000_000}}","microtimestamp":"{{feed.Stamp}}","bids":[""");
        WriteSide(text, feed, bids, depth);
        text.Raw("],\"asks\":[");
        WriteSide(text, feed, asks, depth);
        text.Raw("]}");
    }

    private static void WriteSide(Utf8Text text, Feed feed, IReadOnlyList<ViewLevel> levels, int depth)
    {
        for (var rank = 0; rank < levels.Count && rank < depth; rank++)
            text.Comma().Write($$"""["{{Fixed.Of(levels[rank].Price, feed.Instrument.Spec.PriceDecimals)}}","{{Fixed.Of(levels[rank].Quantity, 8)}}"]""");
    }

    private sealed class Feed(MarketInstrument instrument)
    {
        public readonly MarketInstrument Instrument = instrument;
        public readonly string Market = Spell(instrument.Spec);
        public readonly string DiffTopic = "diff_order_book_" + Spell(instrument.Spec);
        public readonly string BookTopic = "order_book_" + Spell(instrument.Spec);
        public readonly string TradesTopic = "live_trades_" + Spell(instrument.Spec);
        public readonly string OrdersTopic = $"private-my_orders_{Spell(instrument.Spec)}-{UserId}";
        public readonly string FillsTopic = $"private-my_trades_{Spell(instrument.Spec)}-{UserId}";
        public readonly BookView View = new(instrument.Engine, int.MaxValue, deletesPushedOut: true);

        /// <summary>Microseconds of the last diff; they grow even where the clock does not.</summary>
        public long Stamp;
    }
}
