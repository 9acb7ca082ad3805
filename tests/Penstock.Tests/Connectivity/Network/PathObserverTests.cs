using System.Net;
using System.Text;
using Penstock.Connectivity.Network;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Connectivity.Network;

[Trait("requirement", "R50")]
public sealed class PathObserverTests
{
    private const long Ms = 1_000_000;

    private readonly PathObserver _path = new(unixAtZeroNs: 1_700_000_000_000 * Ms);
    private readonly byte[] _payload = new byte[PathObserver.ProbeBytes];

    [Fact]
    public void A_ping_is_matched_by_its_payload_and_by_nothing_else()
    {
        Open();
        Assert.False(_path.Step(0));
        Assert.True(_path.Step(250 * Ms));
        _path.BeginProbe(250 * Ms, _payload);
        Assert.False(_path.OnPong([1, 2, 3], 251 * Ms));
        Assert.False(_path.OnPong(new byte[PathObserver.ProbeBytes], 251 * Ms));
        Assert.True(_path.OnPong(_payload, 257 * Ms));
        Assert.False(_path.OnPong(_payload, 258 * Ms));
        var s = _path.Statistics;
        Assert.Equal((1L, 1L, 3L, 7 * Ms, 7 * Ms), (s.ProbesSent, s.ProbesAnswered, s.PongsUnmatched, s.RoundTripNs, s.RoundTripNsMin));
        Assert.False(_path.Step(5_249 * Ms));
        Assert.True(_path.Step(5_250 * Ms));
    }

    [Fact]
    public void A_venue_that_answers_no_ping_frame_is_left_alone_and_its_own_pongs_count()
    {
        Open();
        var probes = 0;
        for (var now = 0L; now < 200_000 * Ms; now += 100 * Ms)
        {
            if (!_path.Step(now)) continue;
            _path.BeginProbe(now, _payload);
            probes++;
        }

        Assert.Equal(3, probes);
        Assert.Equal(3, _path.Statistics.ProbesUnanswered);
        _path.OnVenuePing(200_000 * Ms);
        _path.OnVenuePong(200_009 * Ms);
        _path.OnVenuePong(200_010 * Ms);
        Assert.Equal((1L, 9 * Ms), (_path.Statistics.VenuePongs, _path.Statistics.RoundTripNs));
        // The next connection may be to another machine: it is asked again.
        _path.OnClosed();
        _path.OnOpen(default, 300_000 * Ms);
        Assert.True(_path.Step(300_250 * Ms));
    }

    [Fact]
    public void Jitter_follows_rfc_3550_and_the_mean_rfc_6298()
    {
        var (trip, random) = (new RoundTrip(), new Random(4));
        var (mean, jitter, last) = (0.0, 0.0, 0.0);
        for (var i = 0; i < 500; i++)
        {
            var sample = random.Next(1, 80_000_000);
            trip.Add(sample);
            if (i == 0) mean = sample;
            else (mean, jitter) = (mean + (sample - mean) / 8, jitter + (Math.Abs(sample - last) - jitter) / 16);
            last = sample;
            Assert.InRange(trip.SmoothedNs - mean, -2, 2);
            Assert.InRange(trip.JitterNs - jitter, -2, 2);
        }
    }

    [Fact]
    [Trait("requirement", "R56")]
    public void Gaps_between_reads_are_recorded_once_a_read_and_never_across_connections()
    {
        Open();
        foreach (var at in new long[] { 10, 10, 10, 30, 30, 60 }) _path.OnMessage(at * Ms);
        Assert.Equal((2L, 20 * Ms, 30 * Ms), (_path.ArrivalGaps.Count, _path.ArrivalGaps.Min, _path.ArrivalGaps.Max));
        _path.OnClosed();
        _path.OnOpen(default, 5_000 * Ms);
        _path.OnMessage(5_010 * Ms);
        Assert.Equal(2, _path.ArrivalGaps.Count);
    }

