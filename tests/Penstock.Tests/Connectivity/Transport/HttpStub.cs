using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Penstock.Tests.Connectivity.Transport;

/// <summary>An HTTP/1.1 server on loopback with its own threads: one answer per request, from a function.</summary>
internal sealed class HttpStub : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]?> _answer;

    /// <param name="answer">Request line to whole response; null never answers.</param>
    public HttpStub(Func<string, byte[]?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(Accept);
    }

    public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Whole requests, head and body.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static byte[] Response(int status, string body, string headers = "") => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public void Dispose() => _listener.Stop();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(() => Serve(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var buffer = new byte[64 * 1024];
                var text = "";
                for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
                {
                    text += Encoding.UTF8.GetString(buffer, 0, read);
                    var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                    if (end < 0) continue;
                    var length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
                    if (text.Length < end + 4 + (length is null ? 0 : int.Parse(length[16..], System.Globalization.CultureInfo.InvariantCulture))) continue;
                    Requests.Enqueue(text);
                    var line = text[..text.IndexOf("\r\n", StringComparison.Ordinal)];
                    text = "";
                    if (_answer(line) is { } answer) await stream.WriteAsync(answer);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client went away.
        }
    }
}
