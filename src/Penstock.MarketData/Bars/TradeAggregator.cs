using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Bars;

/// <summary>
/// One-minute bars from trades, by the exchange's own time (R22). A bar closes when a trade of a later minute arrives; a
/// trade of a minute already closed is counted as late and changes nothing. No trade, no bar.
/// </summary>
public sealed class TradeAggregator(IBarSink sink)
{
    public const long IntervalNs = 60_000_000_000;

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

    /// <summary>Trades of a minute that was closed already.</summary>
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
        var start = time - time % IntervalNs;
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
