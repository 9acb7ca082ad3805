namespace Penstock.Testing.Faults;

/// <summary>Where a simulated venue's outgoing frames of one connection go: a socket, or a list in a test.</summary>
public interface IFrameSink
{
    /// <param name="utf8">One whole text frame; valid during the call only.</param>
    void Text(ReadOnlySpan<byte> utf8);

    /// <param name="frame">One whole binary frame (HTX: gzip); valid during the call only.</param>
    void Binary(ReadOnlySpan<byte> frame) => Text(frame);

    /// <summary>A protocol-level ping.</summary>
    void Ping();

    /// <summary>Cuts the connection; nothing may follow.</summary>
    void Cut();
}
