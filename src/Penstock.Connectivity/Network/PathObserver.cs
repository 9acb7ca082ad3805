using System.Buffers.Binary;
using Penstock.Infrastructure.Counters;

namespace Penstock.Connectivity.Network;

/// <summary>
/// Watches one connection's way through the network (R50, R56): how long it took to open, how long a ping takes there and back, how far
/// apart reads that brought messages are, and how far the venue's clock is from ours. Told by the connection, the session and the ingest, all on one
/// thread; costs no system call and no allocation per frame. Exchange time and local time are only ever subtracted here, where
/// the result is a bound on the offset and not a latency.
/// </summary>
public sealed class PathObserver
{
    /// <summary>Bytes of a probe's payload: its number.</summary>
    public const int ProbeBytes = 8;

    private const long FoldIntervalNs = 1_000_000_000;

    /// <summary>The first probe waits for the subscriptions to leave.</summary>
    private const long FirstProbeNs = 250_000_000;

    /// <summary>After this a probe counts as unanswered.</summary>
    private const long PatienceNs = 10_000_000_000;

    /// <summary>A venue that has answered none of so many is not asked again on this connection.</summary>
    private const int FruitlessMax = 3;

    private readonly long _unixAtZeroNs;
    private readonly long _probeIntervalNs;
    private readonly RoundTrip _roundTrip = new();
    private readonly ClockOffset _clock = new();
    private bool _isOpen;
    private bool _answersProbes;
    private int _fruitless;
    private long _probeNumber;
    private long _probeSentNs;
    private long _nextProbeNs;
    private long _venuePingNs;
    private long _readNs;
    private long _nextFoldNs;
    private long _leadNs = long.MinValue;
    private long _leadAtNs;

    /// <param name="unixAtZeroNs">Unix time at which the monotonic clock read zero, taken once: what "our clock" means here.</param>
    /// <param name="roundTrips">Where round trips are recorded; own memory without it.</param>
    /// <param name="arrivalGaps">As <paramref name="roundTrips"/>, of the times between reads.</param>
    /// <param name="probeInterval">Between probes: 5 s unless said otherwise, far below every venue's limit on incoming frames.</param>
    public PathObserver(long unixAtZeroNs, Histogram? roundTrips = null, Histogram? arrivalGaps = null, TimeSpan? probeInterval = null)
    {
        _unixAtZeroNs = unixAtZeroNs;
        RoundTrips = roundTrips ?? new Histogram();
        ArrivalGaps = arrivalGaps ?? new Histogram();
        _probeIntervalNs = (long)(probeInterval ?? TimeSpan.FromSeconds(5)).TotalNanoseconds;
    }

    public PathStatistics Statistics { get; } = new();

    /// <summary>Every ping's round trip, nanoseconds.</summary>
    public Histogram RoundTrips { get; }

    /// <summary>Nanoseconds from one socket read that completed a message to the next, within one connection.</summary>
    public Histogram ArrivalGaps { get; }

    public void OnOpen(in ConnectTimes times, long nowNs)
    {
        (Statistics.ResolveNs, Statistics.ConnectNs, Statistics.SecureNs, Statistics.UpgradeNs) =
            (times.ResolveNs, times.ConnectNs, times.SecureNs, times.UpgradeNs);
        (_isOpen, _answersProbes, _fruitless) = (true, false, 0);
        (_readNs, _venuePingNs, _nextProbeNs) = (0, 0, nowNs + FirstProbeNs);
    }

    public void OnClosed()
    {
        if (_probeSentNs != 0) Statistics.ProbesUnanswered++;
        (_isOpen, _probeSentNs, _venuePingNs) = (false, 0, 0);
    }

    /// <summary>A message came; those of one read carry the same stamp.</summary>
    /// <param name="receivedNs">Monotonic.</param>
    public void OnMessage(long receivedNs)
    {
        if (receivedNs == _readNs) return;
        if (_readNs != 0) ArrivalGaps.Record(receivedNs - _readNs);
        _readNs = receivedNs;
    }

    /// <summary>A message was stamped by the venue: its clock showed at least this when we read.</summary>
    /// <param name="unixNs">The venue's stamp.</param>
    /// <param name="receivedNs">Monotonic.</param>
    public void OnExchangeStamp(long unixNs, long receivedNs)
    {
        // Only the least delayed of a second bounds anything; the rest costs a subtraction.
        var lead = unixNs - receivedNs - _unixAtZeroNs;
        if (lead <= _leadNs) return;
        (_leadNs, _leadAtNs) = (lead, receivedNs);
    }

