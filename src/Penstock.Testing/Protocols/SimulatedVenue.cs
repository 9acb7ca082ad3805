using System.Security.Cryptography;
using System.Text;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>
/// A venue without sockets: REST calls in, answers out; sessions opened, stepped and fed with text. Time is Unix nanoseconds and
/// passed in, so the same calls give the same bytes. One thread at a time; the host holds a lock, a test needs none.
/// </summary>
public abstract class SimulatedVenue : IHostedVenue
{
    /// <summary>
    /// A venue in a hurry publishes more often than its host wakes: the time since the last step is lived through in pieces of this.
    /// </summary>
    private const long HurryNs = 1_000_000;

    private const long CatchUpNsMax = 50_000_000;

    private readonly List<ProtocolSession> _sessions = [];
    private long _weightWindow = -1;
    private int _weightUsed;
    private long _steppedNs;

    protected SimulatedVenue(
        SimulatedVenueOptions options, IReadOnlyList<SimulatedInstrument> instruments, bool buyerPaysFeeInBase, bool isMargined = false)
    {
        Options = options;
        var fees = new FeeSchedule(options.MakerFeePpm, options.TakerFeePpm, options.BuyerPaysFeeInBase ?? buyerPaysFeeInBase);
        Market = new SimulatedMarket(options, options.Instruments ?? instruments, fees, isMargined);
        Faults = new FaultPlan(options.Seed);
    }

    public SimulatedVenueOptions Options { get; }

    public SimulatedMarket Market { get; }

    public FaultPlan Faults { get; }

    public SimulatedVenueStatistics Statistics { get; } = new();

    /// <summary>
    /// How many times as busy as usual, 1 to 1000: as many market actions, as short the times between publications, in the venue's usual mix of
    /// frames.
    /// The clock, and with it every stamp, limit and heartbeat, stays as it is. For load tests.
    /// </summary>
    public int Speed
    {
        get;
        set
        {
            field = Math.Clamp(value, 1, 1_000);
            foreach (var instrument in Market.Instruments) instrument.Flow.Speed = field;
        }
    } = 1;

    /// <summary>Path of the market-data WebSocket.</summary>
    public abstract string PublicPath { get; }

    /// <summary>What is traded here, as BASE-QUOTE.</summary>
    public IReadOnlyList<string> Symbols => [.. Market.Instruments.Select(i => i.Spec.Symbol)];

    /// <summary>Path of the WebSocket for orders and the private stream.</summary>
    public abstract string PrivatePath { get; }

    /// <summary>Path of the WebSocket for orders where it is not the private one; null where it is.</summary>
    public virtual string? OrderEntryPath => null;

    public IReadOnlyList<ProtocolSession> Sessions => _sessions;

    public Utf8Text Scratch { get; } = new();

    /// <summary>A new connection; null for a path the venue does not serve.</summary>
    public ProtocolSession? Open(string path, string query, IFrameSink sink, long nowNs)
    {
        if (CreateSession(path, query, sink, nowNs) is not { } session) return null;
        Statistics.ConnectionsOpened++;
        _sessions.Add(session);
        return session;
    }

    public void Close(ProtocolSession session)
    {
        if (_sessions.Remove(session)) Statistics.ConnectionsClosed++;
    }

    /// <summary>Lets the market live until now and sends what is due.</summary>
    public void Step(long nowNs)
    {
        if (Speed > 1)
        {
            for (var atNs = Math.Max(_steppedNs, nowNs - CatchUpNsMax) + HurryNs; atNs < nowNs; atNs += HurryNs) StepMarket(atNs);
        }

        StepMarket(nowNs);
        _steppedNs = nowNs;
        FlushPrivate(nowNs);
        foreach (var session in _sessions) session.Step(nowNs);
    }

    private void StepMarket(long nowNs)
    {
        Market.Step(nowNs);
        PublishMarket(nowNs);
    }

    /// <summary>One REST call, faults and rate limit included.</summary>
    public VenueHttpResponse Handle(VenueHttpRequest request, long nowNs)
    {
        Statistics.RestCalls++;
        if (Faults.TryTake(FaultKind.HttpServerError)) return new VenueHttpResponse(500, "{}");
        if (!TrySpend(WeightOf(request), nowNs, out var waitSeconds) || Faults.TryTake(FaultKind.HttpTooManyRequests))
        {
            Statistics.RestThrottled++;
            return TooManyRequests(Math.Max(waitSeconds, Faults.RetryAfterSeconds));
        }

        var response = Answer(request, nowNs);
        FlushPrivate(nowNs);
        return response;
    }

