namespace Penstock.Control.ReadModels;

/// <summary>What happened, in sentences, for the event list and the alerts.</summary>
internal sealed class EventLog() : RowLog("events", 2_000, 500, 4)
{
    /// <summary>Told of every row; on the read models' thread.</summary>
    public Action<LoggedEvent>? Listener { get; set; }

    public void Add(string severity, string kind, string text, long unixNs, string? venue = null, string? instrument = null, long count = 1)
    {
        Add(json =>
        {
            json.Ms("atMs"u8, unixNs);
            json.WriteString("severity"u8, severity);
            json.WriteString("kind"u8, kind);
            json.WriteString("venue"u8, venue);
            json.WriteString("instrument"u8, instrument);
            json.WriteNumber("count"u8, count);
            json.WriteString("text"u8, text);
        });
        Listener?.Invoke(new LoggedEvent(severity, kind, text, unixNs, venue));
    }
}

/// <param name="Severity">info, warning or alarm.</param>
/// <param name="Kind">As in docs/guides/api.md.</param>
/// <param name="Text">One line.</param>
/// <param name="UnixNs">When.</param>
/// <param name="Venue">Null where it is not about one.</param>
internal readonly record struct LoggedEvent(string Severity, string Kind, string Text, long UnixNs, string? Venue);
