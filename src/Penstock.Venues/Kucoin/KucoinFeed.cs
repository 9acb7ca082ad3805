using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// What a KuCoin market-data connection sends: nothing before the welcome frame, then the topics, then pings. What it receives
/// is <see cref="KucoinFeedDecoder"/>'s business.
/// </summary>
internal sealed class KucoinFeed(FeedContext context) : IFeedProtocol
{
    /// <summary>The venue takes at most 100 symbols a subscription.</summary>
    private const int SymbolsPerFrameMax = 100;

    private readonly KucoinFeedDecoder _decoder = new(context);
    private readonly List<Instrument> _unsubscribed = [];
    private long _requestId;
    private long _connects;
    private string _url = "";

    public void Reset()
    {
        _decoder.Reset();
        _unsubscribed.Clear();
        _url = "";
    }

    public RestRequest? ConnectRequest() => new() { Method = HttpMethod.Post, PathAndQuery = "/api/v1/bullet-public", Weight = 10 };

    public bool AcceptConnect(ReadOnlySpan<byte> body) => KucoinBullet.TryReadUrl(body, ++_connects, out _url);

    /// <summary>The whole URL, from the token call; the configured stream address is never used.</summary>
    public string ConnectPath(IReadOnlyList<Instrument> instruments) => _url;

    /// <summary>Held back until the welcome frame: what is sent before it is lost.</summary>
    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        _unsubscribed.AddRange(instruments);
        WritePending(writer);
    }

    public void WritePending(FrameWriter writer)
    {
        if (_unsubscribed.Count == 0 || !_decoder.IsWelcome) return;
        for (var first = 0; first < _unsubscribed.Count; first += SymbolsPerFrameMax)
        {
            var end = Math.Min(_unsubscribed.Count, first + SymbolsPerFrameMax);
            WriteTopic("subscribe"u8, "/market/level2:"u8, first, end, writer);
            WriteTopic("subscribe"u8, "/market/match:"u8, first, end, writer);
            WriteTopic("subscribe"u8, "/spotMarket/level1:"u8, first, end, writer);
        }

        _unsubscribed.Clear();
    }

    /// <summary>A book is refetched, not resubscribed; this serves a topic that has gone silent.</summary>
    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        if (!_decoder.IsWelcome) return;
        _unsubscribed.Add(instrument);
        var last = _unsubscribed.Count - 1;
        WriteTopic("unsubscribe"u8, "/market/level2:"u8, last, last + 1, writer);
        WriteTopic("subscribe"u8, "/market/level2:"u8, last, last + 1, writer);
        _unsubscribed.RemoveAt(last);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"id\":\""u8).Append(++_requestId).Append("\",\"type\":\"ping\"}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The deepest book that needs no key: 100 levels a side. The full one (v3) wants a signed request.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = "/api/v1/market/orderbook/level2_100?symbol=" + instrument.VenueSymbol,
        Weight = 2,
    };

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) =>
        _decoder.DecodeSnapshot(instrument, body, batch);

    /// <summary>/api/v1/market/orderbook/level2_20 and level2_100, and /api/v1 to v3/market/orderbook/level2.</summary>
    public bool TrySnapshotInstrument(Uri url, out InstrumentId instrument)
    {
        foreach (var end in (ReadOnlySpan<string>)["/orderbook/level2", "/orderbook/level2_100", "/orderbook/level2_20"])
        {
            if (RestUrls.TryFindInstrument(url, end, "symbol", context.Instruments, context.Venue, out instrument)) return true;
        }

        instrument = InstrumentId.None;
        return false;
    }

    private void WriteTopic(ReadOnlySpan<byte> type, ReadOnlySpan<byte> topic, int first, int end, FrameWriter writer)
    {
        writer.Append("{\"id\":\""u8).Append(++_requestId).Append("\",\"type\":\""u8).Append(type).Append("\",\"topic\":\""u8).Append(topic);
        for (var index = first; index < end; index++)
        {
            if (index > first) writer.Append(","u8);
            writer.Append(_unsubscribed[index].VenueSymbol);
        }

        writer.Append("\",\"privateChannel\":false,\"response\":true}"u8).EndFrame();
    }
}
