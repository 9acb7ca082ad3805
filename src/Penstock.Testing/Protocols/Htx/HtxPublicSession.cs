using System.IO.Compression;
using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>A market-data connection: every frame a gzip member of its own, a ping every five seconds, gone after two without an answer.</summary>
internal sealed class HtxPublicSession(HtxVenue venue, IFrameSink sink, long openedNs) : ProtocolSession(venue.Faults, sink, isBinary: true)
{
    private const long PingIntervalNs = 5_000_000_000;

    private readonly MemoryStream _packed = new();
    private long _nextPingNs = openedNs + PingIntervalNs;
    private int _unanswered;

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        if (nowNs < _nextPingNs) return;
        _nextPingNs = nowNs + PingIntervalNs;
        if (++_unanswered > 2)
        {
            Cut();
            return;
        }

        Send(Text.Clear().Write($$"""{"ping":{{SimulatedVenue.Ms(nowNs)}}}"""), FrameKinds.Control, nowNs);
    }

    public override void Send(Utf8Text text, FrameKinds kind, long nowNs)
    {
        _packed.SetLength(0);
        using (var gzip = new GZipStream(_packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(text.Span);
        SendBinary(_packed.GetBuffer().AsSpan(0, (int)_packed.Length), kind, nowNs);
    }

    protected override void Handle(JsonElement message, long nowNs)
    {
        if (message.TryGetProperty("pong", out _))
        {
            _unanswered = 0;
            return;
        }

        var id = StringOf(message, "id");
        foreach (var verb in (string[])["sub", "unsub", "req"])
        {
            if (!message.TryGetProperty(verb, out var topic)) continue;
            Answer(verb, topic.GetString() ?? "", id, nowNs);
            return;
        }

        OnMalformed(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Fail("", "invalid request", nowNs);

    private void Answer(string verb, string topic, string id, long nowNs)
    {
        var parts = topic.Split('.');
        if (parts.Length < 3 || venue.Feed(parts[1]) is not { } feed || !feed.Has(topic) || (verb == "req" && topic != feed.BookTopic))
        {
            Fail(id, "invalid topic " + topic, nowNs);
            return;
        }

        if (verb == "req")
        {
            venue.SendImage(this, feed, id, nowNs);
            return;
        }

        if (verb == "sub") TrySubscribe(topic);
        else Unsubscribe(topic);
        Send(Text.Clear().Write($$"""{"id":"{{id}}","status":"ok","{{verb}}bed":"{{topic}}","ts":{{SimulatedVenue.Ms(nowNs)}}}"""), FrameKinds.Control, nowNs);
        if (verb == "sub" && topic == feed.TradesTopic && feed.Instrument.LastPrint.TradeId > 0) SendLastTrade(feed, nowNs);
    }

    /// <summary>What was traded last comes again with every subscription.</summary>
    private void SendLastTrade(HtxFeed feed, long nowNs)
    {
        feed.BeginTrades(Text.Clear(), nowNs);
        feed.WriteTrade(Text, feed.Instrument.LastPrint);
        Send(Text.Raw("]}}"), FrameKinds.Market, nowNs);
    }

    private void Fail(string id, string message, long nowNs) =>
        Send(Text.Clear().Write($$"""{"status":"error","ts":{{SimulatedVenue.Ms(nowNs)}},"id":"{{id}}","err-code":"bad-request","err-msg":"{{message}}"}"""), FrameKinds.Control, nowNs);
}
