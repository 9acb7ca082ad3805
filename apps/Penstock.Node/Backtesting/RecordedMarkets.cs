using Penstock.MarketData.Playback;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Node.Backtesting;

/// <summary>Several recordings as one stream, merged by receive time; of equal times the one named first comes first.</summary>
internal sealed class RecordedMarkets : IMarketSource
{
    private readonly RecordingPlayer[] _players;
    private readonly bool[] _has;
    private int _current = -1;
    private bool _started;

    /// <param name="markets">With the venue id each got.</param>
    public RecordedMarkets(IReadOnlyList<(RecordedMarket Market, VenueId Venue)> markets, InstrumentTable instruments)
    {
        _players = [.. markets.Select((m, i) => m.Market.Play(m.Venue, instruments, i))];
        _has = new bool[_players.Length];
    }

    public ReadOnlySpan<MarketEvent> Events => _players[_current].Events;

    public long TimeNs { get; private set; }

    /// <summary>Recordings count in time of day.</summary>
    public long UnixNs => TimeNs;

    public long Gaps => _players.Sum(p => p.Sum().Gaps);

    public long Crossed => _players.Sum(p => p.Sum().Crossed);

    public string? Problem => _players.Select(p => p.Problem).FirstOrDefault(p => p is not null);

    public bool TryRead()
    {
        if (!_started)
        {
            _started = true;
            for (var i = 0; i < _players.Length; i++) _has[i] = _players[i].TryRead();
        }
        else
        {
            _has[_current] = _players[_current].TryRead();
        }

        _current = -1;
        for (var i = 0; i < _players.Length; i++)
        {
            if (_has[i] && (_current < 0 || _players[i].NowNs < _players[_current].NowNs)) _current = i;
        }

        if (_current < 0) return false;
        TimeNs = Math.Max(TimeNs, _players[_current].NowNs);
        return true;
    }

    public void Dispose()
    {
        foreach (var player in _players) player.Dispose();
    }
}
