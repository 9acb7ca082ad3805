namespace Penstock.Node.Incidents;

/// <summary>
/// Says when a venue sends many times what it usually does: the rate over the last second against a slow average of itself, with a floor below
/// which no machine is troubled. A pace that stays becomes the usual one after some seconds, so a busy day is one burst and not thousands.
/// </summary>
/// <param name="frames">Frames so far; grows.</param>
internal sealed class BurstDetector(Func<long> frames)
{
    public const double FramesPerSecondMin = 1_000;

    public const double TimesUsual = 5;

    /// <summary>Below this the burst is over, and the next one counts anew.</summary>
    private const double TimesUsualOver = 2;

    /// <summary>Looks whose span is the last second, at four looks a second.</summary>
    private const int WindowLooks = 4;

    /// <summary>Looks over which the average forgets: sixteen seconds.</summary>
    private const double UsualLooks = 64;

    private readonly (long AtNs, long Frames)[] _looks = new (long, long)[WindowLooks];
    private long _count;
    private double _usual;
    private bool _isOn;

    /// <summary>Bursts begun.</summary>
    public long Bursts { get; private set; }

    /// <summary>Four times a second.</summary>
    public void Look(long nowNs)
    {
        var (atNs, before) = _looks[_count % WindowLooks];
        var now = frames();
        _looks[_count % WindowLooks] = (nowNs, now);
        if (_count++ < WindowLooks || nowNs <= atNs) return;
        var rate = (now - before) * 1e9 / (nowNs - atNs);
        if (_usual == 0) _usual = rate;
        if (!_isOn && rate >= FramesPerSecondMin && rate >= TimesUsual * _usual)
        {
            _isOn = true;
            Bursts++;
        }
        else if (_isOn && rate < TimesUsualOver * _usual)
        {
            _isOn = false;
        }

        _usual += (rate - _usual) / UsualLooks;
    }
}
