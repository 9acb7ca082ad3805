using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>
/// Market data of one category of Bybit v5 as its clients see it: books of five depths with snapshot and counted deltas, trades in batches, and
/// the market's REST calls. Written from venues/bybit.md.
/// </summary>
public abstract class BybitMarket : SimulatedVenue
{
    /// <summary>What one publicTrade message holds at most.</summary>
    private const int TradesMax = 1_024;

    private const long BestRepeatNs = 3_000_000_000;

    private readonly BybitFeed[] _feeds;
    private readonly BybitMarketRest _rest;

    protected BybitMarket(SimulatedVenueOptions options, string category)
        : base(options, DefaultInstruments.Of([1, 2, 2], 6, [0.000001m, 0.00001m, 0.001m]), buyerPaysFeeInBase: true)
    {
        Category = category;
        _feeds = [.. Market.Instruments.Select(i => new BybitFeed(i))];
        _rest = new BybitMarketRest(this);
    }

    public override string PublicPath => $"/v5/public/{Category}";

    public override string PrivatePath => "/v5/private";

    /// <summary>spot or linear.</summary>
    internal string Category { get; }

    internal bool IsSpot => Category == "spot";

    internal MarketInstrument? Find(string symbol) => _feeds.FirstOrDefault(f => f.Symbol == symbol)?.Instrument;

    /// <summary>BTC-USDT is BTCUSDT here.</summary>
    internal static string Spell(MarketInstrument instrument) => BybitFeed.Spell(instrument.Spec.Symbol);

    internal bool Knows(string topic) => _feeds.Any(f => f.TradeTopic == topic || f.Books.Any(b => b.Topic == topic));

    /// <summary>A number on spot; elsewhere a UUID, the same for the same trade, without any order.</summary>
    internal string TradeIdText(long tradeId)
    {
        if (IsSpot) return (2_290_000_000_000_000_000 + tradeId).ToString();
        var mixed = (ulong)tradeId * 0x9E37_79B9_7F4A_7C15;
        return $"{mixed >> 32:x8}-{(mixed >> 16) & 0xFFFF:x4}-5{mixed & 0xFFF:x3}-8000-{tradeId:x12}";
    }

    /// <summary>Brings everybody up to date first, so that the snapshot continues the common count. Nothing for a topic that is no book.</summary>
    internal void SendSnapshot(BybitPublicSession session, string topic, long nowNs)
    {
        foreach (var feed in _feeds)
        {
            foreach (var book in feed.Books)
            {
                if (book.Topic != topic) continue;
                PublishBook(feed, book, nowNs);
                WriteBook(session.Text.Clear(), feed, book, "snapshot", book.View.Bids, book.View.Asks, nowNs);
                session.Send(session.Text, FrameKinds.Control, nowNs);
            }
        }
    }

