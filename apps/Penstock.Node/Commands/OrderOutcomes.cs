using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Orders;

namespace Penstock.Node.Commands;

/// <summary>
/// What became of every order in a journal, as an engine says that recovers from it: the journal is replayed from its first record, and each
/// order noted that was placed by us. One that was only met at a venue is none of these.
/// </summary>
internal sealed class OrderOutcomes : IOrderObserver
{
    private readonly Dictionary<ClientOrderId, JsonObject> _orders = [];

    public static int Print(string folder)
    {
        JournalInspection.RequireFolder(folder);
        var outcomes = new OrderOutcomes();
        using var recovery = new EngineRecovery(folder, null, session =>
        {
            var engine = NodeRecovery.Create(session);
            engine.Orders.AddObserver(outcomes);
            return engine;
        });
        recovery.ToEnd();
        if (!recovery.IsSound || recovery.IsBeheaded)
            throw new Problem(ExitCode.Error, "the journal does not replay from its first record", folder,
                recovery.Replay.FirstDifference is { } difference
                    ? $"record {difference.Sequence}: recorded {difference.Recorded}, replayed {difference.Replayed}" : $"{recovery.Reader.Fault}",
                $"penstock verify {folder}; penstock inspect {folder} --orders, without --json, needs no replay");
        foreach (var order in outcomes._orders.Values) Console.WriteLine(order.ToJsonString());
        return (int)ExitCode.Ok;
    }

    public void OnPlaced(Order order)
    {
        _orders[order.ClientOrderId] = new JsonObject { ["id"] = order.ClientOrderId.ToString() };
        Note(order);
    }

    public void OnAcked(Order order) => Note(order);

    public void OnFilled(Order order, in ExecutionReport fill) => Note(order);

    public void OnCancelled(Order order) => Note(order);

    public void OnRejected(Order order) => Note(order);

    public void OnUnknown(Order order) => Note(order);

    public void OnAmended(Order order) => Note(order);

    private void Note(Order order)
    {
        if (!_orders.TryGetValue(order.ClientOrderId, out var line)) return;
        (line["state"], line["filled"]) = (order.State.ToString(), order.Filled.ToString());
    }
}
