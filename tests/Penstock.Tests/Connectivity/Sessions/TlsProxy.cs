using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Penstock.Tests.Connectivity.Sessions;

/// <summary>Takes the TLS off one connection and passes the bytes on to a plain server.</summary>
internal sealed class TlsProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TlsProxy(X509Certificate2 certificate, int target)
    {
        _listener.Start();
        Finished = Task.Run(() => Pass(certificate, target));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task Finished { get; }

    public void Dispose() => _listener.Stop();

    private async Task Pass(X509Certificate2 certificate, int target)
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, target);
            await Task.WhenAny(tls.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(tls));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One of the two went away.
        }
    }
}