    /// <summary>What a restart of the venue's service looks like: ids start at 1 with a whole book.</summary>
    public void RestartService(long nowNs)
    {
        foreach (var feed in _feeds)
        {
            foreach (var book in feed.Books)
            {
                book.View.Refresh();
                book.UpdateId = 1;
                WriteBook(Scratch.Clear(), feed, book, "snapshot", book.View.Bids, book.View.Asks, nowNs);
                Publish(book.Topic, Scratch, FrameKinds.Control, nowNs);
            }
        }
    }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.EndsWith(PublicPath) ? new BybitPublicSession(this, sink) : null;

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) =>
        _rest.Answer(request, nowNs) ?? BybitMarketRest.Error(10001, "Request parameter error.", nowNs, 404);

    /// <summary>Of the address. The venue locks it out for ten minutes and does not say so; nobody wants to wait that long in a test.</summary>
    protected override VenueHttpResponse TooManyRequests(int retryAfterSeconds) =>
        new(403, "access too frequent") { Headers = [new("Retry-After", retryAfterSeconds.ToString())] };

    protected override void PublishMarket(long nowNs)
    {
        foreach (var feed in _feeds)
        {
            PublishTrades(feed, nowNs);
            foreach (var book in feed.Books)
            {
                if (nowNs < book.NextNs || !HasSubscriber(book.Topic)) continue;
                book.NextNs = nowNs + Paced(book.IntervalNs);
                PublishBook(feed, book, nowNs);
            }
        }
    }

    private void PublishTrades(BybitFeed feed, long nowNs)
    {
        var prints = feed.Instrument.Prints;
        if (prints.Count > 0 && HasSubscriber(feed.TradeTopic))
        {
            for (var first = 0; first < prints.Count; first += TradesMax)
            {
                WriteHead(Scratch.Clear(), feed.TradeTopic, "snapshot", timeFirst: IsSpot, nowNs);
                Scratch.Raw(",\"data\":[");
                for (var index = first; index < Math.Min(prints.Count, first + TradesMax); index++) WriteTrade(Scratch.Comma(), feed, prints[index]);
                Publish(feed.TradeTopic, Scratch.Raw("]}"), FrameKinds.Market, nowNs);
            }
        }

        feed.Instrument.ClearPrints();
    }

    private void WriteTrade(Utf8Text text, BybitFeed feed, in MarketPrint print)
    {
        text.Write($$"""{"T":{{Ms(print.TimeNs)}},"s":"{{feed.Symbol}}","S":"{{SideName(print.Aggressor)}}","v":"{{print.Quantity}}","p":"{{Fixed.Of(print.Price, feed.Instrument.Spec.PriceDecimals)}}{{"\""}}""");
        if (!IsSpot) text.Raw(",\"L\":\"PlusTick\"");
        text.Write($$""","i":"{{TradeIdText(print.TradeId)}}","BT":false,"seq":{{feed.Instrument.UpdateId}}}""");
    }

    private void PublishBook(BybitFeed feed, BybitBook book, long nowNs)
    {
        var hasChanged = book.View.Refresh();
        if (hasChanged) book.UpdateId++;
        // Level 1 only ever sends its whole self, and again with the same id when it has been quiet.
        else if (!book.IsBest || nowNs - book.SentNs < BestRepeatNs) return;
        book.SentNs = nowNs;
        if (!HasSubscriber(book.Topic)) return;
        if (book.IsBest) WriteBook(Scratch.Clear(), feed, book, "snapshot", book.View.Bids, book.View.Asks, nowNs);
        else WriteBook(Scratch.Clear(), feed, book, "delta", book.View.BidChanges, book.View.AskChanges, nowNs);
        Publish(book.Topic, Scratch, book.IsBest ? FrameKinds.Market : FrameKinds.BookDelta, nowNs);
    }

    private void WriteBook(
        Utf8Text text, BybitFeed feed, BybitBook book, string type, IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks, long nowNs)
    {
        WriteHead(text, book.Topic, type, timeFirst: IsSpot || book.IsBest, nowNs);
        text.Write($$""","data":{"s":"{{feed.Symbol}}","b":[""");
        WriteLevels(text, feed, bids);
        text.Raw("],\"a\":[");
        WriteLevels(text, feed, asks);
        text.Write($$"""],"u":{{book.UpdateId}},"seq":{{feed.Instrument.UpdateId}}},"cts":{{Ms(nowNs)}}}""");
    }

    private static void WriteHead(Utf8Text text, string topic, string type, bool timeFirst, long nowNs)
    {
        if (timeFirst) text.Write($$"""{"topic":"{{topic}}","ts":{{Ms(nowNs)}},"type":"{{type}}{{"\""}}""");
        else text.Write($$"""{"topic":"{{topic}}","type":"{{type}}","ts":{{Ms(nowNs)}}""");
    }

    private static void WriteLevels(Utf8Text text, BybitFeed feed, IReadOnlyList<ViewLevel> levels)
    {
        foreach (var level in levels)
            text.Comma().Write($$"""["{{Fixed.Of(level.Price, feed.Instrument.Spec.PriceDecimals)}}","{{level.Quantity}}"]""");
    }

    internal static string SideName(Model.Markets.Side side) => side == Model.Markets.Side.Buy ? "Buy" : "Sell";
}
