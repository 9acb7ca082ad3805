using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Gateio;

/// <summary>
/// What a Gate market-data connection sends; what it receives is <see cref="GateioFeedDecoder"/>'s business. Every request
/// names the time and is refused where that is a minute off; a feed has no clock, so it asks the venue before it connects and
/// reads it off every message after that: the venue's own time is never off.
/// </summary>
internal sealed class GateioFeed(FeedContext context) : IFeedProtocol
{
    /// <summary>Pairs named in one request for trades or best bid and ask; the venue documents no limit.</summary>
    private const int InstrumentsPerFrameMax = 100;

    private readonly GateioFeedDecoder _decoder = new(context);
    private long _requestId;

    public void Reset() => _decoder.Reset();

    public RestRequest? ConnectRequest() => new() { Method = HttpMethod.Get, PathAndQuery = "/api/v4/spot/time" };

    public bool AcceptConnect(ReadOnlySpan<byte> body) =>
        JsonValue.Parse(body, out var root) == QuarantineCause.None && root["server_time"u8].GetInt64(out var ms) == QuarantineCause.None
        && _decoder.NoteServerMs(ms);

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        // One request a book: what ends a subscription has to name the same streams as what began it.
        for (var i = 0; i < instruments.Count; i++) WriteBook("subscribe"u8, instruments[i], writer);
        WriteList("spot.trades"u8, instruments, writer);
        WriteList("spot.book_ticker"u8, instruments, writer);
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        WriteBook("unsubscribe"u8, instrument, writer);
        WriteBook("subscribe"u8, instrument, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"time\":"u8).Append(_decoder.ServerSeconds).Append(",\"channel\":\"spot.ping\"}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The base of the classic channel; the streamed book needs none.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = $"/api/v4/spot/order_book?currency_pair={Uri.EscapeDataString(instrument.VenueSymbol)}&limit=100&with_id=true",
    };

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) =>
        _decoder.DecodeSnapshot(instrument, body, batch);

    public bool TrySnapshotInstrument(Uri url, out InstrumentId instrument) =>
        RestUrls.TryFindInstrument(url, "/spot/order_book", "currency_pair", context.Instruments, context.Venue, out instrument);

    private void WriteBook(ReadOnlySpan<byte> happening, Instrument instrument, FrameWriter writer)
    {
        BeginRequest("spot.obu"u8, happening, writer);
        writer.Append("\"ob."u8).Append(instrument.VenueSymbol).Append(".400\""u8);
        writer.Append("]}"u8).EndFrame();
    }

    private void WriteList(ReadOnlySpan<byte> channel, IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        for (var first = 0; first < instruments.Count; first += InstrumentsPerFrameMax)
        {
            BeginRequest(channel, "subscribe"u8, writer);
            var end = Math.Min(instruments.Count, first + InstrumentsPerFrameMax);
            for (var index = first; index < end; index++)
                writer.Append(index == first ? "\""u8 : ",\""u8).Append(instruments[index].VenueSymbol).Append("\""u8);
            writer.Append("]}"u8).EndFrame();
        }
    }

    private void BeginRequest(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> happening, FrameWriter writer) =>
        writer.Append("{\"time\":"u8).Append(_decoder.ServerSeconds).Append(",\"id\":"u8).Append(++_requestId)
            .Append(",\"channel\":\""u8).Append(channel).Append("\",\"event\":\""u8).Append(happening).Append("\",\"payload\":["u8);
}
