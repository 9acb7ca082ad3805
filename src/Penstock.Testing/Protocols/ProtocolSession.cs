using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols;

/// <summary>
/// One client's connection as its venue sees it: text in, text out through the fault injector. It knows no socket; a test steps it
/// by hand. Used under the venue's lock.
/// </summary>
public abstract class ProtocolSession
{
    /// <summary>Subscriptions one connection may hold; the rest is refused.</summary>
    public const int TopicsMax = 1_024;

    private readonly HashSet<string> _topics = [];

    /// <param name="faults">The venue's.</param>
    /// <param name="sink">The socket.</param>
    /// <param name="isBinary">All frames leave as binary ones, by <see cref="SendBinary"/> (HTX).</param>
    protected ProtocolSession(FaultPlan faults, IFrameSink sink, bool isBinary = false)
    {
        Faults = faults;
        Injector = new FaultInjector(faults, sink, isBinary);
    }

    public bool IsCut => Injector.IsCut;

    public IReadOnlyCollection<string> Topics => _topics;

    protected FaultPlan Faults { get; }

    protected FaultInjector Injector { get; }

    /// <summary>Unix nanoseconds of the last frame that left.</summary>
    protected long LastSentNs { get; private set; }

    public Utf8Text Text { get; } = new();

    public bool IsSubscribed(string topic) => _topics.Contains(topic);

    /// <summary>One whole text frame from the client. Never throws on what it says.</summary>
    public void OnText(ReadOnlySpan<byte> frame, long nowNs)
    {
        if (IsCut || TryHandlePlain(frame, nowNs)) return;
        JsonDocument? document = null;
        try
        {
            var reader = new Utf8JsonReader(frame);
            document = JsonDocument.ParseValue(ref reader);
            Handle(document.RootElement, nowNs);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            // What a client sends is foreign input: the venue answers in its own words and stays up.
            OnMalformed(nowNs);
        }
        finally
        {
            document?.Dispose();
        }
    }

    /// <summary>Cuts the connection without a goodbye.</summary>
    public void Cut() => Injector.Cut();

    /// <summary>Heartbeats and delayed frames.</summary>
    public virtual void Step(long nowNs) => Injector.Step(nowNs);

    protected abstract void Handle(JsonElement message, long nowNs);

    protected abstract void OnMalformed(long nowNs);

    /// <summary>Takes frames that are not JSON (OKX "ping").</summary>
    protected virtual bool TryHandlePlain(ReadOnlySpan<byte> frame, long nowNs) => false;

    protected bool TrySubscribe(string topic) => _topics.Count < TopicsMax && (_topics.Add(topic) || true);

    protected void Unsubscribe(string topic) => _topics.Remove(topic);

    /// <summary>One message; a venue that packs its frames (gzip) overrides this with <see cref="SendBinary"/>.</summary>
    public virtual void Send(Utf8Text text, FrameKinds kind, long nowNs)
    {
        LastSentNs = nowNs;
        Injector.Deliver(text.Span, kind, nowNs);
    }

    /// <summary>A frame already in its wire form.</summary>
    protected void SendBinary(ReadOnlySpan<byte> frame, FrameKinds kind, long nowNs)
    {
        LastSentNs = nowNs;
        Injector.Deliver(frame, kind, nowNs);
    }

    public static string StringOf(JsonElement message, string name) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()
            : "";

    /// <summary>A JSON value as it is to be echoed; null when absent.</summary>
    public static string RawOf(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) ? value.GetRawText() : "null";
}
