using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies.Indicators;

namespace Penstock.Strategies;

/// <summary>
/// The bars one strategy asked for: made from the trades the engine gives it, so that a replay makes the same ones. A bar ends
/// with the first trade of the next interval, or when the exchange's time, estimated from the newest trade and the engine's time, has
/// passed its end by <see cref="GraceNs"/>. Engine's thread.
/// </summary>
internal sealed class BarSubscriptions(BarSubscriptions.Handler handler) : IBarSink
{
    /// <summary>What a trade may be late by and still belong to its bar in a market that has gone quiet.</summary>
    public const long GraceNs = 250_000_000;

    private readonly List<Subscription> _subscriptions = [];
    private Subscription? _current;

    internal delegate void Handler(in Bar bar, TimeSpan interval);

    private sealed class Subscription
    {
        public required InstrumentId Instrument;
        public required TimeSpan Interval;
        public required TradeAggregator Aggregator;
        public required Indicator[] Indicators;
        public bool HasOffset;
        public long OffsetNs;
    }

    public void Add(InstrumentId instrument, TimeSpan interval, ReadOnlySpan<Indicator> indicators) => _subscriptions.Add(new Subscription
    {
        Instrument = instrument, Interval = interval, Indicators = indicators.ToArray(),
        Aggregator = new TradeAggregator(this, interval.Ticks * TimeSpan.NanosecondsPerTick),
    });

    public void OnTrade(in MarketEvent trade)
    {
        for (var i = 0; i < _subscriptions.Count; i++)
        {
            var subscription = _subscriptions[i];
            if (subscription.Instrument != trade.Instrument) continue;
            _current = subscription;
            subscription.Aggregator.Apply(trade);
            if (trade.ExchangeTime.UnixNs <= 0) continue;
            subscription.OffsetNs = trade.ExchangeTime.UnixNs - trade.Received.Ns;
            subscription.HasOffset = true;
        }
    }

    public void OnTimer(MonotonicTime now)
    {
        for (var i = 0; i < _subscriptions.Count; i++)
        {
            var subscription = _subscriptions[i];
            if (!subscription.HasOffset) continue;
            _current = subscription;
            subscription.Aggregator.Advance(subscription.Instrument, new ExchangeTime(now.Ns + subscription.OffsetNs - GraceNs));
        }
    }

    void IBarSink.OnBar(in Bar bar)
    {
        foreach (var indicator in _current!.Indicators) indicator.Update(bar);
        handler(bar, _current.Interval);
    }

    /// <summary>Markets, lengths and indicators asked for, in words.</summary>
    public string Shape => string.Join(", ", _subscriptions.Select(s =>
        $"{s.Instrument.Value} {s.Interval} {string.Join(' ', s.Indicators.Select(i => $"{i.GetType().FullName}({i.Period})"))}"));

    /// <summary>Bars that are open, and the indicators as far as they are.</summary>
    public void Archive(StateArchive state)
    {
        if (state.Value(_subscriptions.Count) != _subscriptions.Count) throw new InvalidDataException("The strategy asks for other bars than those saved.");
        foreach (var subscription in _subscriptions)
        {
            subscription.HasOffset = state.Value(subscription.HasOffset);
            subscription.OffsetNs = state.Value(subscription.OffsetNs);
            subscription.Aggregator.Archive(state);
            if (state.Value(subscription.Indicators.Length) != subscription.Indicators.Length) throw new InvalidDataException("The bars have other indicators than those saved.");
            foreach (var indicator in subscription.Indicators) indicator.Archive(state);
        }
    }

    /// <summary>Another session, another monotonic clock.</summary>
    public void OnSession()
    {
        foreach (var subscription in _subscriptions) subscription.HasOffset = false;
    }
}
