using System.Text.Json;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Bars of one instrument and interval by the exchange's time, the newest still open. Made for the screen: a trade of a bar that has closed is
/// added to it while it is kept, older ones are counted and left out.
/// </summary>
internal sealed class BarSeries(string name, Instrument instrument, long intervalMs) : ITopic
{
    public const int Kept = 600;

    private readonly Bar[] _bars = new Bar[Kept];
    private int _count;
    private int _newest = -1;
    private long _day;
    private Int128 _dayTurnover;
    private Int128 _dayVolume;

    private struct Bar
    {
        public long OpenMs;
        public long Open;
        public long High;
        public long Low;
        public long Close;
        public long Volume;
        public long BuyVolume;
        /// <summary>Price times quantity, both raw, summed: exact.</summary>
        public Int128 Turnover;
        /// <summary>The same of the whole UTC day up to this bar's last trade, and its volume.</summary>
        public Int128 DayTurnover;
        public Int128 DayVolume;
        public int Trades;
        public long Version;
    }

    public string Name => name;

    public long Version { get; private set; }

    public int HzMax => 4;

    public bool IsList => true;

    /// <summary>Trades older than every bar kept.</summary>
    public long Late { get; private set; }

    public bool CanUpdate(long since) => true;

    public void Add(in MarketEvent trade)
    {
        var openMs = trade.ExchangeTime.UnixNs / 1_000_000;
        openMs -= openMs % intervalMs;
        if (openMs <= 0) return;
        if (_newest < 0 || openMs > _bars[_newest].OpenMs)
        {
            _newest = (_newest + 1) % Kept;
            _count = Math.Min(_count + 1, Kept);
            _bars[_newest] = new Bar { OpenMs = openMs, Open = trade.Price.Raw, High = trade.Price.Raw, Low = trade.Price.Raw };
        }

        var index = Find(openMs);
        if (index < 0)
        {
            Late++;
            return;
        }

        ref var bar = ref _bars[index];
        bar.High = Math.Max(bar.High, trade.Price.Raw);
        bar.Low = Math.Min(bar.Low, trade.Price.Raw);
        bar.Close = trade.Price.Raw;
        bar.Volume += trade.Quantity.Raw;
        if (trade.Side == Side.Buy) bar.BuyVolume += trade.Quantity.Raw;
        bar.Turnover += (Int128)trade.Price.Raw * trade.Quantity.Raw;
        Count(in trade, ref _bars[_newest]);
        bar.Trades++;
        bar.Version = ++Version;
    }

    public void Write(Utf8JsonWriter json, long since)
    {
        json.WriteStartArray();
        for (var i = 0; i < _count; i++)
        {
            ref readonly var bar = ref _bars[(_newest - _count + 1 + i + Kept) % Kept];
            if (bar.Version <= since) continue;
            json.WriteStartObject();
            json.WriteNumber("openMs"u8, bar.OpenMs);
            json.Fixed("open"u8, bar.Open, instrument.PriceScale);
            json.Fixed("high"u8, bar.High, instrument.PriceScale);
            json.Fixed("low"u8, bar.Low, instrument.PriceScale);
            json.Fixed("close"u8, bar.Close, instrument.PriceScale);
            json.Fixed("volume"u8, bar.Volume, instrument.QuantityScale);
            json.Fixed("buyVolume"u8, bar.BuyVolume, instrument.QuantityScale);
            json.WriteNumber("trades"u8, bar.Trades);
            Average(json, "vwap"u8, bar.Turnover, bar.Volume);
            Average(json, "vwapDay"u8, bar.DayTurnover, bar.DayVolume);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The day's sums stand in the newest bar; a late trade counts from where it is told.</summary>
    private void Count(in MarketEvent trade, ref Bar newest)
    {
        var day = newest.OpenMs / 86_400_000;
        if (day != _day) (_day, _dayTurnover, _dayVolume) = (day, 0, 0);
        _dayTurnover += (Int128)trade.Price.Raw * trade.Quantity.Raw;
        _dayVolume += trade.Quantity.Raw;
        (newest.DayTurnover, newest.DayVolume) = (_dayTurnover, _dayVolume);
    }

    private void Average(Utf8JsonWriter json, ReadOnlySpan<byte> field, Int128 turnover, Int128 volume)
    {
        if (volume > 0) json.Fixed(field, (long)(turnover / volume), instrument.PriceScale);
        else json.WriteNull(field);
    }

    private int Find(long openMs)
    {
        for (var i = 0; i < _count; i++)
        {
            var index = (_newest - i + Kept) % Kept;
            if (_bars[index].OpenMs == openMs) return index;
            if (_bars[index].OpenMs < openMs) return -1;
        }

        return -1;
    }
}
