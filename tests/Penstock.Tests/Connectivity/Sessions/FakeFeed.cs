using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Connectivity.Sessions;

/// <summary>The smallest protocol there is.</summary>
internal sealed class FakeFeed : IFeedProtocol
{
    public bool PingsByText { get; init; }

    public void Reset()
    {
    }

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => $"/ws?streams={instruments.Count}";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
        foreach (var instrument in instruments)
        {
            writer.Append("sub ").Append(instrument.VenueSymbol);
            writer.EndFrame();
        }
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
        writer.Append("resub ").Append(instrument.VenueSymbol);
        writer.EndFrame();
    }

    public bool TryWritePing(FrameWriter writer)
    {
        if (!PingsByText) return false;
        writer.Append("ping");
        writer.EndFrame();
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch) => QuarantineCause.None;

    public RestRequest? SnapshotRequest(Instrument instrument) =>
        new() { Method = HttpMethod.Get, PathAndQuery = "/depth?symbol=" + instrument.VenueSymbol };

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) => QuarantineCause.None;
}

internal sealed class FeedLog : IFeedListener
{
    public List<string> Lines { get; } = [];

    public long LastReceivedNs { get; private set; }

    public void OnConnected(int connectionEpoch, long nowNs) => Lines.Add($"connected {connectionEpoch}");

    public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
    {
        Lines.Add("frame " + Encoding.UTF8.GetString(frame));
        LastReceivedNs = receivedNs;
    }

    public void OnSnapshot(InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs) =>
        Lines.Add($"snapshot {instrument.Value} {succeeded} {Encoding.UTF8.GetString(body)}");

    public void OnReadComplete(long nowNs) => Lines.Add("read");

    public void OnDisconnected(DisconnectReason reason, long nowNs) => Lines.Add($"disconnected {reason}");
}

internal static class FakeInstruments
{
    public static Instrument Of(int id, string symbol) => new()
    {
        Id = new InstrumentId(id), Venue = new VenueId(1), Symbol = symbol, VenueSymbol = symbol, Base = Text16.From("A"),
        Quote = Text16.From("B"), Tick = new Price(1), Lot = new Quantity(1),
    };
}
