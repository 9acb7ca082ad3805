using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

public class TlsChannelTests
{
    [Theory]
    [InlineData(SslProtocols.Tls13), InlineData(SslProtocols.Tls12)]
    public async Task Bytes_of_every_record_size_come_back_over_tls_without_a_step_that_waits(SslProtocols protocol)
    {
        using var certificate = SelfSigned();
        using var listener = Listen(out var port);
        var server = OnOwnThread(() => Echo(listener, certificate, protocol));
        using var channel = new TlsChannel("localhost", port, certificate.GetCertHashString(HashAlgorithmName.SHA256));
        channel.BeginConnect();
        LoopbackServer.Until(() => channel.State != ChannelState.Connecting, channel.Step);
        Assert.Equal(ChannelState.Open, channel.State);
        Assert.Equal(protocol, channel.Protocol);

        var buffer = new byte[64 * 1024];
        Assert.Equal(0, channel.Receive(buffer));
        foreach (var length in new[] { 1, 100, 16_383, 16_384, 16_385, 50_000, 200_000, 7 })
        {
            var sent = new byte[length];
            new Random(length).NextBytes(sent);
            Assert.True(channel.TrySend(sent));
            var received = new List<byte>();
            LoopbackServer.Until(() => received.Count >= length, () =>
            {
                channel.Step();
                received.AddRange(buffer.AsSpan(0, channel.Receive(buffer)));
            });
            Assert.Equal(sent, received);
        }

        channel.Close();
        await server;
    }

    [Fact]
    public async Task A_certificate_nobody_vouches_for_is_refused()
    {
        using var certificate = SelfSigned();
        using var listener = Listen(out var port);
        var server = OnOwnThread(() => Echo(listener, certificate, SslProtocols.Tls13));
        using var channel = new TlsChannel("localhost", port);
        channel.BeginConnect();
        LoopbackServer.Until(() => channel.State == ChannelState.Closed, channel.Step);
        Assert.Equal(SocketFailure.TlsError, channel.Failure);
        await server;
    }

    [Fact]
    public async Task A_peer_that_speaks_no_tls_is_a_result_not_an_exception()
    {
        using var listener = Listen(out var port);
        var server = OnOwnThread(() =>
        {
            using var socket = listener.Accept();
            socket.Send("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        });
        using var channel = new TlsChannel("localhost", port, new string('0', 64));
        channel.BeginConnect();
        LoopbackServer.Until(() => channel.State == ChannelState.Closed, channel.Step);
        Assert.Equal(SocketFailure.TlsError, channel.Failure);
        await server;
    }

    [Fact]
    public async Task Ten_thousand_messages_over_tls_allocate_nothing()
    {
        using var certificate = SelfSigned();
        using var listener = Listen(out var port);
        var server = OnOwnThread(() => Echo(listener, certificate, SslProtocols.Tls13));
        using var channel = new TlsChannel("localhost", port, certificate.GetCertHashString(HashAlgorithmName.SHA256));
        channel.BeginConnect();
        LoopbackServer.Until(() => channel.State == ChannelState.Open, channel.Step);
        var buffer = new byte[64 * 1024];
        var message = new byte[600];
        Exchange(300);
        Assert.Equal(0, WebSocketConnectionTests.AllocatedBytes(() => Exchange(10_000 / 4)));
        channel.Close();
        await server;

        void Exchange(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                for (var j = 0; j < 4; j++) channel.TrySend(message);
                for (var received = 0; received < 4 * message.Length; received += channel.Receive(buffer)) channel.Step();
            }
        }
    }

    /// <summary>Blocking servers of parallel tests would use up the pool, and this one would then be started seconds later.</summary>
    private static Task OnOwnThread(Action server) =>
        Task.Factory.StartNew(server, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Socket Listen(out int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }

    private static void Echo(Socket listener, X509Certificate2 certificate, SslProtocols protocol)
    {
        try
        {
            using var socket = listener.Accept();
            using var ssl = new SslStream(new NetworkStream(socket));
            ssl.AuthenticateAsServer(certificate, clientCertificateRequired: false, protocol, checkCertificateRevocation: false);
            var buffer = new byte[64 * 1024];
            for (int read; (read = ssl.Read(buffer)) > 0;) ssl.Write(buffer, 0, read);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
        {
            // The client went away, which some of the tests are about.
        }
    }

    internal static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
