using System.Text.Json;
using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Risk;

public sealed partial class RiskGate
{
    /// <summary>Limits as text by name, so that one added later has its default; the rest as it is.</summary>
    internal void Archive(StateArchive state)
    {
        IsKilled = state.Value(IsKilled);
        State = state.Value(State);
        Degradation = state.Value(Degradation);
        Limits = LimitsIn(state, Limits)!;
        for (var i = 1; i < _own.Length; i++) _own[i] = LimitsIn(state, _own[i]);
        var rejects = state.List<long>(Rejects);
        if (state.IsLoading) rejects.AsSpan(0, Math.Min(rejects.Length, Rejects.Length)).CopyTo(Rejects);
        _messages.Archive(state);
    }

    private static RiskLimits? LimitsIn(StateArchive state, RiskLimits? limits)
    {
        var text = state.Text(limits is null || state.IsLoading ? "" : JsonSerializer.Serialize(limits));
        return !state.IsLoading ? limits : text.Length == 0 ? null : JsonSerializer.Deserialize<RiskLimits>(text);
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
