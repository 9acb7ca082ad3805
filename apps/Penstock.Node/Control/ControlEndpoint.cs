using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Node.Control;

/// <summary>
/// The node's command socket: a Unix socket in the data folder, one JSON line in, one out. It runs on its own threads and
/// only ever enqueues; the trading thread applies commands between events and journals them with who and why (R72, R81).
/// </summary>
public sealed class ControlEndpoint : IDisposable
{
    /// <summary>A command line longer than this is refused; the longest real one is well below 1 KB.</summary>
    internal const int LineBytesMax = 64 * 1024;

    internal const int ConnectionsMax = 32;

    private readonly Socket _listener;
    private readonly Func<JsonObject, JsonObject> _handle;
    private readonly CancellationTokenSource _stop = new();
    private int _connections;
    private long _commands;
    private long _refused;
    private long _connectionsRefused;

    /// <param name="path">Where the socket is created; a stale one of a dead node is replaced.</param>
    /// <param name="handle">Answers one command; called on a pool thread.</param>
    public ControlEndpoint(string path, Func<JsonObject, JsonObject> handle)
    {
        SocketPath = path;
        _handle = handle;
        File.Delete(path);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Room for a burst: a full backlog refuses a connection before anybody can say why.
        _listener.Listen(4 * ConnectionsMax);
        _ = AcceptAsync();
    }

    public string SocketPath { get; }

    /// <summary>Lines answered, refusals included.</summary>
    public long Commands => Interlocked.Read(ref _commands);

    /// <summary>Of these, answered with a refusal.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Connections closed unheard because too many were open.</summary>
    public long ConnectionsRefused => Interlocked.Read(ref _connectionsRefused);

    /// <summary>Socket paths have 107 bytes at most; a long data folder gets a short path in the temporary folder.</summary>
    public static string PathFor(string dataFolder)
    {
        var natural = Path.Combine(dataFolder, "ctl.sock");
        return Encoding.UTF8.GetByteCount(natural) <= 100 ? natural : Path.Combine(Path.GetTempPath(), $"penstock-{System.Environment.ProcessId}.sock");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        File.Delete(SocketPath);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (Interlocked.Increment(ref _connections) > ConnectionsMax)
                {
                    Interlocked.Decrement(ref _connections);
                    Interlocked.Increment(ref _connectionsRefused);
                    connection.Dispose();
                    continue;
                }

                _ = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed: the node stops.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            var line = await ReadLineAsync(stream, limit.Token).ConfigureAwait(false);
            if (line is null) return;
            var answer = line.Length > LineBytesMax ? Refusal($"a command has at most {LineBytesMax} bytes") : Answer(line);
            Interlocked.Increment(ref _commands);
            if (answer.ContainsKey("error")) Interlocked.Increment(ref _refused);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString() + "\n"), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The asker left; nobody is waiting for the answer.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private JsonObject Answer(byte[] line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject command ? _handle(command) : Refusal("a command is one JSON object on one line");
        }
        catch (JsonException e)
        {
            return Refusal($"not JSON: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            return Refusal($"a value has the wrong type, or a name stands twice: {e.Message}");
        }
        catch (Exception e)
        {
            // The boundary to whoever connects: a fault of ours is told, and costs the node nothing.
            return Refusal($"the node could not answer, which is its own fault: {e.GetType().Name}: {e.Message}");
        }
    }

    public static JsonObject Refusal(string why) => new() { ["error"] = why };

    /// <summary>A line without its end; longer than allowed (and cut) when it is too long; null when nothing came.</summary>
    private static async Task<byte[]?> ReadLineAsync(NetworkStream stream, CancellationToken cancel)
    {
        var buffer = new byte[4096];
        var line = new MemoryStream();
        while (line.Length <= LineBytesMax)
        {
            var read = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false);
            var end = Array.IndexOf(buffer, (byte)'\n', 0, read);
            line.Write(buffer, 0, end >= 0 ? end : read);
            if (end >= 0) return line.ToArray();
            if (read == 0) return line.Length > 0 ? line.ToArray() : null;
        }

        return line.ToArray();
    }
}
