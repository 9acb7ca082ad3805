using System.Text.Json;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>
/// Changes of resting orders. The answer says whether the request was taken, the row of the orders channel what came of it: that a post-only order
/// would take is found by the book, after the answer.
/// </summary>
internal sealed partial class OkxOrders
{
    private const string PostOnlyUnchanged = "51511";

    /// <summary>Of one instrument; placements and cancels are counted apart and left to the client.</summary>
    private const int ChangesPerWindow = 60;

    private const long ChangeWindowNs = 2_000_000_000;

    private readonly Dictionary<string, (long Window, int Count)> _changes = [];

    /// <summary>Whose rows tell of the request that is being carried out.</summary>
    private (SimulatedOrder Order, string ChangeId, string Result, string Code)? _change;

    /// <summary>"0", or the code a request to change an order is refused with before it is looked at.</summary>
    public string TakeChange(JsonElement argument, long nowNs)
    {
        var (symbol, window) = (FindInstrument(argument)?.Spec.Symbol ?? "", nowNs / ChangeWindowNs);
        var used = _changes.TryGetValue(symbol, out var rate) && rate.Window == window ? rate.Count : 0;
        _changes[symbol] = (window, used + 1);
        return used < ChangesPerWindow ? "0" : "50011";
    }

    /// <summary>newSz is the new total, what is filled included; what is not named stays. The caller answers and flushes before the end.</summary>
    public OkxOutcome Change(JsonElement argument, long nowNs)
    {
        var (orderId, clientId) = (ProtocolSession.StringOf(argument, "ordId"), ProtocolSession.StringOf(argument, "clOrdId"));
        var (size, price) = (ProtocolSession.StringOf(argument, "newSz"), ProtocolSession.StringOf(argument, "newPx"));
        var changeId = ProtocolSession.StringOf(argument, "reqId");
        OkxOutcome Refuse(string code, string message) => new(code, message, orderId, clientId, changeId);
        if (FindInstrument(argument) is not { } instrument) return Refuse("51001", "Instrument ID doesn't exist.");
        if (Find(orderId, clientId) is not { IsOpen: true } order || order.Instrument != instrument.Spec)
            return Refuse("51503", "Your order has already been filled or canceled.");
        if (size.Length + price.Length == 0) return Refuse("51500", "You must enter a price, quantity, or TP/SL");
        var (newPrice, newSize) = (order.Price, order.Quantity);
        if (price.Length > 0 && !SimulatedVenue.TryPrice(price, out newPrice)) return Refuse("51000", "Parameter newPx error");
        if (size.Length > 0 && (!SimulatedVenue.TryQuantity(size, out newSize) || newSize.Raw <= 0)) return Refuse("51000", "Parameter newSz error");
        if (changeId.Length > 32 || !changeId.All(char.IsAsciiLetterOrDigit)) return Refuse("51000", "Parameter reqId error");

        _change = (order, changeId, "0", "0");
        var (code, message) = newSize <= order.Filled ? EndAsFilled(order, nowNs) : Refusal(venue.Market.Amend(order, newPrice, newSize, nowNs));
        var isUnmade = code == PostOnlyUnchanged;
        if (code != "0" && ProtocolSession.StringOf(argument, "cxlOnFail") == "true")
        {
            _change = (order, changeId, isUnmade ? "1" : "", code);
            venue.FinishCancel(order, nowNs);
        }
        else if (isUnmade)
        {
            _change = (order, changeId, "-1", code);
            venue.Market.Unpublished.Add(StatusOf(order) with { Kind = OrderEventKind.Amended, TimeNs = nowNs });
        }

        return code == "0" || isUnmade ? new("0", "", order.Id.ToString(), order.ClientId, changeId) : Refuse(code, message);
    }

    public void EndChange() => _change = null;

    /// <summary>A total that is filled already leaves nothing to rest, and nothing that was not filled.</summary>
    private (string Code, string Message) EndAsFilled(SimulatedOrder order, long nowNs)
    {
        venue.Market.Cancel(order, fillFirst: false, nowNs);
        (order.Ticket, order.State) = (order.Ticket with { Quantity = order.Filled }, OrderState.Filled);
        return ("0", "");
    }

    /// <summary>Only a change ends an order as filled without a trade.</summary>
    private static OrderEvent AsChanged(in OrderEvent happened) =>
        happened is { Kind: OrderEventKind.Cancelled, Order.State: OrderState.Filled }
            ? happened with { State = OrderState.Filled, Cause = CancelCause.None }
            : happened;

    /// <summary>What only the channel's rows have. A change nobody asked for here was made by somebody else of the account.</summary>
    private string ChangeMembers(in OrderEvent happened)
    {
        var isChange = happened.Kind == OrderEventKind.Amended;
        var change = happened.Kind != OrderEventKind.Trade && _change?.Order == happened.Order ? _change : null;
        var result = change?.Result ?? (isChange ? "0" : "");
        return $$""","amendSource":"{{(isChange ? "1" : "")}}","reqId":"{{change?.ChangeId}}","amendResult":"{{result}}{{"\""}}"""
            + $$""","code":"{{change?.Code ?? "0"}}","msg":"{{"\""}}""";
    }
}
