namespace Penstock.Testing.Faults;

/// <summary>
/// Stands between one connection's session and its socket, and does to the frames what the plan says. Transparent, and
/// without a copy, while the plan is empty. Used under the venue's lock.
/// </summary>
/// <param name="plan">What is to go wrong.</param>
/// <param name="sink">The socket.</param>
/// <param name="isBinary">The connection's frames are binary.</param>
public sealed class FaultInjector(FaultPlan plan, IFrameSink sink, bool isBinary = false)
{
    /// <summary>Frames waiting for a delay to end; more than this leave early.</summary>
    public const int HeldFramesMax = 10_000;

    private readonly Queue<(long DueNs, byte[] Frame)> _held = new();
    private byte[]? _swapped;
    private long _silentUntilNs = long.MinValue;

    /// <summary>True once the connection was cut.</summary>
    public bool IsCut { get; private set; }

    public void Deliver(ReadOnlySpan<byte> frame, FrameKinds kind, long nowNs)
    {
        if (IsCut || IsSilent(kind, nowNs) || IsLost(kind)) return;
        if ((plan.Scope & kind) == 0)
        {
            Forward(frame, nowNs);
            return;
        }

        if (plan.TryTake(FaultKind.DelayFrame))
        {
            Hold(frame, nowNs + plan.DelayMs * 1_000_000L);
            return;
        }

        if (_swapped is null && plan.TryTake(FaultKind.ReorderFrame))
        {
            _swapped = frame.ToArray();
            return;
        }

        Forward(frame, nowNs);
        if (plan.TryTake(FaultKind.DuplicateFrame)) Forward(frame, nowNs);
        if (_swapped is not { } earlier) return;
        _swapped = null;
        Forward(earlier, nowNs);
    }

    public void Ping(long nowNs)
    {
        if (!IsCut && nowNs >= _silentUntilNs) sink.Ping();
    }

    /// <summary>Lets go what was delayed long enough.</summary>
    public void Step(long nowNs)
    {
        if (plan.TryTake(FaultKind.Disconnect)) Cut();
        while (!IsCut && _held.TryPeek(out var first) && (first.DueNs <= nowNs || _held.Count > HeldFramesMax))
            Write(_held.Dequeue().Frame);
    }

    public void Cut()
    {
        if (IsCut) return;
        IsCut = true;
        sink.Cut();
    }

    private bool IsSilent(FrameKinds kind, long nowNs)
    {
        if (nowNs < _silentUntilNs) return true;
        if ((kind & (FrameKinds.Market | FrameKinds.BookDelta)) == 0 || !plan.TryTake(FaultKind.Silence)) return false;
        _silentUntilNs = nowNs + plan.SilenceMs * 1_000_000L;
        return true;
    }

    private bool IsLost(FrameKinds kind) =>
        (kind == FrameKinds.BookDelta && plan.TryTake(FaultKind.SequenceGap))
        || ((plan.Scope & kind) != 0 && plan.TryTake(FaultKind.DropFrame));

    /// <summary>What comes after a delayed frame waits with it: a delay is not a reordering.</summary>
    private void Forward(ReadOnlySpan<byte> frame, long nowNs)
    {
        if (_held.Count == 0) Write(frame);
        else Hold(frame, nowNs);
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        if (isBinary) sink.Binary(frame);
        else sink.Text(frame);
    }

    private void Hold(ReadOnlySpan<byte> frame, long dueNs) => _held.Enqueue((dueNs, frame.ToArray()));
}
