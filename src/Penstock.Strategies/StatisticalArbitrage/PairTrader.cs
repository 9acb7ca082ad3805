using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Strategies.Legs;
using Penstock.Strategies.StatisticalArbitrage;

[assembly: Strategy<PairTrader>("statistical-arbitrage")]

namespace Penstock.Strategies.StatisticalArbitrage;

/// <summary>
/// Trades two instruments that belong together against each other (R99): long the one that is cheap by their common past, short
/// the other by the hedge ratio, until they have met again. See <see cref="PairModel"/> for the statistics.
/// <para>
/// It keeps a wish (long, short or flat, with the ratio of the entry) and trades each leg towards it with immediate-or-cancel orders;
/// positions say how far it came. A leg that fails again and again gives the whole pair up: the wish becomes flat and the other leg is undone.
/// While either book is not tradable no sample is taken and nothing is entered.
/// </para>
/// </summary>
[Trades(InstrumentGrouping.Pair)]
public sealed class PairTrader : Strategy<PairConfig>
{
    private TakerLeg _first = null!;
    private TakerLeg _second = null!;
    private PairModel _model = null!;
    private Quantity _size;
    private Bps _reach;
    private long _dustRaw;
    private long _nextSampleNs;
    private long _pauseUntilNs;
    private long _lastFirstRaw;
    private long _lastSecondRaw;
    private int _quietSamples;

    public PairModel Model => _model;

    /// <summary>+1 holds the first and owes the second, −1 the other way round, 0 flat.</summary>
    public int Wish { get; private set; }

    /// <summary>Units of the second per unit of the first, as of the entry.</summary>
    public double Ratio { get; private set; }

    public long Entries { get; private set; }

    /// <summary>Pairs given up because they broke, or because a leg could not be had.</summary>
    public long GivenUp { get; private set; }

    protected override void OnStart()
    {
        if (Context.Instruments.Count != 2) throw new ArgumentException("A pair has two instruments.");
        _first = new TakerLeg(Context, Context.Instruments[0]);
        _second = new TakerLeg(Context, Context.Instruments[1]);
        _model = new PairModel(Config.Window);
    }

    protected override void OnConfigured()
    {
        _size = Quantity.From(decimal.Round(Config.Size, FixedPoint.Decimals));
        _dustRaw = Quantity.From(decimal.Round(Config.Size * Config.DustBps / 10_000m, FixedPoint.Decimals)).Raw;
        _reach = Bps.From(Config.ReachBps);
    }

    protected override int StateVersion => 2;

    protected override void OnState(StateArchive state)
    {
        _first.Archive(state);
        _second.Archive(state);
        _model.Archive(state);
        (_nextSampleNs, _quietSamples) = (state.Value(_nextSampleNs), state.Value(_quietSamples));
        (_lastFirstRaw, _lastSecondRaw) = (state.Value(_lastFirstRaw), state.Value(_lastSecondRaw));
        (Wish, Ratio) = (state.Value(Wish), state.Value(Ratio));
        (Entries, GivenUp) = (state.Value(Entries), state.Value(GivenUp));
        if (state.Version >= 2) _pauseUntilNs = state.Value(_pauseUntilNs);
    }

    protected override void OnSession() => _nextSampleNs = _pauseUntilNs = 0;

    protected override void OnBook(in BookView book) => Trade();

    protected override void OnOrder(in OrderEvent order) => Trade();

    protected override void OnTimer(MonotonicTime now)
    {
        if (now.Ns >= _nextSampleNs)
        {
            _nextSampleNs = now.Ns + Config.SampleMs * 1_000_000L;
            Sample();
        }

        Trade();
    }

    private void Sample()
    {
        var first = _first.Book;
        var second = _second.Book;
        if (!first.IsTradable || !second.IsTradable) return;
        _model.Add(Of(first), Of(second));
        if (_quietSamples > 0) _quietSamples--;
        if (!_model.IsReady) return;
        if (Wish == 0) Enter(Of(first));
        else Leave();
    }

    private void Enter(double price)
    {
        var z = _model.Z;
        if (_quietSamples > 0 || Math.Abs(z) < Config.EntryZ || Math.Abs(z) >= Config.StopZ || _model.Beta <= 0) return;
        if (_model.Cointegration > Config.CointegrationMax) return;
        var wayBackBps = (Math.Abs(z) - Config.ExitZ) * _model.Deviation / price * 10_000;
        if (wayBackBps < Config.CostBps || !FitsSecond(_model.Beta)) return;
        Wish = z > 0 ? -1 : 1;
        Ratio = _model.Beta;
        _first.Failures = _second.Failures = 0;
        Entries++;
    }

    /// <summary>A hedge smaller than the smallest order would be no hedge.</summary>
    private bool FitsSecond(double beta) => _size.Raw * beta >= _second.Least(_second.Book.Mid).Raw;

    private void Leave()
    {
        // The sign of the entry: a residual that has run through the mean to the other side is home as well.
        var distance = -Wish * _model.Z;
        if (distance <= Config.ExitZ)
        {
            Wish = 0;
        }
        else if (distance >= Config.StopZ)
        {
            GiveUp();
        }
    }

    private void GiveUp()
    {
        Wish = 0;
        GivenUp++;
        _quietSamples = Config.Window;
        _first.Failures = _second.Failures = 0;
    }

    private void Trade()
    {
        if (_first.IsOpen || _second.IsOpen || Now.Ns < _pauseUntilNs) return;
        var firstTarget = Wish * _size.Raw;
        Judge(_first, firstTarget, ref _lastFirstRaw);
        Judge(_second, SecondTarget(), ref _lastSecondRaw);
        if (Wish != 0 && (_first.Failures >= Config.FailuresMax || _second.Failures >= Config.FailuresMax)) GiveUp();
        Towards(_first, Wish * _size.Raw, _dustRaw);
        Towards(_second, SecondTarget(), (long)(_dustRaw * Ratio));
    }

    private long SecondTarget() => -Wish * (long)(_size.Raw * Ratio);

    /// <summary>An order that is over and moved nothing is a failure; one that moved the position is none.</summary>
    private static void Judge(TakerLeg leg, long targetRaw, ref long lastRaw)
    {
        if (leg.Held.Raw != lastRaw || targetRaw == leg.Held.Raw) leg.Failures = 0;
        lastRaw = leg.Held.Raw;
    }

    private void Towards(TakerLeg leg, long targetRaw, long dustRaw)
    {
        var missing = targetRaw - leg.Held.Raw;
        if (missing == 0 || Math.Abs(missing) < dustRaw) return;
        if (!leg.Take(missing > 0 ? Side.Buy : Side.Sell, new Quantity(Math.Abs(missing)), _reach)) return;
        leg.Failures++;
        _pauseUntilNs = Now.Ns + Config.PauseMs * 1_000_000L;
    }

    private static double Of(in BookView book) => book.MidTwiceRaw * (0.5 / FixedPoint.Scale);
}
