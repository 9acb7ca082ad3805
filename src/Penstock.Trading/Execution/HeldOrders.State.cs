using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Trading.Execution;

internal sealed partial class HeldOrders
{
    /// <summary>In their order; the counts per instrument follow from them.</summary>
    internal void Archive(StateArchive state)
    {
        var ids = state.List<ClientOrderId>(_ids.AsSpan(0, Count));
        var markets = state.List<InstrumentId>(_instruments.AsSpan(0, Count));
        if (!state.IsLoading) return;
        if (ids.Length != markets.Length || ids.Length > Max) throw new InvalidDataException($"{ids.Length} held orders were saved, there is room for {Max}.");
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)markets[i].Value >= (uint)_perInstrument.Length || !TryAdd(ids[i], markets[i]))
                throw new InvalidDataException($"A held order names instrument {markets[i].Value}, which does not exist.");
        }
    }
}

internal sealed partial class ParentDesk
{
    internal void Archive(StateArchive state) => _nextNs = state.Value(_nextNs);
}

public sealed partial class OrderCommands
{
    /// <summary>The keys answered, oldest first.</summary>
    public void Archive(StateArchive state)
    {
        var count = state.Value(_keys.Count);
        if (!state.IsLoading)
        {
            foreach (var key in _keys) ArchiveAnswer(state, key, _answers[key]);
            return;
        }

        if (count is < 0 or > KeysMax) throw new InvalidDataException($"{count} keys of commands were saved, there is room for {KeysMax}.");
        for (var i = 0; i < count; i++)
        {
            var (key, answer) = ArchiveAnswer(state, "", default);
            _keys.Enqueue(key);
            _answers[key] = answer;
        }
    }

    private static (string Key, CommandResult Answer) ArchiveAnswer(StateArchive state, string key, CommandResult answer) =>
        (state.Text(key), new CommandResult(state.Value(answer.Done), state.Text(answer.Message ?? "")));
}
