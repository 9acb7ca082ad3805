using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Bars;

/// <summary>
/// Bars of one length from trades, by the exchange's own time (R22). A bar closes when a trade of a later interval arrives, or
/// <see cref="Advance"/> says that its time is over; a trade of an interval already closed is counted as late and changes
/// nothing. No trade, no bar. One thread.
/// </summary>
/// <param name="sink">Takes the finished bars.</param>
/// <param name="intervalNs">Length of a bar; the first one starts at the beginning of the Unix epoch.</param>
public sealed class TradeAggregator(IBarSink sink, long intervalNs = TradeAggregator.MinuteNs)
{
    public const long MinuteNs = 60_000_000_000;

    private readonly long _intervalNs = intervalNs > 0
        ? intervalNs
        : throw new ArgumentOutOfRangeException(nameof(intervalNs), intervalNs, "A bar must have a length.");

    private OpenBar[] _open = new OpenBar[16];

    private struct OpenBar
    {
        public long StartNs;
        public Price First;
        public Price High;
        public Price Low;
        public Price Last;
        public long VolumeRaw;
        public long BuyVolumeRaw;
        public Notional Turnover;
        public int Trades;
    }

    /// <summary>Trades of an interval that was closed already.</summary>
    public long LateTrades { get; private set; }

    /// <summary>Trades without an exchange time, or whose volume does not fit: not aggregated.</summary>
    public long UnusableTrades { get; private set; }

    /// <summary>Takes any event; only trades count.</summary>
    public void Apply(in MarketEvent marketEvent)
    {
        if (marketEvent.Kind != MarketEventKind.Trade || marketEvent.Instrument.Value <= 0) return;
        var time = marketEvent.ExchangeTime.UnixNs;
        if (time <= 0)
        {
            UnusableTrades++;
            return;
        }

        var id = marketEvent.Instrument;
        if (id.Value >= _open.Length) Array.Resize(ref _open, Math.Max(_open.Length * 2, id.Value + 1));
        ref var bar = ref _open[id.Value];
        var start = time - time % _intervalNs;
        if (start < bar.StartNs)
        {
            LateTrades++;
            return;
        }

        if (start > bar.StartNs)
        {
            Close(id, ref bar);
            bar = new OpenBar { StartNs = start };
        }

        Add(ref bar, in marketEvent);
    }

    /// <summary>Closes the instrument's bar when its interval ended before <paramref name="now"/>: in a quiet market no trade does.</summary>
    /// <param name="instrument">One whose trades were applied.</param>
    /// <param name="now">The exchange's time, as well as it is known.</param>
    public void Advance(InstrumentId instrument, ExchangeTime now)
    {
        if (instrument.Value <= 0 || instrument.Value >= _open.Length) return;
        ref var bar = ref _open[instrument.Value];
        if (bar.Trades == 0 || now.UnixNs < bar.StartNs + _intervalNs) return;
        Close(instrument, ref bar);
        bar = new OpenBar { StartNs = bar.StartNs + 1 }; // later than any trade of that interval, earlier than any of the next
    }

    /// <summary>The open bars, into a snapshot or out of one.</summary>
    public void Archive(StateArchive state)
    {
        _open = state.List<OpenBar>(_open);
        LateTrades = state.Value(LateTrades);
        UnusableTrades = state.Value(UnusableTrades);
    }

    /// <summary>Closes what is open: at the end of a recording.</summary>
    public void CloseAll()
    {
        for (var id = 0; id < _open.Length; id++)
        {
            Close(new InstrumentId(id), ref _open[id]);
            _open[id].Trades = 0;
        }
    }

    private void Add(ref OpenBar bar, in MarketEvent trade)
    {
        if (trade.Quantity.Raw < 0 || bar.VolumeRaw > long.MaxValue - trade.Quantity.Raw)
        {
            UnusableTrades++;
            return;
        }

        var price = trade.Price;
        if (bar.Trades++ == 0) bar.First = bar.High = bar.Low = price;
        if (price > bar.High) bar.High = price;
        if (price < bar.Low) bar.Low = price;
        bar.Last = price;
        bar.VolumeRaw += trade.Quantity.Raw;
        if (trade.Side == Side.Buy) bar.BuyVolumeRaw += trade.Quantity.Raw;
        bar.Turnover += Notional.Of(price, trade.Quantity);
    }

    private void Close(InstrumentId instrument, ref OpenBar bar)
    {
        if (bar.Trades == 0) return;
        sink.OnBar(new Bar(
            instrument, new ExchangeTime(bar.StartNs), bar.First, bar.High, bar.Low, bar.Last,
            new Quantity(bar.VolumeRaw), new Quantity(bar.BuyVolumeRaw), bar.Turnover, bar.Trades));
    }
}
