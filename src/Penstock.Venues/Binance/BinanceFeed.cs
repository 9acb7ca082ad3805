using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Binance;

/// <summary>
/// What a Binance market-data connection sends, of spot and of USDⓈ-M futures; what it receives is <see cref="BinanceFeedDecoder"/>'s business.
/// </summary>
/// <param name="context">The instruments.</param>
/// <param name="depthPath">Of the market's book by REST.</param>
/// <param name="depthWeight">What 1000 levels of it cost: spot 50 of 6000 a minute (5000 levels would cost 250), futures 20 of 2400.</param>
internal sealed class BinanceFeed(FeedContext context, string depthPath = "/api/v3/depth", int depthWeight = 50) : IFeedProtocol
{
    /// <summary>One frame counts as one of the five a second allowed, so it carries many streams (venue maximum 1024).</summary>
    private const int StreamsPerFrameMax = 300;

    private readonly BinanceFeedDecoder _decoder = new(context);
    private long _requestId;

    public void Reset() => _decoder.Reset();

    /// <summary>The combined endpoint: it names the stream of every message, and spot needs that.</summary>
    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        for (var first = 0; first < instruments.Count; first += StreamsPerFrameMax / 3)
        {
            BeginRequest("SUBSCRIBE", writer);
            var end = Math.Min(instruments.Count, first + StreamsPerFrameMax / 3);
            for (var index = first; index < end; index++)
            {
                var name = instruments[index].VenueSymbol.ToLowerInvariant();
                writer.Append(index == first ? "\""u8 : ",\""u8).Append(name).Append("@depth@100ms\",\""u8)
                    .Append(name).Append("@bookTicker\",\""u8).Append(name).Append("@trade\""u8);
            }

            EndRequest(writer);
        }
    }

    /// <summary>Of use only after a silent stream: a gap is healed by a new REST snapshot.</summary>
    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        var name = instrument.VenueSymbol.ToLowerInvariant();
        BeginRequest("UNSUBSCRIBE", writer);
        writer.Append("\""u8).Append(name).Append("@depth@100ms\""u8);
        EndRequest(writer);
        BeginRequest("SUBSCRIBE", writer);
        writer.Append("\""u8).Append(name).Append("@depth@100ms\""u8);
        EndRequest(writer);
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    public RestRequest? SnapshotRequest(Instrument instrument) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = $"{depthPath}?symbol={instrument.VenueSymbol}&limit=1000",
        Weight = depthWeight,
    };

    /// <summary>/api/v3/depth, and /fapi/v1/depth and /dapi/v1/depth of the futures.</summary>
    public bool TrySnapshotInstrument(Uri url, out InstrumentId instrument) =>
        RestUrls.TryFindInstrument(url, "/depth", "symbol", context.Instruments, context.Venue, out instrument);

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) =>
        _decoder.DecodeSnapshot(instrument, body, batch);

    private void BeginRequest(string method, FrameWriter writer) =>
        writer.Append("{\"method\":\""u8).Append(method).Append("\",\"params\":["u8);

    private void EndRequest(FrameWriter writer)
    {
        writer.Append("],\"id\":"u8).Append(++_requestId).Append("}"u8);
        writer.EndFrame();
    }
}
