using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>Deltas held back for a snapshot, with their events and receive stamps. Grows to its bound and keeps its memory.</summary>
internal sealed class DeltaBuffer(int messagesMax, int eventsMax)
{
    private FeedMessage[] _messages = new FeedMessage[16];
    private long[] _receivedNs = new long[16];
    private MarketEvent[] _events = new MarketEvent[64];
    private int _first;
    private int _count;
    private int _eventCount;

    public int Count => _count - _first;

    public ref readonly FeedMessage First => ref _messages[_first];

    /// <summary>Copies the message and its events; false when a bound is reached.</summary>
    public bool TryAdd(in FeedMessage message, ReadOnlySpan<MarketEvent> events, long receivedNs)
    {
        if (Count >= messagesMax || _eventCount + events.Length > eventsMax) return false;
        if (_count == _messages.Length)
        {
            Array.Resize(ref _messages, _count * 2);
            Array.Resize(ref _receivedNs, _count * 2);
        }

        if (_eventCount + events.Length > _events.Length)
            Array.Resize(ref _events, Math.Max(_events.Length * 2, _eventCount + events.Length));
        events.CopyTo(_events.AsSpan(_eventCount));
        ref var added = ref _messages[_count];
        added = message;
        added.Start = _eventCount;
        added.Count = events.Length;
        _receivedNs[_count++] = receivedNs;
        _eventCount += events.Length;
        return true;
    }

    /// <summary>Takes the oldest out; the span is valid until something is added.</summary>
    public Span<MarketEvent> Take(out FeedMessage message, out long receivedNs)
    {
        message = _messages[_first];
        receivedNs = _receivedNs[_first++];
        return _events.AsSpan(message.Start, message.Count);
    }

    public void Clear() => _first = _count = _eventCount = 0;
}
