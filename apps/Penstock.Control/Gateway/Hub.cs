using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Gateway;

/// <summary>
/// Brings topics to clients (R39, R40). Runs on the read models' thread, right behind them: a snapshot and the stream that follows it come from
/// the same state, so there is no hole between them to close. A topic is encoded once per rate and form, whatever the number of clients; a
/// client's queue takes a reference and never waits. Nothing a client does can be felt here.
/// </summary>
internal sealed class Hub(Func<string, ITopic?> find, IMonotonicClock clock, Func<Security.Principal, bool>? isStill = null,
    Func<bool>? isEarly = null) : IAgent
{
    /// <summary>Updates per second a client may ask for; the same rate shares the same bytes.</summary>
    public static readonly int[] Rates = [1, 2, 4, 5, 10, 20];

    public const int SubscriptionsMax = 128;

    private const long TickNs = 50_000_000;
    private const int RequestsMax = 65_536;

    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly Dictionary<(string Topic, int Hz), TopicChannel> _channels = [];
    private readonly HashSet<Client> _clients = [];
    private readonly List<(Client Client, string Topic, int Hz)> _early = [];
    private readonly Dictionary<(string Topic, bool IsBinary), TopicMessage> _snapshots = [];
    private long _nextTickNs;
    private long _nextCheckNs;
    private int _waiting;

    /// <summary>Everybody who gets one topic at one rate.</summary>
    private sealed class TopicChannel(string topic, int hz)
    {
        public string Topic => topic;
        public int Hz => hz;
        public List<Subscription> Subscriptions { get; } = [];
        public long Version { get; set; } = -1;
        public long DueNs { get; set; }
    }

    public string Role => "hub";

    /// <summary>From now to the next tick; the longest there is while nobody looks. The hub's thread.</summary>
    public long UntilTickNs => Clients == 0 ? long.MaxValue : _nextTickNs - clock.NowNs;

    /// <summary>Ends the thread's rest.</summary>
    public Action Wake { get; set; } = () => { };

    public int Clients { get; private set; }

    /// <summary>Messages encoded and messages handed to queues: their quotient is what sharing saves.</summary>
    public long Encoded { get; private set; }

    public long Queued { get; private set; }

    /// <summary>Evicted from queues of clients that have left, and of those that are here.</summary>
    public long Dropped => _droppedByGone + _clients.Sum(c => c.Queue.Dropped);

    private long _droppedByGone;

    /// <summary>Somebody looks at a topic of this name, or at one that begins with it and a colon.</summary>
    public bool IsWatched(string topic) => _channels.Any(c => c.Value.Subscriptions.Count > 0 && c.Key.Topic == topic);

    public void Add(Client client) => Request(() =>
    {
        _clients.Add(client);
        Clients = _clients.Count;
    });

    public void Remove(Client client) => _requests.Enqueue(() =>
    {
        client.IsGone = true;
        foreach (var subscription in client.Subscriptions.Values) Leave(subscription);
        client.Subscriptions.Clear();
        _early.RemoveAll(e => e.Client == client);
        if (_clients.Remove(client)) _droppedByGone += client.Queue.Dropped;
        Clients = _clients.Count;
    });

    /// <returns>False when more requests wait than any honest crowd has: the connection is to be closed.</returns>
    public bool Subscribe(Client client, IReadOnlyList<string> topics, int hz) => Request(() =>
    {
        foreach (var topic in topics) Join(client, topic, hz);
    });

    public bool Unsubscribe(Client client, IReadOnlyList<string> topics) => Request(() =>
    {
        foreach (var topic in topics)
        {
            if (!client.Subscriptions.Remove(topic, out var subscription)) continue;
            Leave(subscription);
            client.Queue.Forget(subscription);
        }
    });

    public bool Pause(Client client) => Request(() => client.IsPaused = true);

    public bool Resume(Client client) => Request(() =>
    {
        if (!client.IsPaused) return;
        client.IsPaused = false;
        foreach (var subscription in client.Subscriptions.Values)
        {
            subscription.NeedsSnapshot = true;
            SendSnapshot(subscription);
        }
    });

    public int DoWork()
    {
        _snapshots.Clear();
        var work = 0;
        while (_requests.TryDequeue(out var request))
        {
            Interlocked.Decrement(ref _waiting);
            request();
            work++;
        }

        var now = clock.NowNs;
        if (now < _nextTickNs) return work;
        // On the grid: a tick that comes late does not make the next ones late.
        _nextTickNs = Math.Max(_nextTickNs + TickNs, now + TickNs / 2);
        _snapshots.Clear();
        if (now >= _nextCheckNs) CutOff(now);
        foreach (var channel in _channels.Values)
        {
            if (channel.Subscriptions.Count > 0 && now >= channel.DueNs) work += Publish(channel, now);
        }

        return work;
    }

    public static int RateFor(int asked, int most)
    {
        var rate = Rates[0];
        foreach (var one in Rates)
        {
            if (one <= asked && one <= most) rate = one;
        }

        return rate;
    }

    /// <summary>Whose token was taken away is not served on.</summary>
    private void CutOff(long now)
    {
        _nextCheckNs = now + 1_000_000_000;
        JoinEarly();
        if (isStill is null) return;
        foreach (var client in _clients)
        {
            if (!client.IsGone && !isStill(client.Principal)) _ = client.Ended.CancelAsync();
        }
    }

    /// <summary>Before the node has said which instruments there are, nobody's wish for one is wrong: it waits.</summary>
    private void JoinEarly()
    {
        if (_early.Count == 0 || isEarly?.Invoke() == true) return;
        foreach (var (client, topic, hz) in _early)
        {
            client.Early--;
            Join(client, topic, hz);
        }

        _early.Clear();
    }

    private bool Request(Action request)
    {
        if (Interlocked.Increment(ref _waiting) > RequestsMax)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        _requests.Enqueue(request);
        Wake();
        return true;
    }

    private void Join(Client client, string name, int hz)
    {
        if (client.IsGone) return;
        if (find(name) is not { } topic)
        {
            if (isEarly?.Invoke() == true && client.Early < SubscriptionsMax)
            {
                client.Early++;
                _early.Add((client, name, hz));
                return;
            }

            client.Send(TopicMessage.Control(Error($"there is no topic '{JsonText.OneLine(name)}'", name), client.IsBinary));
            return;
        }

        if (client.Subscriptions.Remove(name, out var old)) Leave(old);
        if (client.Subscriptions.Count >= SubscriptionsMax)
        {
            client.Send(TopicMessage.Control(Error($"a connection has {SubscriptionsMax} topics at most", name), client.IsBinary));
            return;
        }

        var subscription = new Subscription(client, name, RateFor(hz, topic.HzMax));
        client.Subscriptions.Add(name, subscription);
        if (!_channels.TryGetValue((name, subscription.Hz), out var channel))
            _channels[(name, subscription.Hz)] = channel = new TopicChannel(name, subscription.Hz);
        // Alone so far: what was told before concerns nobody.
        if (channel.Subscriptions.Count == 0) channel.Version = topic.Version;
        channel.Subscriptions.Add(subscription);
        SendSnapshot(subscription);
    }

    private void Leave(Subscription subscription)
    {
        if (!_channels.TryGetValue((subscription.Topic, subscription.Hz), out var channel)) return;
        channel.Subscriptions.Remove(subscription);
        if (channel.Subscriptions.Count == 0) _channels.Remove((subscription.Topic, subscription.Hz));
    }

    private void SendSnapshot(Subscription subscription)
    {
        var client = subscription.Client;
        if (client.IsPaused || find(subscription.Topic) is not { } topic) return;
        if (!_snapshots.TryGetValue((topic.Name, client.IsBinary), out var message))
        {
            message = _snapshots[(topic.Name, client.IsBinary)] = TopicMessage.Of(topic, ITopic.FromNothing, client.IsBinary);
            Encoded++;
        }

        client.Send(message, subscription);
        Queued++;
    }

    private int Publish(TopicChannel channel, long now)
    {
        if (find(channel.Topic) is not { } topic) return 0;
        if (topic.Version == channel.Version) return 0;
        // On the grid of its rate: a late tick does not make the next one later.
        channel.DueNs = Math.Max(channel.DueNs + 1_000_000_000 / channel.Hz, now + 1_000_000_000 / channel.Hz - TickNs);
        var isWhole = topic.CanUpdate(channel.Version) && channel.Version <= topic.Version;
        TopicMessage? json = null, binary = null;
        foreach (var subscription in channel.Subscriptions)
        {
            var client = subscription.Client;
            if (client.IsPaused) continue;
            if (subscription.NeedsSnapshot || !isWhole)
            {
                SendSnapshot(subscription);
                continue;
            }

            ref var message = ref client.IsBinary ? ref binary : ref json;
            if (message is null)
            {
                message = TopicMessage.Of(topic, Math.Max(0, channel.Version), client.IsBinary);
                Encoded++;
            }

            client.Send(message, subscription);
            Queued++;
        }

        channel.Version = topic.Version;
        return channel.Subscriptions.Count;
    }

    private static byte[] Error(string detail, string topic) =>
        System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "error", ["detail"] = detail, ["topic"] = topic }.ToJsonString());
}
