namespace Penstock.Trading.Risk;

/// <summary>
/// Exact sliding window: the times of the last N messages in a ring. Message N+1 is allowed when the oldest has left the
/// window, so no window of that length, wherever it starts, ever holds more than N. A bucket counter would allow 2N.
/// </summary>
public sealed partial class MessageWindow
{
    public const int CapacityMax = 100_000;

    private long[] _times;
    private int _next;
    private int _count;

    public MessageWindow(int messagesMax) => _times = new long[messagesMax];

    public int MessagesMax => _times.Length;

    /// <summary>Messages inside the window that ends now.</summary>
    public int Used(long nowNs, long windowNs)
    {
        var used = 0;
        // Another thread may ask, for people: the array it began with is the one it reads to the end.
        var times = _times;
        for (var i = 1; i <= Math.Min(_count, times.Length); i++)
        {
            if (nowNs - times[(_next - i + times.Length) % times.Length] >= windowNs) break;
            used++;
        }

        return used;
    }

    public bool HasRoom(long nowNs, long windowNs) => _count < _times.Length || nowNs - _times[_next] >= windowNs;

    /// <summary>Counts one message. Cancels are counted too, though never refused, and then push the oldest out.</summary>
    public void Add(long nowNs)
    {
        _times[_next] = nowNs;
        _next = _next + 1 == _times.Length ? 0 : _next + 1;
        if (_count < _times.Length) _count++;
    }

    /// <summary>Another limit; what was sent stays counted as far as it fits. Allocates: commands only.</summary>
    public void Resize(int messagesMax)
    {
        var kept = Math.Min(_count, messagesMax);
        var times = new long[messagesMax];
        for (var i = 0; i < kept; i++) times[i] = _times[(_next - kept + i + _times.Length) % _times.Length];
        _times = times;
        _count = kept;
        _next = kept % messagesMax;
    }

    /// <summary>Another time base has begun.</summary>
    public void Clear() => _count = _next = 0;
}
