using System.Diagnostics;
using System.Net.Sockets;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// The node's part of an order: from the strategy's call to the kernel having its last byte, and the bare send of the same bytes on the
/// same socket beside it. Written by the node's thread; read when that has ended, or while it waits.
/// </summary>
internal sealed class OrderToWire(int count)
{
    private readonly long[] _orders = new long[count];
    private readonly long[] _bare = new long[count];
    private Socket? _socket;
    private byte[] _bytes = [];
    private volatile bool _wanted;
    private long _begun;
    private int _orderCount;
    private int _bareCount;

    /// <summary>Nanoseconds each; the latest ones.</summary>
    public long[] Orders => _orders;

    public long[] Bare => _bare;

    public bool IsBareSent => !_wanted;

    /// <summary>The strategy is about to ask for an order.</summary>
    public void Begin() => _begun = Stopwatch.GetTimestamp();

    /// <summary>The order session has returned from the kernel.</summary>
    public void Sent() => _orders[_orderCount++ % _orders.Length] = NsSince(_begun);

    /// <summary>From the venue's thread: the node shall send these once, with nothing around it.</summary>
    public void WantBare(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        _wanted = true;
    }

    /// <summary>In the node's cycle.</summary>
    /// <param name="handle">The order session's socket.</param>
    public void Step(nint handle)
    {
        if (!_wanted) return;
        _socket ??= new Socket(new SafeSocketHandle(handle, ownsHandle: false)) { Blocking = false };
        var start = Stopwatch.GetTimestamp();
        var sent = _socket.Send(_bytes, SocketFlags.None, out _);
        var time = NsSince(start);
        if (sent != _bytes.Length) throw new InvalidOperationException($"The kernel took {sent} of {_bytes.Length} bytes.");
        _bare[_bareCount++ % _bare.Length] = time;
        _wanted = false;
    }

    /// <summary>Finer than a TimeSpan's hundred nanoseconds.</summary>
    private static long NsSince(long start) => (long)((Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency));
}
