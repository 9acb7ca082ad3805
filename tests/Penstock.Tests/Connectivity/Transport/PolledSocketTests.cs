using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

public class PolledSocketTests
{
    private const int Rounds = 50;

    [Fact, Trait("requirement", "R107")]
    public void A_read_leaves_its_acknowledgement_to_the_next_step_and_that_gives_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("TCP_QUICKACK and TCP_INFO are Linux's.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var socket = new PolledSocket("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        socket.BeginConnect();
        using var peer = listener.Accept();
        peer.NoDelay = true;
        LoopbackServer.Until(() => socket.State == ChannelState.Open, socket.Step);

        var buffer = new byte[IByteChannel.ReceiveBytesMin];
        var owed = 0;
        for (var round = 0; round < Rounds; round++)
        {
            peer.Send(new byte[600]);
            var received = 0;
            LoopbackServer.Until(() => received > 0, () => received = socket.Receive(buffer));
            if (Unacknowledged(peer) > 0) owed++;
            Assert.Equal(0, socket.Receive(buffer));
            Assert.Equal(0u, Unacknowledged(peer));
        }

        // All but the first few, where the kernel is quick on its own; fewer when this thread was kept waiting for 40 ms each time.
        Assert.True(owed > Rounds / 2, $"Only {owed} of {Rounds} reads left their acknowledgement to the next.");
    }

    [Fact]
    public void Reading_and_acknowledging_allocate_nothing()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var socket = new PolledSocket("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        socket.BeginConnect();
        using var peer = listener.Accept();
        LoopbackServer.Until(() => socket.State == ChannelState.Open, socket.Step);

        var (buffer, message) = (new byte[IByteChannel.ReceiveBytesMin], new byte[600]);
        long before = 0;
        for (var round = 0; round < 2 * Rounds; round++)
        {
            if (round == Rounds) before = GC.GetAllocatedBytesForCurrentThread();
            peer.Send(message, SocketFlags.None, out _);
            var started = Stopwatch.GetTimestamp();
            while (socket.Receive(buffer) == 0 && Stopwatch.GetElapsedTime(started).TotalSeconds < 30) Thread.Yield();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Segments the kernel of the peer still waits to see acknowledged: tcpi_unacked of TCP_INFO.</summary>
    private static uint Unacknowledged(Socket peer)
    {
        Span<byte> info = stackalloc byte[104];
        peer.GetRawSocketOption(6, 11, info);
        return BinaryPrimitives.ReadUInt32LittleEndian(info[24..]);
    }
}
