using Penstock.Connectivity.RateLimits;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Orders;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>An engine with one declared bid; the test is its wish and its venue.</summary>
internal sealed class Quoting
{
    private readonly Wisher _wisher;
    private readonly EngineWorld _world;
    private (int Placed, int Amended, int Cancelled) _answered;
    private decimal _filled;
    private long _trades;

    /// <param name="amends">What changes take at the venue; null: it changes none.</param>
    public Quoting(AmendRate? amends, OrderFlags flags = OrderFlags.PostOnly)
    {
        _wisher = new Wisher(flags);
        _world = new EngineWorld(EngineWorld.Create([_wisher], amends: amends)).Ready();
    }

    public RecordingOutbox Outbox => _world.Outbox;

    public int Messages => Outbox.Placed.Count + Outbox.Amended.Count + Outbox.Cancelled.Count;

    /// <summary>The newest order.</summary>
    public Order Resting => _world.Engine.Orders.Find(Outbox.Placed[^1].ClientOrderId)!;

    public Quoting Wish(decimal? price, decimal quantity = 0.1m)
    {
        (_wisher.Price, _wisher.Quantity) = (price, quantity);
        _world.Timer(49); // no test here is about how many messages a second may leave
        _world.Book(100.5m, 101m);
        return this;
    }

    public Quoting Later(int ms)
    {
        _world.Timer(ms);
        return this;
    }

    /// <summary>The venue does whatever is asked of it, until nothing more is asked.</summary>
    public Quoting Answer()
    {
        while (_answered != (Outbox.Placed.Count, Outbox.Amended.Count, Outbox.Cancelled.Count))
        {
            if (_answered.Placed < Outbox.Placed.Count)
            {
                (_answered.Placed, _filled) = (_answered.Placed + 1, 0);
                Report(ExecutionKind.Accepted);
            }
            else if (_answered.Amended < Outbox.Amended.Count)
            {
                _answered.Amended++;
                Report(ExecutionKind.Amended);
            }
            else
            {
                _answered.Cancelled++;
                Report(ExecutionKind.Cancelled, OrderState.Cancelled);
            }
        }

        return this;
    }

    public Quoting Refuse(RejectReason reason)
    {
        _answered.Amended++;
        return Report(ExecutionKind.AmendRejected, reason: reason);
    }

    public Quoting Fill(decimal quantity)
    {
        _filled += quantity;
        _world.Fill(Resting.Request, ++_trades, quantity);
        return this;
    }

    public Quoting Report(ExecutionKind kind, OrderState state = OrderState.None, RejectReason reason = RejectReason.None)
    {
        _world.Timer(1);
        var report = Fixtures.Report(kind, Resting.ClientOrderId.Value, state, _filled);
        report.Reason = reason;
        report.Received = new MonotonicTime(_world.NowNs);
        if (kind == ExecutionKind.Amended) (report.LastPrice, report.LastQuantity) = (Outbox.Amended[^1].Price, Outbox.Amended[^1].Quantity);
        _world.Engine.OnReport(report);
        return this;
    }

    private sealed class Wisher(OrderFlags flags) : Strategy<StrategyContractTests.NoConfig>
    {
        public decimal? Price { get; set; }

        public decimal Quantity { get; set; }

        protected override void OnConfigured()
        {
            Bid(Btc).RequoteTicks = 2;
            Bid(Btc).Flags = flags;
        }

        protected override void OnBook(in BookView book)
        {
            if (Price is { } price) Bid(Btc).Set(Model.Numbers.Price.From(price), Model.Numbers.Quantity.From(Quantity));
            else Bid(Btc).Clear();
        }
    }
}
