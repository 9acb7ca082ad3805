using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>How far a parent order of the strategy is. More of it: <see cref="StrategyContext.FindParent"/>.</summary>
public readonly record struct ParentEvent
{
    internal ParentEvent(in ParentOrder parent, Quantity lastFilled)
    {
        (Id, State, Quantity, Filled) = (parent.Id, parent.State, parent.Quantity, parent.Filled);
        (LastFilled, IsSettled) = (lastFilled, parent.IsSettled);
        (Rule, Reason) = (parent.Rule, parent.Reason);
    }

    public ClientOrderId Id { get; }

    /// <summary>Working, or how it ended.</summary>
    public ParentState State { get; }

    public Quantity Quantity { get; }

    /// <summary>Of all children together, so far.</summary>
    public Quantity Filled { get; }

    /// <summary>What was filled since the last event of this parent; zero when none of it was.</summary>
    public Quantity LastFilled { get; }

    public bool HasEnded => State != ParentState.Working;

    /// <summary>It has ended and none of its children is live any more. Comes with the end, or after it.</summary>
    public bool IsSettled { get; }

    /// <summary>The rule that refused its child last: why it ended, where it is refused. None where a venue refused, or nobody did.</summary>
    public RiskRule Rule { get; }

    /// <summary>Why a venue refused its child last; None where a rule did, or nobody.</summary>
    public RejectReason Reason { get; }
}
