using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// Which state may follow which (I5). Terminal states are final: a fill that arrives later is accounted, the state stays.
/// Unknown is left only by what the venue says; it never goes back to Sent, because nothing is ever sent again (P5).
/// </summary>
public static class OrderTransitions
{
    private static readonly ushort[] Legal = Build();

    public static bool IsLegal(OrderState from, OrderState to) => (Legal[(int)from] & (1 << (int)to)) != 0;

    public static bool IsTerminal(OrderState state) =>
        state is OrderState.Filled or OrderState.Cancelled or OrderState.Rejected or OrderState.Expired;

    /// <summary>
    /// How far a live order has come: a message that says less than we know is late, not wrong. Unknown ranks lowest, since
    /// anything the venue says is more.
    /// </summary>
    public static int Rank(OrderState state) => state switch
    {
        OrderState.None or OrderState.Unknown or OrderState.Held => 0,
        OrderState.PendingNew => 1,
        OrderState.Sent => 2,
        OrderState.Acked => 3,
        OrderState.Working => 4,
        OrderState.PartiallyFilled => 5,
        _ => 6,
    };

    private static ushort[] Build()
    {
        var legal = new ushort[Enum.GetValues<OrderState>().Length];
        OrderState[] ended = [OrderState.Filled, OrderState.Cancelled, OrderState.Expired];
        Allow(legal, OrderState.None, [OrderState.PendingNew, OrderState.Held]);
        // What a venue says of a held order comes from a release whose journal was lost with the machine: the venue is right.
        Allow(legal, OrderState.Held, [OrderState.PendingNew, OrderState.Acked, OrderState.Working, OrderState.PartiallyFilled, OrderState.Rejected, .. ended]);
        Allow(legal, OrderState.PendingNew, [OrderState.Sent, OrderState.Acked, OrderState.Working, OrderState.PartiallyFilled, OrderState.Rejected, OrderState.Unknown, .. ended]);
        Allow(legal, OrderState.Sent, [OrderState.Acked, OrderState.Working, OrderState.PartiallyFilled, OrderState.Rejected, OrderState.Unknown, .. ended]);
        Allow(legal, OrderState.Acked, [OrderState.Working, OrderState.PartiallyFilled, OrderState.Rejected, OrderState.Unknown, .. ended]);
        Allow(legal, OrderState.Working, [OrderState.PartiallyFilled, OrderState.Unknown, .. ended]);
        Allow(legal, OrderState.PartiallyFilled, [OrderState.Unknown, .. ended]);
        Allow(legal, OrderState.Unknown, [OrderState.Acked, OrderState.Working, OrderState.PartiallyFilled, OrderState.Rejected, .. ended]);
        return legal;
    }

    private static void Allow(ushort[] legal, OrderState from, ReadOnlySpan<OrderState> to)
    {
        foreach (var state in to) legal[(int)from] |= (ushort)(1 << (int)state);
    }
}
