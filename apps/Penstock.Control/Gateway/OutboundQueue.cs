namespace Penstock.Control.Gateway;

/// <summary>
/// What one client still has to get (R39). Bounded in messages and in bytes; when it is full the oldest go, and the next message that leaves
/// says how many. Messages are shared, so a queue holds references and nothing else of its own. One writer, one reader.
/// </summary>
/// <param name="messagesMax">At most.</param>
/// <param name="bytesMax">At most, but one message always fits.</param>
internal sealed class OutboundQueue(int messagesMax = 64, int bytesMax = 1 << 20)
{
    private readonly LinkedList<(TopicMessage Message, Subscription? Of)> _messages = new();
    private readonly Lock _lock = new();
    private long _bytes;
    private long _untold;

    /// <summary>Messages evicted since the beginning.</summary>
    public long Dropped { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock) return _messages.Count;
        }
    }

    public long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    /// <summary>Never waits. What had to go to make room is marked at its subscription, which then begins with a snapshot.</summary>
    public void Add(TopicMessage message, Subscription? of)
    {
        lock (_lock)
        {
            while (_messages.First is { } oldest && (_messages.Count >= messagesMax || _bytes + message.Bytes.Length > bytesMax)) Evict(oldest);
            if (of is { NeedsSnapshot: true } && !message.IsSnapshot)
            {
                // The list this update continues was cut a moment ago, by its own eviction.
                CountDropped();
                return;
            }

            if (of is not null && message.IsSnapshot) of.NeedsSnapshot = false;
            _messages.AddLast((message, of));
            _bytes += message.Bytes.Length;
        }
    }

    /// <param name="message">The next one.</param>
    /// <param name="dropped">Evicted since the last one that was taken.</param>
    public bool TryTake(out TopicMessage message, out long dropped)
    {
        lock (_lock)
        {
            (message, dropped) = (null!, 0);
            if (_messages.First is not { } first) return false;
            message = first.Value.Message;
            _messages.RemoveFirst();
            _bytes -= message.Bytes.Length;
            // Answers to a request carry no count; the next message of a topic does.
            if (message.Topic.Length > 0) (dropped, _untold) = (_untold, 0);
            return true;
        }
    }

    /// <summary>What waits of a topic the client does not want any more.</summary>
    public void Forget(Subscription of)
    {
        lock (_lock)
        {
            RemoveAll(of, count: false);
        }
    }

    private void Evict(LinkedListNode<(TopicMessage Message, Subscription? Of)> oldest)
    {
        var of = oldest.Value.Of;
        Remove(oldest);
        CountDropped();
        if (of is null || !oldest.Value.Message.IsList) return;
        // Later rows of a list that has lost earlier ones would look whole: they go as well, and a snapshot comes.
        RemoveAll(of, count: true);
        of.NeedsSnapshot = true;
    }

    private void RemoveAll(Subscription of, bool count)
    {
        for (var node = _messages.First; node is not null;)
        {
            var next = node.Next;
            if (ReferenceEquals(node.Value.Of, of))
            {
                Remove(node);
                if (count) CountDropped();
            }

            node = next;
        }
    }

    private void Remove(LinkedListNode<(TopicMessage Message, Subscription? Of)> node)
    {
        _messages.Remove(node);
        _bytes -= node.Value.Message.Bytes.Length;
    }

    private void CountDropped()
    {
        _untold++;
        Dropped++;
    }
}
