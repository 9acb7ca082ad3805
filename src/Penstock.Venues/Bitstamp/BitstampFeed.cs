using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Bitstamp;

/// <summary>What a Bitstamp market-data connection sends; what it receives is <see cref="BitstampFeedDecoder"/>'s business.</summary>
internal sealed class BitstampFeed(FeedContext context) : IFeedProtocol
{
    private const string BookPath = "/api/v2/order_book/";

    private readonly BitstampFeedDecoder _decoder = new(context);
    private readonly byte[] _symbol = new byte[64];

    public void Reset() => _decoder.Reset();

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    /// <summary>One channel a frame: the venue takes no lists.</summary>
    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        foreach (var instrument in instruments)
        {
            WriteChannel("bts:subscribe"u8, "diff_order_book_"u8, instrument, writer);
            WriteChannel("bts:subscribe"u8, "live_trades_"u8, instrument, writer);
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        WriteChannel("bts:unsubscribe"u8, "diff_order_book_"u8, instrument, writer);
        WriteChannel("bts:subscribe"u8, "diff_order_book_"u8, instrument, writer);
    }

    public bool TryWritePing(FrameWriter writer)
    {
        writer.Append("{\"event\":\"bts:heartbeat\"}"u8).EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => _decoder.Decode(frame, batch);

    /// <summary>group=1: one row a price, as the diffs have it.</summary>
    public RestRequest? SnapshotRequest(Instrument instrument) =>
        new() { Method = HttpMethod.Get, PathAndQuery = $"{BookPath}{instrument.VenueSymbol}/?group=1" };

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) =>
        _decoder.DecodeSnapshot(instrument.Id, body, batch);

    /// <summary>Old captures asked without the final slash.</summary>
    public bool TrySnapshotInstrument(Uri url, out InstrumentId instrument)
    {
        instrument = default;
        var path = url.AbsolutePath.AsSpan();
        if (!path.StartsWith(BookPath, StringComparison.Ordinal)) return false;
        var symbol = path[BookPath.Length..].TrimEnd('/');
        return symbol.Length is > 0 and <= 64 && !symbol.ContainsAnyExceptInRange('!', '~')
            && context.Instruments.TryFind(context.Venue, _symbol.AsSpan(0, System.Text.Encoding.ASCII.GetBytes(symbol, _symbol)), out instrument);
    }

    private static void WriteChannel(ReadOnlySpan<byte> happening, ReadOnlySpan<byte> channel, Instrument instrument, FrameWriter writer) =>
        writer.Append("{\"event\":\""u8).Append(happening).Append("\",\"data\":{\"channel\":\""u8).Append(channel)
            .Append(instrument.VenueSymbol).Append("\"}}"u8).EndFrame();
}
