using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

public class SocketParkTests
{
    [Fact]
    [Trait("requirement", "R111")]
    public void A_parked_thread_wakes_for_bytes_and_otherwise_after_ten_milliseconds_at_most()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "This system has no poll(2).");
        using var server = new LoopbackServer();
        using var socket = new PolledSocket("127.0.0.1", server.Port);
        var park = new SocketPark();
        park.Add(socket);
        Assert.Equal(0, park.Await(0));
        socket.BeginConnect();
        LoopbackServer.Until(() => socket.State == ChannelState.Open && server.Connections.Count == 1, socket.Step, server.Step);

        // Asked to rest for as long as there is, it comes back with nothing: its own limit ends a rest.
        Assert.Equal(10, SocketPark.RestMsMax);
        Assert.Equal((0, 2L), (park.Await(int.MaxValue), park.Rests));

        server.Last.SendRaw("x"u8);
        Assert.Equal(1, park.Await(10));
        Assert.Equal(1, socket.Receive(new byte[IByteChannel.ReceiveBytesMin]));
        Assert.Equal(0, park.Await(0));
        Assert.Equal(0, WebSocketConnectionTests.AllocatedBytes(() =>
        {
            for (var i = 0; i < 1000; i++) park.Await(0);
        }));
        server.Last.Dispose();
        Assert.Equal(1, park.Await(10));
        socket.Receive(new byte[IByteChannel.ReceiveBytesMin]);
        Assert.Equal((ChannelState.Closed, SocketFailure.ClosedByPeer), (socket.State, socket.Failure));
        Assert.Equal(0, park.Await(0));
    }

    [Fact]
    [Trait("requirement", "R107")]
    public void An_open_socket_has_the_options_it_promises()
    {
        using var server = new LoopbackServer();
        using var socket = new PolledSocket("localhost", server.Port);
        socket.BeginConnect();
        LoopbackServer.Until(() => socket.State == ChannelState.Open, socket.Step, server.Step);
        Assert.True(socket.IsNoDelay);
        // The kernel may cap, or double, what was asked for.
        Assert.InRange(socket.KernelReceiveBytes, 100 * 1024, int.MaxValue);
    }
}
