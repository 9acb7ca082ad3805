using System.Diagnostics;
using System.Net.WebSockets;
using Penstock.Benchmarks.Baselines;
using Penstock.Benchmarks.Rig;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Sessions;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// The client's path, socket to canonical event, as fast as frames come: our feed session and decoder against the framework's ClientWebSocket and
/// source-generated DTOs, each reading from the same server. Both end with exact numbers; ours also validates all of the JSON.
/// </summary>
internal static class ClientRows
{
    public static IEnumerable<Row> Frames(bool quick)
    {
        using var server = new FrameServer();
        var bytesPerRead = 0L;
        var time = TimeSpan.FromMilliseconds(quick ? 200 : 600);
        var medians = Comparison.Medians(quick ? 5 : 9, () => Ours(server, time, out bytesPerRead), () => Framework(server, time),
            () => Socket(server, time));
        yield return new Row("client path", "frames/s", medians[0], medians[1], "ClientWebSocket + DTOs, same server", 10, Better.Higher,
            $"{server.MessageBytes} bytes a frame, 17 levels; bare socket reads of the same bytes {medians[2]:N0} frames/s; {bytesPerRead} bytes a read");
    }

    private static double Ours(FrameServer server, TimeSpan time, out long bytesPerRead)
    {
        var table = NodeRig.Market();
        var protocol = new BinanceVenue().CreateFeed(new FeedContext(new VenueId(1), table));
        var session = new FeedSession(
            new FeedSessionOptions { Name = "bench", Stream = new Uri(server.Address.GetLeftPart(UriPartial.Authority)), Instruments = table.All },
            protocol, null, MonotonicClock.Instance);
        var listener = new Decoding(protocol);
        session.Attach(listener);
        try
        {
            while (listener.Frames == 0) session.DoWork();
            var (before, start) = (listener.Frames, Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(start) < time) session.DoWork();
            bytesPerRead = session.LinkStatistics.Bytes / session.LinkStatistics.Reads;
            var rate = (listener.Frames - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            return listener.Refused == 0 && listener.Events > listener.Frames ? rate
                : throw new InvalidOperationException($"{listener.Refused} of {listener.Frames} documented messages were refused.");
        }
        finally
        {
            session.OnStop();
        }
    }

    private static double Framework(FrameServer server, TimeSpan time) => FrameworkAsync(server, time).GetAwaiter().GetResult();

    private static async Task<double> FrameworkAsync(FrameServer server, TimeSpan time)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(server.Address, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        var (frames, sink) = (0L, 0L);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += result.Count;
            }
            while (!result.EndOfMessage);
            sink += DepthDto.Parse(buffer.AsSpan(0, length));
            frames++;
        }

        GC.KeepAlive(sink);
        var rate = frames / Stopwatch.GetElapsedTime(start).TotalSeconds;
        socket.Abort();
        return rate;
    }

    /// <summary>What the machine gives at most: the bytes read, and nothing done with them.</summary>
    private static double Socket(FrameServer server, TimeSpan time)
    {
        using var client = new System.Net.Sockets.TcpClient(server.Address.Host, server.Address.Port);
        client.Client.Send(Penstock.Connectivity.Transport.WebSocketHandshake.Request(server.Address, "dGhlIHNhbXBsZSBub25jZQ==", []));
        var buffer = new byte[64 * 1024];
        var bytes = 0L;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time) bytes += client.Client.Receive(buffer);
        return bytes / (double)server.MessageBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Decodes what comes, as the ingest does first of all.</summary>
    private sealed class Decoding(IFeedProtocol protocol) : IFeedListener
    {
        private readonly FeedBatch _batch = new();

        public long Frames { get; private set; }

        public long Events { get; private set; }

        public long Refused { get; private set; }

        public void OnConnected(int connectionEpoch, long nowNs)
        {
        }

        public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
        {
            Frames++;
            _batch.Reset();
            if (protocol.Decode(frame, _batch) != QuarantineCause.None) Refused++;
            Events += _batch.Events.Length;
        }

        public void OnSnapshot(InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs)
        {
        }

        public void OnReadComplete(long nowNs)
        {
        }

        public void OnDisconnected(DisconnectReason reason, long nowNs)
        {
        }
    }
}
