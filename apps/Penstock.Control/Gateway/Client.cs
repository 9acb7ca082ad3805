using Penstock.Control.Security;

namespace Penstock.Control.Gateway;

/// <summary>One connection as the hub sees it: who, in which form, and what waits for it.</summary>
internal sealed class Client(Principal principal, bool isBinary, OutboundQueue queue)
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    public Principal Principal => principal;

    public bool IsBinary => isBinary;

    public OutboundQueue Queue => queue;

    /// <summary>By topic. The hub's thread.</summary>
    public Dictionary<string, Subscription> Subscriptions { get; } = [];

    /// <summary>Topics that wait for the node to say what there is. The hub's thread.</summary>
    public int Early { get; set; }

    /// <summary>Nothing is sent. The hub's thread.</summary>
    public bool IsPaused { get; set; }

    public bool IsGone { get; set; }

    /// <summary>Set by whoever ends the connection: the reason its close frame says.</summary>
    public CancellationTokenSource Ended { get; } = new();

    public void Send(TopicMessage message, Subscription? of = null)
    {
        queue.Add(message, of);
        Wake();
    }

    public void Wake()
    {
        try
        {
            if (_signal.CurrentCount == 0) _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke it in the same moment.
        }
    }

    public Task WaitAsync(CancellationToken cancel) => _signal.WaitAsync(cancel);
}
