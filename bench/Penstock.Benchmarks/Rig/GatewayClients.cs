using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// Clients of the gateway on plain sockets, as cheap as they can be: they count frames and what the gateway says it dropped, and answer pings. A
/// frozen one subscribes and never reads again.
/// </summary>
internal sealed class GatewayClients : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _readers = [];
    private long _messages;
    private long _bytes;
    private long _dropped;
    private long _ended;

    public long Messages => Interlocked.Read(ref _messages);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Messages the gateway says it evicted for those who read.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Readers whose connection ended.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>Connects one after another, as a crowd does.</summary>
    /// <param name="gateway">As `penstock serve` prints it.</param>
    /// <param name="token">A viewer's or better.</param>
    /// <param name="count">How many.</param>
    /// <param name="topics">What each subscribes.</param>
    /// <param name="isBinary">The compact form; the console takes the other one.</param>
    /// <param name="isFrozen">Never reads.</param>
    public void Add(Uri gateway, string token, int count, string[] topics, bool isBinary, bool isFrozen = false)
    {
        for (var i = 0; i < count; i++)
        {
            var socket = Connect(gateway, token, isBinary, isFrozen);
            _sockets.Add(socket);
            var names = string.Join(',', topics.Select(t => $"\"{t}\""));
            Send(socket, 1, Encoding.UTF8.GetBytes($$"""{"type":"subscribe","topics":[{{names}}],"hz":20}"""));
            if (!isFrozen) _readers.Add(Task.Run(() => ReadAsync(socket, isBinary)));
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
        Task.WhenAll(_readers).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
    }

    private static Socket Connect(Uri gateway, string token, bool isBinary, bool isFrozen)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (isFrozen) socket.ReceiveBufferSize = 4_096;
        socket.Connect(IPAddress.Loopback, gateway.Port);
        var path = isBinary ? "/ws/v1?format=binary" : "/ws/v1";
        socket.Send(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {gateway.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n"));
        // To the end of the head and no further: the first message may lie right behind it.
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (socket.Receive(one) == 0) throw new InvalidOperationException($"the gateway closed: {head}");
            head.Append((char)one[0]);
        }

        return head.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal) ? socket
            : throw new InvalidOperationException($"the gateway refused: {head.ToString().Split('\r')[0]}");
    }

    /// <summary>A whole masked frame; the mask is zero, which is as good a one as any.</summary>
    private static void Send(Socket socket, byte opcode, ReadOnlySpan<byte> payload)
    {
        var isLong = payload.Length > 125;
        var frame = new byte[(isLong ? 8 : 6) + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | (isLong ? 126 : payload.Length));
        if (isLong) BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        payload.CopyTo(frame.AsSpan(frame.Length - payload.Length));
        socket.Send(frame);
    }

    private async Task ReadAsync(Socket socket, bool isBinary)
    {
        var buffer = new byte[64 * 1024];
        var (have, skip) = (0, 0L);
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None).ConfigureAwait(false);
                if (read == 0) break;
                Interlocked.Add(ref _bytes, read);
                have += read;
                var at = Take(socket, buffer.AsSpan(0, have), isBinary, ref skip);
                buffer.AsSpan(at, have - at).CopyTo(buffer);
                have -= at;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed, by us at the end or by the gateway: counted.
        }

        Interlocked.Increment(ref _ended);
    }

    /// <summary>Takes whole frame heads with the few bytes that say what was dropped, and passes over the rest. How much was used.</summary>
    private int Take(Socket socket, ReadOnlySpan<byte> have, bool isBinary, ref long skip)
    {
        var at = (int)Math.Min(skip, have.Length);
        skip -= at;
        while (skip == 0 && have.Length - at >= 2)
        {
            var rest = have[at..];
            var length = rest[1] & 0x7F;
            var head = length switch { 126 => 4, 127 => 10, _ => 2 };
            if (rest.Length < head) break;
            var payload = length switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(rest[2..]), 127 => (int)BinaryPrimitives.ReadUInt64BigEndian(rest[2..]), _ => length,
            };
            var opcode = rest[0] & 0x0F;
            // A dropped count stands in the first bytes of a message; a ping has to be whole to be answered.
            var wanted = opcode == 9 ? payload : Math.Min(payload, 8);
            if (rest.Length < head + wanted) break;
            var body = rest.Slice(head, wanted);
            if (opcode == 9) Send(socket, 10, body);
            if (opcode is 1 or 2) Interlocked.Increment(ref _messages);
            if (opcode == 2 && isBinary && body.Length == 8) Interlocked.Add(ref _dropped, BinaryPrimitives.ReadUInt32LittleEndian(body[4..]));
            var whole = Math.Min(head + payload, rest.Length);
            skip = head + payload - whole;
            at += whole;
        }

        return at;
    }
}
