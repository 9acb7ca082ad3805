using System.Net.Sockets;
using System.Text;

namespace Penstock.Tests.Infrastructure.Services;

/// <summary>The service manager's end: a real Unix datagram socket, which counts what it heard.</summary>
internal sealed class ManagerSocket : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-notify").FullName;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ManagerSocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path => System.IO.Path.Combine(_folder, "notify");

    /// <summary>Everything heard so far and not heard before; waits for nothing.</summary>
    public List<string> Heard()
    {
        var heard = new List<string>();
        var buffer = new byte[1024];
        while (_socket.Available > 0) heard.Add(Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer)));
        return heard;
    }

    /// <summary>The next datagram, when it comes.</summary>
    public async Task<string> NextAsync()
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
