using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Penstock.Infrastructure.Services;

/// <summary>
/// Tells the service manager that started this process how it stands, as sd_notify(3) has it: one datagram for each thing said, to the Unix
/// socket named by NOTIFY_SOCKET. Without that name every call returns at once and no socket is made. A manager that does not read is not
/// waited for: what it has no room for is counted and forgotten. Any thread.
/// </summary>
public sealed class ServiceManager : IDisposable
{
    /// <summary>Longer ones are cut: a status is one line for people.</summary>
    private const int StatusLengthMax = 200;

    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private long _told;
    private long _failed;

    /// <param name="socket">A path, or @ and a name in the abstract namespace; null, empty or anything else: there is no manager.</param>
    /// <param name="watchdog">How long the manager hears nothing before it takes the process for hung; null when it does not watch.</param>
    public ServiceManager(string? socket, TimeSpan? watchdog = null)
    {
        if (string.IsNullOrEmpty(socket) || (socket[0] != '/' && socket[0] != '@') || Encoding.UTF8.GetByteCount(socket) > 107) return;
        _address = new UnixDomainSocketEndPoint(socket[0] == '@' ? "\0" + socket[1..] : socket);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        if (watchdog is { } limit && limit > TimeSpan.Zero) PingInterval = limit / 2;
    }

    /// <summary>Somebody listens, or did when the process was started.</summary>
    public bool IsThere => _socket is not null;

    /// <summary>Half of the manager's patience, as its manual advises; null when it does not watch.</summary>
    public TimeSpan? PingInterval { get; }

    /// <summary>Datagrams the manager's socket took.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>Datagrams it did not.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.</summary>
    public static ServiceManager FromEnvironment()
    {
        var pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        var isMeant = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        TimeSpan? watchdog = isMeant && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var microseconds) && microseconds is > 0 and < 1L << 40 ? TimeSpan.FromMicroseconds(microseconds)
                : null;
        return new ServiceManager(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), watchdog);
    }

    /// <summary>Started: whoever waits for this service may go on.</summary>
    public void Ready(string status) => Tell("READY=1\nSTATUS=" + OneLine(status));

    /// <summary>Ends in order: not to be taken for a failure.</summary>
    public void Stopping(string status) => Tell("STOPPING=1\nSTATUS=" + OneLine(status));

    /// <summary>One line for people; `systemctl status` shows it.</summary>
    public void Status(string status) => Tell("STATUS=" + OneLine(status));

    /// <summary>Lives. To be said at every <see cref="PingInterval"/>.</summary>
    public void Alive() => Tell("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Tell(string text)
    {
        if (_socket is null) return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(text), _address!);
            Interlocked.Increment(ref _told);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Its queue is full, or it has gone: the next word comes soon enough.
            Interlocked.Increment(ref _failed);
        }
    }

    private static string OneLine(string text) => (text.Length > StatusLengthMax ? text[..StatusLengthMax] : text).ReplaceLineEndings(" ");
}