    /// <summary>The venue told its time on request.</summary>
    /// <param name="unixNs">What it said.</param>
    /// <param name="resolutionNs">The truth lies less than this above it.</param>
    /// <param name="sentNs">Monotonic, before the request left.</param>
    /// <param name="receivedNs">Monotonic, after the answer came.</param>
    public void OnServerTime(long unixNs, long resolutionNs, long sentNs, long receivedNs)
    {
        _clock.Add(receivedNs, unixNs - receivedNs - _unixAtZeroNs, unixNs + resolutionNs - sentNs - _unixAtZeroNs);
        PublishClock(receivedNs);
    }

    public void OnServerTimeFailed() => Statistics.ClockFailures++;

    /// <summary>
    /// In every step of an open connection. True when a probe is due: <see cref="BeginProbe"/>, if the venue's limits allow it now.
    /// </summary>
    public bool Step(long nowNs)
    {
        if (nowNs >= _nextFoldNs) Fold(nowNs);
        if (!_isOpen || nowNs < _nextProbeNs) return false;
        if (_probeSentNs == 0) return _answersProbes || _fruitless < FruitlessMax;
        if (nowNs - _probeSentNs < PatienceNs) return false;
        Statistics.ProbesUnanswered++;
        _fruitless++;
        _probeSentNs = 0;
        return false;
    }

    /// <summary>Writes the payload of the next probe.</summary>
    /// <param name="nowNs">Monotonic, right before it leaves.</param>
    /// <param name="payload"><see cref="ProbeBytes"/> long.</param>
    public void BeginProbe(long nowNs, Span<byte> payload)
    {
        _probeNumber++;
        BinaryPrimitives.WriteInt64BigEndian(payload, _probeNumber);
        (_probeSentNs, _nextProbeNs) = (nowNs, nowNs + _probeIntervalNs);
        Statistics.ProbesSent++;
    }

    /// <summary>True when it answers our probe: then it says nothing about the venue's data being alive.</summary>
    public bool OnPong(ReadOnlySpan<byte> payload, long receivedNs)
    {
        if (_probeSentNs == 0 || payload.Length != ProbeBytes || BinaryPrimitives.ReadInt64BigEndian(payload) != _probeNumber)
        {
            Statistics.PongsUnmatched++;
            return false;
        }

        Statistics.ProbesAnswered++;
        (_answersProbes, _fruitless) = (true, 0);
        Take(receivedNs - _probeSentNs);
        _probeSentNs = 0;
        return true;
    }

    /// <summary>A JSON ping of the venue's protocol left.</summary>
    public void OnVenuePing(long nowNs) => _venuePingNs = nowNs;

    /// <summary>
    /// The venue's JSON pong came. It counts where ping frames are not answered, and by order: one ping is under way at a time, and TCP keeps order.
    /// </summary>
    public void OnVenuePong(long receivedNs)
    {
        if (_venuePingNs == 0) return;
        if (!_answersProbes)
        {
            Statistics.VenuePongs++;
            Take(receivedNs - _venuePingNs);
        }

        _venuePingNs = 0;
    }

    private void Take(long ns)
    {
        RoundTrips.Record(ns);
        _roundTrip.Add(ns);
        (Statistics.RoundTripNs, Statistics.RoundTripNsMin, Statistics.JitterNs) = (_roundTrip.SmoothedNs, _roundTrip.MinNs, _roundTrip.JitterNs);
    }

    private void Fold(long nowNs)
    {
        _nextFoldNs = nowNs + FoldIntervalNs;
        if (_leadNs == long.MinValue) return;
        _clock.Add(_leadAtNs, _leadNs, ClockOffset.NoHigh);
        PublishClock(nowNs);
        // Stamp to read = offset − lead: known exactly as well as the offset is.
        Statistics.DelayNsMin = Math.Max(Statistics.ClockOffsetNsMin - _leadNs, 0);
        Statistics.DelayNsMax = Statistics.ClockBounds == 2 ? Math.Max(Statistics.ClockOffsetNsMax - _leadNs, 0) : 0;
        _leadNs = long.MinValue;
    }

    private void PublishClock(long nowNs)
    {
        var (low, high) = _clock.At(nowNs);
        Statistics.ClockBounds = high != ClockOffset.NoHigh ? 2 : 1;
        Statistics.ClockOffsetNsMin = low;
        Statistics.ClockOffsetNsMax = high == ClockOffset.NoHigh ? 0 : high;
        (Statistics.ClockSamples, Statistics.ClockSteps) = (_clock.Samples, _clock.Steps);
    }
}
