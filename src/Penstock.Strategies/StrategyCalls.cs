using System.Runtime.InteropServices;

namespace Penstock.Strategies;

/// <summary>
/// In which strategy's call the engine's thread is, for somebody who watches from another one. A call costs its thread two plain writes; the
/// watcher pays for the rest. Where a call does not return the watcher holds the thread: it stops at the end of the call, or at the first order
/// it asks for, until it is released, so that everything the thread owns may be used meanwhile.
/// <code>
///   engine's thread: current = call … strategy … current = 0, held? → waits
///   watcher:         held = true, barrier of the whole process, is current still the call? → it is mine
/// </code>
/// </summary>
public sealed class StrategyCalls
{
    private readonly ManualResetEventSlim _released = new(initialState: true);
    private Cell _cell;
    private long _count;
    private int _session;
    private long _inputs;
    private bool _hasSkipped;
    private HungCall[] _hung = [];

    /// <summary>The call under way, another number for each; 0 between calls. Any thread.</summary>
    public long Current => Volatile.Read(ref _cell.Current);

    /// <summary>Where that is. Any thread, while the call is held.</summary>
    public HungCall Place => new(_session, _inputs, _cell.Ordinal, (ushort)Current);

    /// <summary>Calls known never to return: they are not made, and count as failed.</summary>
    internal IReadOnlyList<HungCall> Hung
    {
        get => _hung;
        set => _hung = [.. value];
    }

    /// <summary>Stops the engine's thread when this call ends or asks for an order. False when it has ended. The watcher's thread.</summary>
    public bool TryHold(long call)
    {
        _released.Reset();
        Volatile.Write(ref _cell.IsHeld, true);
        // Makes the two plain accesses of the other side ordered as if it had a fence of its own.
        Interlocked.MemoryBarrierProcessWide();
        if (Current == call) return true;
        Release();
        return false;
    }

    /// <summary>The engine's thread goes on. The watcher's thread.</summary>
    public void Release()
    {
        Volatile.Write(ref _cell.IsHeld, false);
        _released.Set();
    }

    /// <summary>An input begins. The engine's thread, as all below.</summary>
    internal void At(int session, long inputs) => (_session, _inputs, _cell.Ordinal) = (session, inputs, 0);

    /// <summary>False: this one is known never to return.</summary>
    internal bool Begin(ushort strategy)
    {
        _cell.Ordinal++;
        if (_hung.Length > 0 && IsHung(strategy)) return false;
        Volatile.Write(ref _cell.Current, (++_count << 16) | strategy);
        return true;
    }

    internal void End()
    {
        Volatile.Write(ref _cell.Current, 0);
        WaitWhileHeld();
    }

    internal void WaitWhileHeld()
    {
        if (Volatile.Read(ref _cell.IsHeld)) _released.Wait();
    }

    /// <summary>True once after an input in which a call was left out.</summary>
    internal bool TakeSkipped()
    {
        var hasSkipped = _hasSkipped;
        _hasSkipped = false;
        return hasSkipped;
    }

    private bool IsHung(ushort strategy)
    {
        if (Array.IndexOf(_hung, new HungCall(_session, _inputs, _cell.Ordinal, strategy)) < 0) return false;
        _hasSkipped = true;
        return true;
    }

    /// <summary>Cache lines of their own: what the engine writes at every call, and what it reads at every call.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Current;

        [FieldOffset(72)]
        public int Ordinal;

        [FieldOffset(128)]
        public bool IsHeld;
    }
}
