using Penstock.Model.Orders;

namespace Penstock.Trading.Execution;

/// <summary>What the engine itself did to an order, to be told to its strategy like a report.</summary>
public readonly record struct LocalEvent(ClientOrderId Order, ExecutionKind Kind, RejectReason Reason);
