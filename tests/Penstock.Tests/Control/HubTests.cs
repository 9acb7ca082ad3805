using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.Gateway;
using Penstock.Control.ReadModels;
using Penstock.Control.Security;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Control;

/// <summary>The hub and its queues, stepped by hand: what a client is promised, it gets, and a client that stands still costs what its queue
/// holds.</summary>
public sealed class HubTests
{
    private static readonly Principal Viewer = new("v", AccessRole.Viewer);

    private readonly ManualClock _clock = new();
    private readonly RowLog _log = new("fills", 1_000, 100, 20);
    private readonly StateTopic _state = new("bbo", 20);
    private readonly Hub _hub;

    public HubTests() => _hub = new Hub(name => name switch { "fills" => _log, "bbo" => _state, _ => null }, _clock);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("requirement", "R40")]
    public void Whenever_a_client_joins_snapshot_and_updates_together_are_everything_without_a_hole(int seed)
    {
        var random = new Random(seed);
        var clients = new List<(Client Client, List<long> Rows, long Seq)>();
        for (var step = 0; step < 400; step++)
        {
            for (var i = random.Next(4); i > 0; i--) _log.Add(json => json.WriteNumber("x"u8, 1));
            if (random.Next(10) == 0)
            {
                var client = Join(new OutboundQueue(), Hub.Rates[random.Next(Hub.Rates.Length)], "fills");
                clients.Add((client, [], 0));
            }

            Step(random.Next(1, 200));
            for (var c = 0; c < clients.Count; c++) clients[c] = Read(clients[c]);
        }

        Step(2_000);
        foreach (var one in clients)
        {
            var (_, rows, seq) = Read(one);
            Assert.Equal(_log.Version, seq);
            Assert.Equal(Enumerable.Range(0, rows.Count).Select(i => rows[0] + i), rows);
            Assert.Equal(_log.Version, rows[^1]);
        }

        Assert.NotEmpty(clients);
    }

    [Fact]
    [Trait("requirement", "R39")]
    [Trait("attack", "Q01")]
    public void A_client_that_stands_still_holds_its_bound_is_told_what_it_lost_and_gets_a_whole_list_again()
    {
        var queue = new OutboundQueue(messagesMax: 8, bytesMax: 1 << 20);
        var client = Join(queue, 20, "fills", "bbo");
        var other = Join(new OutboundQueue(), 20, "fills");
        var otherRows = (Client: other, Rows: new List<long>(), Seq: 0L);
        for (var i = 0; i < 500; i++)
        {
            _log.Add(json => json.WriteNumber("x"u8, 1));
            _state.Set(JsonNode.Parse($"{i}")!);
            Step(50);
            otherRows = Read(otherRows);
            Assert.InRange(queue.Count, 0, 8);
        }

        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), otherRows.Rows);
        Assert.Equal(0, other.Queue.Dropped);
        var (told, lastState, rows) = (0L, "", new List<long>());
        while (queue.TryTake(out var message, out var dropped))
        {
            told += dropped;
            var json = JsonNode.Parse(message.Bytes)!;
            if (message.Topic == "bbo") lastState = json["data"]!.ToJsonString();
            else rows = Follow(rows, json, message);
        }

        Assert.Equal(queue.Dropped, told);
        Assert.True(told > 900, $"{told}");
        Assert.Equal("499", lastState);
        Assert.Equal(500, rows[^1]);
        Assert.Equal(Enumerable.Range(0, rows.Count).Select(i => rows[0] + i), rows);
    }

    [Fact]
    [Trait("requirement", "R39")]
    public void A_topic_is_encoded_once_whatever_the_number_of_clients()
    {
        var clients = Enumerable.Range(0, 500).Select(_ => Join(new OutboundQueue(), 20, "bbo")).ToList();
        var before = _hub.Encoded;
        _state.Set(JsonNode.Parse("1")!);
        Step(50);
        Assert.Equal(before + 1, _hub.Encoded);
        var messages = clients.Select(c =>
        {
            TopicMessage? last = null;
            while (c.Queue.TryTake(out var message, out _)) last = message;
            return last;
        }).ToList();
        Assert.All(messages, m => Assert.Same(messages[0]!.Bytes, m!.Bytes));
    }

    [Theory]
    [InlineData(20, 20, 100)]
    [InlineData(5, 5, 25)]
    [InlineData(1, 1, 5)]
    [InlineData(3, 2, 10)]
    [InlineData(0, 1, 5)]
    public void Updates_come_as_often_as_was_asked_and_the_last_one_is_the_newest(int asked, int given, int expected)
    {
        Assert.Equal(given, Hub.RateFor(asked, 20));
        var client = Join(new OutboundQueue(messagesMax: 1_000), asked, "bbo");
        while (client.Queue.TryTake(out _, out _))
        {
        }

        for (var i = 0; i < 500; i++)
        {
            _state.Set(JsonNode.Parse($"{i}")!);
            Step(10);
        }

        Step(1_000);
        var (count, last) = (0, "");
        while (client.Queue.TryTake(out var message, out _))
        {
            count++;
            last = JsonNode.Parse(message.Bytes)!["data"]!.ToJsonString();
        }

        Assert.InRange(count, expected - 1, expected + 2);
        Assert.Equal("499", last);
    }

    [Fact]
    public void A_paused_client_gets_nothing_and_on_resume_a_snapshot()
    {
        var client = Join(new OutboundQueue(), 20, "fills");
        _log.Add(_ => { });
        Step(50);
        var rows = Read((client, [], 0));
        _hub.Pause(client);
        for (var i = 0; i < 100; i++)
        {
            _log.Add(_ => { });
            Step(50);
        }

        Assert.Equal(0, client.Queue.Count);
        _hub.Resume(client);
        Step(50);
        var (_, after, seq) = Read((client, rows.Rows, rows.Seq));
        Assert.Equal(101, seq);
        Assert.Equal(101, after[^1]);
    }

    [Fact]
    public void A_wish_from_before_the_node_has_said_what_there_is_waits_and_is_granted()
    {
        var isEarly = true;
        var hub = new Hub(name => isEarly || name != "fills" ? null : _log, _clock, isEarly: () => isEarly);
        var client = new Client(Viewer, isBinary: false, new OutboundQueue());
        hub.Add(client);
        hub.Subscribe(client, ["fills", "nonsense"], 20);
        hub.DoWork();
        Assert.Equal(0, client.Queue.Count);
        isEarly = false;
        _clock.AdvanceMs(1_000);
        hub.DoWork();
        Assert.True(client.Queue.TryTake(out var first, out _));
        Assert.True(client.Queue.TryTake(out var second, out _));
        Assert.Equal("fills", first.Topic);
        Assert.Contains("nonsense", System.Text.Encoding.UTF8.GetString(second.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_leaves_leaves_nothing_behind()
    {
        var clients = Enumerable.Range(0, 100).Select(_ => Join(new OutboundQueue(), 20, "bbo", "fills")).ToList();
        foreach (var client in clients) _hub.Remove(client);
        Step(50);
        Assert.Equal(0, _hub.Clients);
        Assert.False(_hub.IsWatched("bbo"));
        var queued = _hub.Queued;
        _state.Set(JsonNode.Parse("7")!);
        Step(50);
        Assert.Equal(queued, _hub.Queued);
    }

    [Fact]
    public void The_head_with_the_clients_own_count_and_the_shared_rest_are_one_message()
    {
        _state.Set(JsonNode.Parse("[1]")!);
        var message = TopicMessage.Of(_state, ITopic.FromNothing, isBinary: false);
        var joined = JsonNode.Parse((byte[])[.. message.HeadWith(12), .. message.Bytes.AsSpan(message.HeadBytes)])!;
        Assert.Equal((12, "[1]"), ((int)joined["dropped"]!, joined["data"]!.ToJsonString()));
        var binary = TopicMessage.Of(_state, ITopic.FromNothing, isBinary: true);
        var head = binary.HeadWith(12);
        Assert.Equal(12u, BitConverter.ToUInt32(head, 4));
        Assert.Equal("[1]"u8.ToArray(), binary.Bytes[binary.HeadBytes..]);
    }

    private Client Join(OutboundQueue queue, int hz, params string[] topics)
    {
        var client = new Client(Viewer, isBinary: false, queue);
        _hub.Add(client);
        _hub.Subscribe(client, topics, hz);
        _hub.DoWork();
        return client;
    }

    private void Step(int milliseconds)
    {
        _clock.AdvanceMs(milliseconds);
        _hub.DoWork();
    }

    private static (Client Client, List<long> Rows, long Seq) Read((Client Client, List<long> Rows, long Seq) known)
    {
        var (client, rows, seq) = known;
        while (client.Queue.TryTake(out var message, out var dropped))
        {
            Assert.Equal(0, dropped);
            if (!message.IsSnapshot) Assert.True(message.Previous <= seq, $"{message.Previous} follows {seq}");
            rows = Follow(rows, JsonNode.Parse(message.Bytes)!, message);
            seq = message.Seq;
        }

        return (client, rows, seq);
    }

    /// <summary>As a client does: a snapshot replaces, an update adds the rows it does not have.</summary>
    private static List<long> Follow(List<long> rows, JsonNode json, TopicMessage message)
    {
        var told = json["data"]!.AsArray().Select(r => r!["n"]!.GetValue<long>()).ToList();
        if (message.IsSnapshot) return told;
        rows.AddRange(told.Where(n => rows.Count == 0 || n > rows[^1]));
        return rows;
    }
}
