using System.Net;
using System.Net.Sockets;
using Penstock.Benchmarks.Baselines;
using Penstock.Connectivity.Transport;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A local WebSocket server that costs as little as one can: depth frames, encoded and framed once, sent round and round as fast as the socket
/// takes them, to one client at a time. A thread of its own, blocking sends of the whole lot.
/// </summary>
internal sealed class FrameServer : IDisposable
{
    private const int Messages = 2_000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _frames;
    private readonly Thread _thread;

    public FrameServer()
    {
        var messages = DepthMessages.Generate(Messages, 7);
        _frames = new byte[messages.Sum(m => WebSocketFraming.FrameBytes(m.Length, masked: false))];
        var at = 0;
        foreach (var message in messages) at += WebSocketFraming.WriteFrame(_frames.AsSpan(at), WebSocketOpcode.Text, message);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4);
        Address = new Uri($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/stream");
        MessageBytes = _frames.Length / Messages;
        _thread = new Thread(Serve) { IsBackground = true, Name = "frame-server" };
        _thread.Start();
    }

    public Uri Address { get; }

    /// <summary>Mean, framing included.</summary>
    public int MessageBytes { get; }

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join(2_000);
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                using var socket = _listener.Accept();
                BenchVenue.Upgrade(socket);
                while (true) socket.Send(_frames);
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket))
            {
                // The client has seen enough; the next one is waiting.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
