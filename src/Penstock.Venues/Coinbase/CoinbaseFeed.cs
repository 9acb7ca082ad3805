using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// What a Coinbase market-data connection sends: one channel a frame, without keys. What it receives is
/// <see cref="CoinbaseFeedDecoder"/>'s business.
/// </summary>
internal sealed class CoinbaseFeed(FeedContext context) : IFeedProtocol
{
    /// <summary>Four frames per so many products, and eight frames a second: all within the five seconds the venue waits.</summary>
    private const int InstrumentsPerFrameMax = 100;

    private readonly CoinbaseFeedDecoder _decoder = new(context);

    public void Reset()
    {
    }

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    /// <summary>Heartbeats first: without them the venue closes a connection whose products are quiet.</summary>
    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        writer.Append("{\"type\":\"subscribe\",\"channel\":\"heartbeats\"}"u8).EndFrame();
        for (var first = 0; first < instruments.Count; first += InstrumentsPerFrameMax)
        {
            var end = Math.Min(instruments.Count, first + InstrumentsPerFrameMax);
            Write("subscribe"u8, "level2"u8, instruments, first, end, writer);
            Write("subscribe"u8, "market_trades"u8, instruments, first, end, writer);
            Write("subscribe"u8, "ticker"u8, instruments, first, end, writer);
            Write("subscribe"u8, "status"u8, instruments, first, end, writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        Write("unsubscribe"u8, "level2"u8, [instrument], 0, 1, writer);
        Write("subscribe"u8, "level2"u8, [instrument], 0, 1, writer);
    }

    /// <summary>The heartbeats channel does it.</summary>
    public bool TryWritePing(FrameWriter writer) => false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>The REST book has no sequence and cannot be joined with the stream; the snapshot comes on the socket.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return QuarantineCause.UnknownChannel;
    }

    private static void Write(
        ReadOnlySpan<byte> type, ReadOnlySpan<byte> channel, IReadOnlyList<Instrument> instruments, int first, int end, FrameWriter writer)
    {
        writer.Append("{\"type\":\""u8).Append(type).Append("\",\"product_ids\":["u8);
        for (var index = first; index < end; index++)
        {
            writer.Append(index > first ? ",\""u8 : "\""u8).Append(instruments[index].VenueSymbol).Append("\""u8);
        }

        writer.Append("],\"channel\":\""u8).Append(channel).Append("\"}"u8).EndFrame();
    }
}
