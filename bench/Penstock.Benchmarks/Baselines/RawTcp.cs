using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// The floor under every tick-to-trade figure: two threads that busy-poll non-blocking loopback sockets, sending 600 bytes
/// one way and 200 back, doing nothing else.
/// </summary>
internal static class RawTcp
{
    /// <summary>Round-trip times in nanoseconds.</summary>
    public static long[] RoundTrips(int count, int bytesDown, int bytesUp)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndPoint!);
        using var server = listener.Accept();
        server.NoDelay = true;
        client.Blocking = server.Blocking = false;

        var answering = new Thread(() =>
        {
            var buffer = new byte[bytesDown];
            var answer = new byte[bytesUp];
            for (var i = 0; i < count; i++)
            {
                ReceiveExactly(client, buffer);
                SendAll(client, answer);
            }
        });
        answering.Start();
        var times = new long[count];
        var down = new byte[bytesDown];
        var up = new byte[bytesUp];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            SendAll(server, down);
            ReceiveExactly(server, up);
            times[i] = Stopwatch.GetElapsedTime(start).Ticks * 100;
        }

        answering.Join();
        return times;
    }

    public static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock)) throw new SocketException((int)error);
            bytes = bytes[Math.Max(sent, 0)..];
        }
    }

    public static void ReceiveExactly(Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var received = socket.Receive(bytes, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) continue;
            if (error != SocketError.Success || received == 0) throw new SocketException((int)error);
            bytes = bytes[received..];
        }
    }
}
