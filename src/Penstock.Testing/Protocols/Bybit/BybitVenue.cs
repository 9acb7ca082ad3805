using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;
using Penstock.Testing.Protocols.Bybit;

[assembly: SimulatedVenue<BybitVenue>("bybit")]

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>Bybit spot: its market data, the private stream and the trade socket, each with a login, and signed REST.</summary>
public sealed class BybitVenue : BybitMarket
{
    internal const string OrderTopic = "order";
    internal const string ExecutionTopic = "execution";
    internal const string WalletTopic = "wallet";

    private readonly BybitOrderRest _rest;

    public BybitVenue(SimulatedVenueOptions options)
        : base(options, "spot")
    {
        Orders = new BybitOrders(this);
        _rest = new BybitOrderRest(this);
    }

    public override string OrderEntryPath => "/v5/trade";

    internal BybitOrders Orders { get; }

    protected override ProtocolSession? CreateSession(string path, string query, IFrameSink sink, long nowNs) =>
        path.EndsWith(PrivatePath) ? new BybitPrivateSession(this, sink)
        : path.EndsWith(OrderEntryPath) ? new BybitTradeSession(this, sink)
        : base.CreateSession(path, query, sink, nowNs);

    protected override VenueHttpResponse Answer(VenueHttpRequest request, long nowNs) => _rest.Answer(request, nowNs) ?? base.Answer(request, nowNs);

    /// <summary>Fills on a topic of their own, before what they did to the order.</summary>
    protected override void PublishOrder(in OrderEvent happened, long nowNs)
    {
        if (happened.Trade is { } trade && HasSubscriber(ExecutionTopic))
        {
            Orders.WriteExecutionPush(Scratch.Clear(), trade);
            Publish(ExecutionTopic, Scratch, FrameKinds.Private, nowNs);
        }

        if (!HasSubscriber(OrderTopic)) return;
        Orders.WriteOrderPush(Scratch.Clear(), happened);
        Publish(OrderTopic, Scratch, FrameKinds.Private, nowNs);
    }

    protected override void PublishBalances(long nowNs)
    {
        if (!HasSubscriber(WalletTopic)) return;
        Orders.WriteWalletPush(Scratch.Clear(), nowNs);
        Publish(WalletTopic, Scratch, FrameKinds.Private, nowNs);
    }
}
