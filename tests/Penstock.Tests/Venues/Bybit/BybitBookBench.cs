using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Venues.Bybit;

namespace Penstock.Tests.Venues.Bybit;

/// <summary>Frames of one instrument through decoder, ingest and book, as the node has them; what it asks for is counted.</summary>
internal sealed class BybitBookBench : IEventPublisher
{
    private readonly BookKeeper _keeper;
    private readonly InstrumentTable _table = new();
    private long _nowNs = 1_000_000_000;

    public BybitBookBench()
        : this(new BybitVenue(), new Instrument
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = default, Quote = default, Tick = new Price(1), Lot = new Quantity(1),
        })
    {
    }

    public BybitBookBench(IVenue venue, Instrument instrument)
    {
        _table.Add(instrument);
        _keeper = new BookKeeper(_table);
        Ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = new VenueId(1), Protocol = venue.CreateFeed(new FeedContext(new VenueId(1), _table)), Instruments = _table,
                Rule = venue.Profile.BookSync, Control = Control, Publisher = this,
            },
            _table.All);
        Ingest.OnConnected(1, _nowNs);
    }

    public FeedIngest Ingest { get; }

    public Asked Control { get; } = new();

    public IOrderBook OrderBook => _keeper[new InstrumentId(1)]!;

    public void Receive(string frame)
    {
        _nowNs += 20_000_000;
        Ingest.OnFrame(Encoding.UTF8.GetBytes(frame), _nowNs);
        Ingest.OnReadComplete(_nowNs);
        Ingest.Step(_nowNs);
    }

    public void Book(string type, long updateId, string bids, string asks) =>
        Receive($$"""{"topic":"orderbook.50.BTCUSDT","type":"{{type}}","ts":1,"data":{"s":"BTCUSDT","b":[{{bids}}],"a":[{{asks}}],"u":{{updateId}},"seq":1},"cts":1}""");

    public string Top()
    {
        var book = _keeper[new InstrumentId(1)]!;
        book.TryBest(Side.Buy, out var bid);
        book.TryBest(Side.Sell, out var ask);
        return $"{bid.Price} x {bid.Quantity} / {ask.Price} x {ask.Quantity}";
    }

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        foreach (ref readonly var e in events) _keeper.Apply(in e);
    }

    public sealed class Asked : IFeedControl
    {
        public int Resubscribed { get; private set; }

        public void RequestSnapshot(InstrumentId instrument) => Assert.Fail("No snapshot is asked for by REST.");

        public void Resubscribe(InstrumentId instrument) => Resubscribed++;

        public void Reconnect(DisconnectReason reason) => Assert.Fail("One book is no reason to reconnect.");
    }
}
