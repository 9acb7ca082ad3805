using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;

namespace Penstock.Node.Commands;

/// <summary>One thing missing or wrong in a capture.</summary>
/// <param name="UnixNs">When it was seen.</param>
/// <param name="Kind">gap, repeat, checksum, crossed or outage.</param>
/// <param name="Symbol">The exchange's spelling; empty where the whole connection is meant.</param>
/// <param name="Detail">For people.</param>
internal readonly record struct CaptureGap(long UnixNs, string Kind, string Symbol, string Detail);

/// <summary>
/// Writes down what a capture lacks, while it runs: gaps by the venue's own rule, and the times without a connection. Stands between
/// the session and its ingest. The feed's thread; the report reads it when that has ended.
/// </summary>
internal sealed class CaptureGaps(InstrumentTable instruments, Func<long, long> toUnixNs) : IIngestObserver, IFeedListener
{
    /// <summary>More are counted, not listed: a venue in trouble must not fill the memory of what watches it.</summary>
    private const int ListedMax = 1000;

    private readonly List<CaptureGap> _gaps = [];
    private IFeedListener _ingest = null!;
    private DisconnectReason _reason;
    private long _downSinceNs;
    private long _nowNs;

    /// <summary>The first of them, in order.</summary>
    public IReadOnlyList<CaptureGap> Listed => _gaps;

    /// <summary>Seen beyond those that are listed.</summary>
    public long NotListed { get; private set; }

    /// <summary>Nanoseconds without a connection after the first one.</summary>
    public long OutageNs { get; private set; }

    public void Attach(IFeedListener ingest) => _ingest = ingest;

    /// <summary>The capture ends: a connection still missing is an outage up to now.</summary>
    public void End(long nowNs) => EndOutage(nowNs, "not back when the capture ended");

    public void OnConnected(int connectionEpoch, long nowNs)
    {
        EndOutage(nowNs, "back");
        _ingest.OnConnected(connectionEpoch, nowNs);
    }

    public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
    {
        _nowNs = receivedNs;
        _ingest.OnFrame(frame, receivedNs);
    }

    public void OnSnapshot(InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs)
    {
        _nowNs = receivedNs;
        _ingest.OnSnapshot(instrument, succeeded, body, receivedNs);
    }

    public void OnReadComplete(long nowNs) => _ingest.OnReadComplete(nowNs);

    public void OnDisconnected(DisconnectReason reason, long nowNs)
    {
        // Attempts that fail while nothing is connected belong to the same outage.
        if (_downSinceNs == 0) (_downSinceNs, _reason) = (nowNs, reason);
        _ingest.OnDisconnected(reason, nowNs);
    }

    void IIngestObserver.OnApplied(in FeedMessage message)
    {
    }

    void IIngestObserver.OnInvalidated(InstrumentId instrument)
    {
    }

    void IIngestObserver.OnAnomaly(IngestAnomaly anomaly, in FeedMessage message, long expected)
    {
        var symbol = instruments.Contains(message.Instrument) ? instruments[message.Instrument].VenueSymbol : "";
        var got = message.FirstUpdateId != FeedMessage.NoId ? message.FirstUpdateId : message.LastUpdateId;
        switch (anomaly)
        {
            case IngestAnomaly.Gap: Add("gap", symbol, $"got {got}, expected {expected}"); break;
            case IngestAnomaly.Repeat: Add("repeat", symbol, $"got {got}, expected {expected}"); break;
            case IngestAnomaly.ChecksumMismatch: Add("checksum", symbol, $"the venue says {message.Checksum}"); break;
            default: Add("crossed", symbol, "best bid at or above best ask"); break;
        }
    }

    private void EndOutage(long nowNs, string how)
    {
        if (_downSinceNs == 0) return;
        var lasted = nowNs - _downSinceNs;
        OutageNs += lasted;
        _nowNs = _downSinceNs;
        Add("outage", "", $"{_reason}, {lasted / 1_000_000} ms, {how}");
        _downSinceNs = 0;
    }

    private void Add(string kind, string symbol, string detail)
    {
        if (_gaps.Count < ListedMax) _gaps.Add(new CaptureGap(toUnixNs(_nowNs), kind, symbol, detail));
        else NotListed++;
    }
}