    [Fact]
    public void The_least_delayed_stamp_of_a_second_bounds_the_clock_and_the_venues_answer_closes_the_interval()
    {
        Open();
        const long skew = 1_300 * Ms;
        long Venue(long ns) => 1_700_000_000_000 * Ms + ns + skew;
        _path.OnExchangeStamp(Venue(1_000 * Ms), 1_040 * Ms);
        _path.OnExchangeStamp(Venue(1_050 * Ms), 1_055 * Ms);
        _path.OnExchangeStamp(Venue(1_060 * Ms), 1_160 * Ms);
        _path.Step(2_000 * Ms);
        var s = _path.Statistics;
        Assert.Equal(1, s.ClockBounds);
        Assert.InRange(s.ClockOffsetNsMin, skew - 5 * Ms - Ms / 5, skew - 5 * Ms);
        _path.OnServerTime(Venue(2_010 * Ms), Ms, 2_000 * Ms, 2_022 * Ms);
        Assert.Equal(2, s.ClockBounds);
        Assert.InRange(s.ClockOffsetNsMax, skew + 11 * Ms, skew + 11 * Ms);
        Assert.InRange(skew, s.ClockOffsetNsMin, s.ClockOffsetNsMax);
        Assert.Equal(0, s.ClockSteps);
    }

    [Fact]
    public void Watching_a_frame_allocates_nothing()
    {
        Open();
        long before = 0;
        for (var i = 0; i < 20_000; i++)
        {
            if (i == 10_000) before = GC.GetAllocatedBytesForCurrentThread();
            var now = i * 10 * Ms;
            _path.OnMessage(now);
            _path.OnExchangeStamp(1_700_000_000_000 * Ms + now, now);
            if (!_path.Step(now)) continue;
            _path.BeginProbe(now, _payload);
            _path.OnPong(_payload, now + 1);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(_path.Statistics.ProbesAnswered > 30);
    }

    [Theory]
    [InlineData("""{"serverTime":1499827319559}""", "serverTime", ServerTime.MillisecondNs, 1_499_827_319_559_000_000)]
    [InlineData("""{"error":[],"result":{"unixtime":1616336594,"rfc1123":"Sun, 21 Mar 21 14:23:14 +0000"}}""", "unixtime", ServerTime.SecondNs, 1_616_336_594_000_000_000)]
    [InlineData("""{"code":"0","msg":"","data":[{"ts":"1597026383085"}]}""", "ts", ServerTime.MillisecondNs, 1_597_026_383_085_000_000)]
    [InlineData("""{"retCode":0,"result":{"timeSecond":"1688639403","timeNano":"1688639403423213947"},"time":1}""", "timeNano", 1, 1_688_639_403_423_213_947)]
    [InlineData("""{"status":"ok", "data" : 1629715504949}""", "data", ServerTime.MillisecondNs, 1_629_715_504_949_000_000)]
    [InlineData("""{"serverTime":null}""", "serverTime", ServerTime.MillisecondNs, 0)]
    [InlineData("""{"serverTime":99999999999999999999}""", "serverTime", ServerTime.MillisecondNs, 0)]
    [InlineData("""{"serverTime":9223372036854775807}""", "serverTime", ServerTime.MillisecondNs, 0)]
    [InlineData("""{"serverTime":-5}""", "serverTime", ServerTime.MillisecondNs, 0)]
    [InlineData("\"serverTime\"", "serverTime", ServerTime.MillisecondNs, 0)]
    [InlineData("", "serverTime", ServerTime.MillisecondNs, 0)]
    public void A_venues_time_is_read_from_its_answer_or_not_at_all(string body, string field, long unitNs, long expectedNs)
    {
        Assert.Equal(expectedNs > 0, new ServerTime("/time", field, unitNs).TryRead(Encoding.UTF8.GetBytes(body), out var unixNs));
        Assert.Equal(expectedNs, unixNs);
    }

    [Fact]
    public void Hops_to_this_machine_are_one_or_the_refusal_says_why()
    {
        var listing = HopTrace.To(IPAddress.Loopback, MonotonicClock.Instance);
        if (listing.Refusal is not null)
        {
            Assert.Empty(listing.Hops);
            return;
        }

        Assert.True(listing.Reached);
        Assert.Equal(IPAddress.Loopback, Assert.Single(listing.Hops).Address);
    }

    private void Open() => _path.OnOpen(new ConnectTimes { ConnectNs = Ms }, 0);
}
