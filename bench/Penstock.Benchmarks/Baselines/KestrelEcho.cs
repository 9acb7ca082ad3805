using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Penstock.Benchmarks.Baselines;

/// <summary>The same exchange of messages between the framework's own WebSocket client and server.</summary>
internal static class KestrelEcho
{
    /// <summary>Round-trip times in nanoseconds, seen from the server: 600 bytes down, 200 back.</summary>
    public static long[] RoundTrips(int count, int bytesDown, int bytesUp) => RoundTripsAsync(count, bytesDown, bytesUp).GetAwaiter().GetResult();

    private static async Task<long[]> RoundTripsAsync(int count, int bytesDown, int bytesUp)
    {
        var times = new long[count];
        var done = new TaskCompletionSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var web = builder.Build();
        web.UseWebSockets();
        web.Map("/", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var down = new byte[bytesDown];
            var up = new byte[4096];
            for (var i = 0; i < count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await socket.SendAsync(down.AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
                await socket.ReceiveAsync(up.AsMemory(), CancellationToken.None);
                times[i] = Stopwatch.GetElapsedTime(start).Ticks * 100;
            }

            done.SetResult();
        });
        await web.StartAsync();
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(web.Urls.First().Replace("http", "ws", StringComparison.Ordinal)), CancellationToken.None);
        var received = new byte[4096];
        var answer = new byte[bytesUp];
        for (var i = 0; i < count; i++)
        {
            await client.ReceiveAsync(received.AsMemory(), CancellationToken.None);
            await client.SendAsync(answer.AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
        }

        await done.Task;
        client.Abort();
        return times;
    }
}
