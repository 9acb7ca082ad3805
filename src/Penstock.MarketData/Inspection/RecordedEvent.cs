namespace Penstock.MarketData.Inspection;

/// <summary>What a line of a recording is.</summary>
public enum RecordedKind
{
    Other,
    Open,
    Close,
    Sent,
    Received,
    Rest,
}

/// <summary>One line of a recording after the header. The bytes are the reader's and valid until the next line.</summary>
public readonly ref struct RecordedEvent(RecordedKind kind, long timeNs, int connection, string? url, ReadOnlySpan<byte> data)
{
    public RecordedKind Kind { get; } = kind;

    /// <summary>Receive (or send) time, nanoseconds since the Unix epoch by the recording machine's wall clock.</summary>
    public long TimeNs { get; } = timeNs;

    public int Connection { get; } = connection;

    /// <summary>Of open and rest lines.</summary>
    public string? Url { get; } = url;

    /// <summary>The exact bytes of the frame or body.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}
