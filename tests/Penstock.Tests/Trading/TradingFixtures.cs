using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;

namespace Penstock.Tests.Trading;

/// <summary>A book of two levels, as naive as possible: what trading is tested with.</summary>
internal sealed class NaiveBook(InstrumentId instrument) : IOrderBook
{
    private readonly List<BookLevel> _bids = new(64);
    private readonly List<BookLevel> _asks = new(64);

    public InstrumentId Instrument => instrument;

    public BookFlags Flags { get; private set; }

    public bool IsConsistent => true;

    public long LastUpdateId => 0;

    public MonotonicTime LastReceived { get; private set; }

    public void Apply(in MarketEvent e)
    {
        LastReceived = e.Received;
        if (e.Kind == MarketEventKind.BookInvalid)
        {
            Flags = BookFlags.Gap;
            return;
        }

        if (e.Kind is not (MarketEventKind.BookSnapshot or MarketEventKind.BookDelta)) return;
        if (e.Kind == MarketEventKind.BookSnapshot && e.IsFirst)
        {
            _bids.Clear();
            _asks.Clear();
            Flags = BookFlags.Synced;
        }

        var levels = e.Side == Side.Buy ? _bids : _asks;
        var at = 0;
        while (at < levels.Count && (e.Side == Side.Buy ? levels[at].Price > e.Price : levels[at].Price < e.Price)) at++;
        if (at < levels.Count && levels[at].Price == e.Price) levels.RemoveAt(at);
        if (e.Quantity.Raw > 0) levels.Insert(at, new BookLevel(e.Price, e.Quantity));
    }

    public bool TryBest(Side side, out BookLevel level)
    {
        var levels = side == Side.Buy ? _bids : _asks;
        level = levels.Count > 0 ? levels[0] : default;
        return levels.Count > 0;
    }

    public int Count(Side side) => side == Side.Buy ? _bids.Count : _asks.Count;

    public int CopyTop(Side side, Span<BookLevel> destination)
    {
        var levels = side == Side.Buy ? _bids : _asks;
        var count = Math.Min(levels.Count, destination.Length);
        for (var i = 0; i < count; i++) destination[i] = levels[i];
        return count;
    }
}

internal sealed class NaiveBooks : IBookSource
{
    private readonly NaiveBook?[] _books = new NaiveBook?[16];

    public IOrderBook? Find(InstrumentId instrument) => _books[instrument.Value];

    public void Apply(in MarketEvent e) => (_books[e.Instrument.Value] ??= new NaiveBook(e.Instrument)).Apply(e);
}

/// <summary>A journal in memory.</summary>
internal sealed class MemoryJournal : IJournalAppender
{
    public List<(ushort Type, byte[] Payload)> Records { get; } = [];

    public long Sequence => Records.Count;

    public long Append(ushort type, ReadOnlySpan<byte> payload)
    {
        Records.Add((type, payload.ToArray()));
        return Records.Count;
    }
}

/// <summary>Counts, and keeps nothing: for allocation tests.</summary>
internal sealed class NullJournal : IJournalAppender
{
    public long Sequence { get; private set; }

    public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;
}

/// <summary>Remembers what was asked of it.</summary>
internal sealed class RecordingOutbox : IOrderOutbox
{
    public List<OrderRequest> Placed { get; } = [];

    public List<CancelRequest> Cancelled { get; } = [];

    public List<AmendRequest> Amended { get; } = [];

    public List<ClientOrderId> Queried { get; } = [];

    public List<VenueId> Reconciled { get; } = [];

    public void Place(in RiskApproved<OrderRequest> order)
    {
        Assert.True(order.IsGenuine);
        Placed.Add(order.Value);
    }

    public void Cancel(in CancelRequest cancel) => Cancelled.Add(cancel);

    public void Amend(in RiskApproved<AmendRequest> amend)
    {
        Assert.True(amend.IsGenuine);
        Amended.Add(amend.Value);
    }

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument) => Queried.Add(id);

    public void Reconcile(VenueId venue, ExchangeTime fillsSince) => Reconciled.Add(venue);
}

internal static class Fixtures
{
    public const long Ms = 1_000_000;

    public static readonly VenueId Venue = new(1);

    public static readonly InstrumentId Btc = new(1);

    public static readonly InstrumentId Eth = new(2);

    public static InstrumentTable Instruments()
    {
        var table = new InstrumentTable();
        table.Add(Of("BTC"));
        table.Add(Of("ETH"));
        return table;
    }

    public static OrderRequest Order(long id, Side side = Side.Buy, decimal price = 100m, decimal quantity = 1m) => new()
    {
        ClientOrderId = new ClientOrderId(id), Instrument = Btc, Strategy = 1, Side = side,
        Price = Price.From(price), Quantity = Quantity.From(quantity),
    };

    public static RiskExposure Exposure(long nowNs = 0, decimal mid = 100m) => new()
    {
        NowNs = nowNs, MidTwiceRaw = (Int128)Price.From(mid).Raw * 2, Status = InstrumentStatus.Trading,
    };

    public static RiskGate Gate(RiskLimits? limits = null)
    {
        var gate = new RiskGate(Instruments(), limits ?? RiskLimits.Default);
        gate.SetState(NodeState.Ready, Degradation.None);
        return gate;
    }

    public static RiskApproved<OrderRequest> Approved(in OrderRequest request)
    {
        var reject = Gate().Check(request, Exposure(mid: request.Price.ToDecimal()), out var approved);
        Assert.True(reject.Rule == RiskRule.None, reject.ToString());
        return approved;
    }

    public static ExecutionReport Report(ExecutionKind kind, long id, OrderState state = OrderState.None, decimal cumulative = 0m) => new()
    {
        Kind = kind, State = state, ClientOrderId = new ClientOrderId(id), Venue = Venue, Instrument = Btc, Side = Side.Buy,
        CumulativeQuantity = Quantity.From(cumulative),
    };

    public static ExecutionReport Fill(long id, long trade, decimal quantity, decimal price = 100m, Side side = Side.Buy) => new()
    {
        Kind = ExecutionKind.Fill, ClientOrderId = new ClientOrderId(id), Venue = Venue, Instrument = Btc, Side = side, TradeId = trade,
        LastPrice = Price.From(price), LastQuantity = Quantity.From(quantity),
    };

    /// <summary>A full book of one level a side.</summary>
    public static MarketEvent[] Snapshot(InstrumentId instrument, decimal bid, decimal ask, long nowNs, decimal bidQuantity = 1m, decimal askQuantity = 1m) =>
    [
        new MarketEvent
        {
            Kind = MarketEventKind.BookSnapshot, Instrument = instrument, Venue = Venue, Side = Side.Buy, Price = Price.From(bid),
            Quantity = Quantity.From(bidQuantity), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.Snapshot, Received = new MonotonicTime(nowNs),
        },
        new MarketEvent
        {
            Kind = MarketEventKind.BookSnapshot, Instrument = instrument, Venue = Venue, Side = Side.Sell, Price = Price.From(ask),
            Quantity = Quantity.From(askQuantity), Flags = MarketEventFlags.LastOfMessage | MarketEventFlags.Snapshot, Received = new MonotonicTime(nowNs),
        },
    ];

    private static Instrument Of(string symbol) => new()
    {
        Venue = Venue, Symbol = $"{symbol}-USDT", VenueSymbol = $"{symbol}USDT", Base = Text16.From(symbol), Quote = Text16.From("USDT"),
        Tick = Price.From(0.01m), Lot = Quantity.From(0.001m), QuantityMin = Quantity.From(0.002m), NotionalMin = Notional.From(1m),
    };
}
