using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// TLS 1.2/1.3 by SslStream over a polled socket. The handshake runs on a helper thread (it is a conversation, and slow);
/// from then on every read happens in the agent's step and only when a whole record has arrived, so no step waits.
/// </summary>
public sealed class TlsChannel : IByteChannel
{
    private const int RecordPlainMax = 16 * 1024;

    /// <summary>Header, tag and padding of one record, rounded up.</summary>
    private const int RecordOverhead = 64;

    private readonly string _host;
    private readonly string? _trustedThumbprint;
    private readonly PolledSocket _socket;
    private readonly PolledStream _stream;
    private readonly SslStream _ssl;
    private Task<bool>? _handshake;

    /// <param name="host">Also the name the certificate must carry.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="trustedThumbprint">
    /// SHA-256 of a certificate accepted although no authority vouches for it (simulated venues); null to trust only the system's.
    /// </param>
    public TlsChannel(string host, int port, string? trustedThumbprint = null)
    {
        _host = host;
        _trustedThumbprint = trustedThumbprint;
        _socket = new PolledSocket(host, port);
        _stream = new PolledStream(_socket);
        _ssl = new SslStream(_stream, leaveInnerStreamOpen: true);
    }

    public ChannelState State { get; private set; }

    public SocketFailure Failure { get; private set; }

    public ConnectStage Stage => State == ChannelState.Open ? ConnectStage.Done : _handshake is null ? _socket.Stage : ConnectStage.Secure;

    /// <summary>Empty until connected.</summary>
    public SslProtocols Protocol => State == ChannelState.Open ? _ssl.SslProtocol : SslProtocols.None;

    // During the handshake the helper thread reads; the agent need not wake for that.
    public nint PollHandle => State == ChannelState.Open ? _socket.PollHandle : -1;

    public void BeginConnect()
    {
        _socket.BeginConnect();
        State = ChannelState.Connecting;
    }

    public void Step()
    {
        if (State == ChannelState.Connecting) StepConnect();
        else if (State == ChannelState.Open) _socket.Step();
    }

    public int Receive(Span<byte> destination)
    {
        if (destination.Length < RecordPlainMax) throw new ArgumentException($"The buffer must hold a TLS record, had {destination.Length} bytes.");
        if (State != ChannelState.Open) return 0;
        // One read of the socket per call: the receive stamp belongs to it. Records beyond the buffer wait for the next call.
        if (!_stream.HasRecord) _stream.Fill();
        var total = 0;
        while (destination.Length - total >= RecordPlainMax && _stream.HasRecord && State == ChannelState.Open)
        {
            total += ReadRecord(destination[total..]);
        }

        if (_socket.State == ChannelState.Closed && !_stream.HasRecord) Close(_socket.Failure);
        return total;
    }

    public bool CanSend(int bytes) =>
        State == ChannelState.Open && _socket.CanSend(bytes + RecordOverhead * (1 + bytes / RecordPlainMax));

    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!CanSend(bytes.Length)) return false;
        try
        {
            _ssl.Write(bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close(_socket.State == ChannelState.Closed ? _socket.Failure : SocketFailure.TlsError);
            return false;
        }
    }

    public void Close(SocketFailure reason = SocketFailure.Requested)
    {
        if (State == ChannelState.Closed) return;
        State = ChannelState.Closed;
        Failure = reason;
        _socket.Close(reason);
        // A handshake under way ends by itself on the closed socket; disposing SslStream under it would not be safe.
        if (_handshake is null or { IsCompleted: true }) _ssl.Dispose();
        else _handshake.ContinueWith(_ => _ssl.Dispose(), TaskScheduler.Default);
    }

    public void Dispose() => Close();

    private void StepConnect()
    {
        if (_handshake is null)
        {
            _socket.Step();
            if (_socket.State == ChannelState.Closed) Close(_socket.Failure);
            if (_socket.State != ChannelState.Open) return;
            _stream.MayWait = true;
            // A thread of its own: it blocks, and a pool whose threads are blocked adds new ones slower than one each second.
            _handshake = Task.Factory.StartNew(Authenticate, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return;
        }

        if (!_handshake.IsCompleted) return;
        _stream.MayWait = false;
        if (_handshake.IsCompletedSuccessfully && _handshake.Result) State = ChannelState.Open;
        else Close(SocketFailure.TlsError);
    }

    private bool Authenticate()
    {
        try
        {
            _ssl.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = _host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors),
            });
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException
            or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        return _trustedThumbprint is not null && certificate is not null &&
            certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(_trustedThumbprint, StringComparison.OrdinalIgnoreCase);
    }

    private int ReadRecord(Span<byte> destination)
    {
        try
        {
            var count = _ssl.Read(destination);
            if (count == 0) Close(SocketFailure.ClosedByPeer);
            return count;
        }
        catch (WouldBlockException)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close(SocketFailure.TlsError);
            return 0;
        }
    }
}
