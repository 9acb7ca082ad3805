using System.Net;

namespace Penstock.Connectivity.Transport;

/// <summary>
/// A request's body that may be taken back until it is written. It is written when a connection has been waited for, looked up and opened, and
/// what is ahead of it, the head, lies in the connection's buffer still: a request that ends here has sent nothing, or a head without its body,
/// which no server obeys.
/// </summary>
internal sealed class RevocableBody(byte[] bytes, Func<bool> mayLeave) : ByteArrayContent(bytes)
{
    private readonly byte[] _bytes = bytes;

    /// <summary>It was taken back, and its request has failed for it.</summary>
    public bool IsWithheld { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => WriteAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        WriteAsync(stream, cancellationToken);

    private Task WriteAsync(Stream stream, CancellationToken cancel)
    {
        if (mayLeave()) return stream.WriteAsync(_bytes, cancel).AsTask();
        IsWithheld = true;
        throw new OperationCanceledException("The request was taken back before it left.");
    }
}
