using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Testing.Matching;

/// <summary>Why the engine refused an order; each protocol has its own words for it.</summary>
public enum MatchReject : byte
{
    None,
    TickSize,
    LotSize,
    NotionalMin,
    PostOnlyWouldTake,
    InsufficientFunds,
    DuplicateClientId,
    UnknownInstrument,
    Malformed,
    /// <summary>Asked for by a fault plan, not by a rule.</summary>
    Injected,
}

/// <summary>Why an order left the book without being filled.</summary>
public enum CancelCause : byte
{
    None,
    Requested,
    /// <summary>What an immediate-or-cancel, fill-or-kill or market order could not trade.</summary>
    Unfilled,
    SelfTrade,
    /// <summary>Post-only and would have taken, on a venue that accepts such an order first.</summary>
    PostOnly,
}

/// <summary>What an account asks of the engine.</summary>
public readonly record struct OrderTicket
{
    public int Account { get; init; }

    /// <summary>The account's own id; empty for the seeded flow.</summary>
    public string ClientId { get; init; }

    public Side Side { get; init; }

    public OrderType Type { get; init; }

    public TimeInForce TimeInForce { get; init; }

    public bool PostOnly { get; init; }

    /// <summary>False cancels the taker's remainder when it would meet an order of its own account.</summary>
    public bool SelfTradeAllowed { get; init; }

    public Price Price { get; init; }

    public Quantity Quantity { get; init; }
}

/// <summary>One match: the maker's price, both orders as they stand after it.</summary>
/// <param name="TradeId">Per instrument, from 1 without holes.</param>
/// <param name="MakerFee">1e-16 of the maker's fee asset.</param>
/// <param name="TakerFee">1e-16 of the taker's fee asset.</param>
public readonly record struct MatchTrade(
    long TradeId, SimulatedOrder Maker, SimulatedOrder Taker, Price Price, Quantity Quantity, Int128 MakerFee, Int128 TakerFee);

/// <summary>Hears what the engine does, in order, during the call that caused it.</summary>
public interface IMatchListener
{
    void OnAccepted(MatchingEngine engine, SimulatedOrder order);

    /// <summary>Price or quantity changed; trades that follow from a new price come after this.</summary>
    void OnAmended(MatchingEngine engine, SimulatedOrder order)
    {
    }

    void OnTrade(MatchingEngine engine, in MatchTrade trade);

    void OnCancelled(MatchingEngine engine, SimulatedOrder order, CancelCause cause);

    void OnRejected(MatchingEngine engine, SimulatedOrder order, MatchReject reason);

    /// <param name="quantity">What now rests at the price; zero when the level is gone.</param>
    void OnLevel(MatchingEngine engine, Side side, Price price, Quantity quantity);
}
