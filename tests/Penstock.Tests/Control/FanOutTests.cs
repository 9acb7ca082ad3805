using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>
/// Many clients over real sockets, some of them frozen: they subscribe and never read again. The others get every row they were promised; a frozen
/// one holds its bound and is told what it lost when it wakes. 100 clients here, 1,000 with PENSTOCK_LONG=1.
/// </summary>
public sealed class FanOutTests(ITestOutputHelper output)
{
    /// <summary>Enough of these fill what kernel and server hold of a client that does not read.</summary>
    private static readonly string Filler = new('x', 10_000);

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1";

    [Fact]
    [Trait("requirement", "R39")]
    public async Task Frozen_clients_cost_the_others_nothing_and_hold_a_bounded_queue()
    {
        var (count, frozen, rows) = IsLong ? (1_000, 100, 200) : (100, 10, 120);
        await using var world = await ControlWorld.StartAsync();
        var models = world.Host.Models;
        var state = new StateTopic("load", 20);
        // Topics are added before anybody asks for them; the thread that finds them is the one that makes them.
        await models.AskAsync(() => models.AddTopic(state), TestContext.Current.CancellationToken);
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < count; i++)
        {
            var socket = await world.ConnectAsync(world[AccessRole.Viewer]);
            sockets.Add(socket);
            await socket.SayAsync("""{"type":"subscribe","topics":["events","load"],"hz":20}""");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var readers = sockets.Skip(frozen).Select(s => ReadAsync(s, rows, stop.Token)).ToList();
        var before = GC.GetTotalMemory(forceFullCollection: false);
        var watch = Stopwatch.StartNew();
        using (var cadence = new PeriodicTimer(TimeSpan.FromMilliseconds(50)))
        {
            for (var row = 0; row < rows; row++)
            {
                await cadence.WaitForNextTickAsync(TestContext.Current.CancellationToken);
                var text = $"row {row} happened";
                await models.AskAsync(() =>
                {
                    models.Journal.Events.Add("info", "node", text, 0);
                    state.Set(JsonNode.Parse($$"""{"row":{{row}},"filler":"{{Filler}}"}""")!);
                }, TestContext.Current.CancellationToken);
            }
        }

        stop.CancelAfter(TimeSpan.FromSeconds(IsLong ? 120 : 30));
        var results = await Task.WhenAll(readers);
        output.WriteLine($"{count} clients, {frozen} frozen: {watch.ElapsedMilliseconds} ms, encoded {world.Host.Hub.Encoded}, queued {world.Host.Hub.Queued}, " +
            $"dropped {world.Host.Hub.Dropped}, managed memory +{(GC.GetTotalMemory(false) - before) >> 10} KiB");
        Assert.All(results, r => Assert.Equal(rows, r));
        Assert.Equal(count, world.Host.Hub.Clients);
        var (lost, newest) = await WakeAsync(sockets[0], rows);
        output.WriteLine($"a frozen client was told of {lost} messages it lost and then had row {newest}");
        Assert.True(lost > 0);
        Assert.True(world.Host.Hub.Dropped >= lost * frozen / 2, $"{world.Host.Hub.Dropped}");
        Assert.Equal(rows - 1, newest);
        // One encoding per topic and tick, whatever the number of clients.
        Assert.True(world.Host.Hub.Encoded < world.Host.Hub.Queued / 10, $"{world.Host.Hub.Encoded} of {world.Host.Hub.Queued}");
        foreach (var socket in sockets) socket.Dispose();
    }

    /// <summary>Reads what waits until the newest row is there: how many messages it is told it lost.</summary>
    private static async Task<(long Lost, int Newest)> WakeAsync(ClientWebSocket socket, int rows)
    {
        var (lost, newest) = (0L, -1);
        while (newest < rows - 1)
        {
            var heard = (await socket.HearAsync())!;
            lost += heard["dropped"]?.GetValue<long>() ?? 0;
            if ((string?)heard["topic"] != "load" || heard["data"] is not JsonObject data) continue;
            newest = data["row"]!.GetValue<int>();
        }

        return (lost, newest);
    }

    /// <summary>The highest row reached with none missing before it, whether it came in a snapshot or in updates.</summary>
    private static async Task<int> ReadAsync(ClientWebSocket socket, int rows, CancellationToken cancel)
    {
        var (last, next) = (0L, 0);
        var isFirst = true;
        var buffer = new byte[256 * 1024];
        var all = new MemoryStream();
        while (next < rows)
        {
            all.SetLength(0);
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer, cancel);
                all.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            var json = JsonNode.Parse(all.GetBuffer().AsSpan(0, (int)all.Length))!;
            if ((string?)json["topic"] != "events") continue;
            if ((string?)json["type"] == "update" && json["prev"]!.GetValue<long>() > last) return -1;
            if (!isFirst && (string?)json["type"] == "snapshot") return -2;
            isFirst = false;
            last = json["seq"]!.GetValue<long>();
            foreach (var row in json["data"]!.AsArray())
            {
                if (((string?)row!["text"])!.StartsWith($"row {next} ", StringComparison.Ordinal)) next++;
            }
        }

        return next;
    }
}
