using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Risk;

public sealed partial class RiskGate
{
    internal void Archive(StateArchive state)
    {
        State = state.Value(State);
        Degradation = state.Value(Degradation);
        var rejects = state.List<long>(Rejects);
        if (state.IsLoading) rejects.AsSpan(0, Math.Min(rejects.Length, Rejects.Length)).CopyTo(Rejects);
        _messages.Archive(state);
    }
}

public sealed partial class MessageWindow
{
    internal void Archive(StateArchive state)
    {
        _times = state.List<long>(_times);
        _next = state.Value(_next);
        _count = state.Value(_count);
    }
}