    /// <summary>Unix milliseconds.</summary>
    public static long Ms(long nowNs) => nowNs / 1_000_000;

    protected int WeightUsed => _weightUsed;

    protected abstract ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs);

    protected abstract VenueHttpResponse Answer(VenueHttpRequest request, long nowNs);

    protected abstract VenueHttpResponse TooManyRequests(int retryAfterSeconds);

    protected virtual int WeightOf(VenueHttpRequest request) => 1;

    /// <summary>The time between two publications, at the venue's speed.</summary>
    protected long Paced(long intervalNs) => intervalNs / Speed;

    protected abstract void PublishMarket(long nowNs);

    /// <summary>Tells the account's private streams one thing that happened.</summary>
    protected abstract void PublishOrder(in OrderEvent happened, long nowNs);

    /// <summary>Tells them the balances after a batch of events.</summary>
    protected abstract void PublishBalances(long nowNs);

    /// <summary>A funding payment on the account's open positions; venues without contracts pay none.</summary>
    public virtual void PayFunding(int ratePpm, long nowNs)
    {
    }

    /// <summary>Sends what happened to the account's orders; called after every request and step, so acks go first.</summary>
    public void FlushPrivate(long nowNs)
    {
        if (Market.Unpublished.Count == 0) return;
        foreach (var happened in Market.Unpublished) PublishOrder(happened, nowNs);
        Market.Unpublished.Clear();
        PublishBalances(nowNs);
    }

    /// <summary>What the account owns, by asset: free and locked, 1e-16 units.</summary>
    public virtual IEnumerable<(string Asset, Int128 Free, Int128 Locked)> Balances() =>
        Market.Ledger.Assets.Select(asset => (asset, Market.Ledger.Free(Market.Account, asset), Market.Ledger.Locked(Market.Account, asset)));

    public SimulatedOrder Place(MarketInstrument instrument, in OrderTicket ticket, long nowNs, out MatchReject reject)
    {
        Statistics.OrdersReceived++;
        if (!Faults.TryTake(FaultKind.RejectOrder)) return Market.Place(instrument, ticket, nowNs, out reject);
        reject = MatchReject.Injected;
        return new SimulatedOrder(0, instrument.Spec, ticket, nowNs) { State = Model.Orders.OrderState.Rejected };
    }

    /// <summary>Carries out a cancel whose acknowledgement was already written.</summary>
    public void FinishCancel(SimulatedOrder order, long nowNs) =>
        Market.Cancel(order, order.IsOpen && Faults.TryTake(FaultKind.LateFill), nowNs);

    public bool HasSubscriber(string topic)
    {
        foreach (var session in _sessions)
        {
            if (session.IsSubscribed(topic)) return true;
        }

        return false;
    }

    public void Publish(string topic, Utf8Text text, FrameKinds kind, long nowNs)
    {
        foreach (var session in _sessions)
        {
            if (!session.IsSubscribed(topic)) continue;
            Statistics.FramesPublished++;
            session.Send(text, kind, nowNs);
        }
    }

    public static string SideText(Side side) => side == Side.Buy ? "buy" : "sell";

    public static bool TryPrice(string text, out Price price) =>
        Price.TryParse(Encoding.UTF8.GetBytes(text), out price) == DecimalStatus.Ok;

    public static bool TryQuantity(string text, out Quantity quantity) =>
        Quantity.TryParse(Encoding.UTF8.GetBytes(text), out quantity) == DecimalStatus.Ok;

    /// <summary>Signatures are compared in constant time, as a venue would.</summary>
    public static bool Same(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    private bool TrySpend(int weight, long nowNs, out int waitSeconds)
    {
        var seconds = nowNs / 1_000_000_000;
        if (seconds / 60 != _weightWindow)
        {
            _weightWindow = seconds / 60;
            _weightUsed = 0;
        }

        waitSeconds = 0;
        if (_weightUsed + weight <= Options.RestWeightPerMinute)
        {
            _weightUsed += weight;
            return true;
        }

        waitSeconds = (int)(60 - seconds % 60);
        return false;
    }
}
