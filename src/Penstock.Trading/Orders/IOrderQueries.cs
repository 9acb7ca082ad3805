namespace Penstock.Trading.Orders;

/// <summary>Takes the questions the order manager has: which outcome is unknown.</summary>
public interface IOrderQueries
{
    void Query(Order order);
}
