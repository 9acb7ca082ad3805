using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Control.ReadModels;

/// <summary>Everything of one instrument that can be looked at: book, tape, bars.</summary>
internal sealed class InstrumentView
{
    private static readonly (string Name, long Ms)[] Intervals = [("1s", 1_000), ("5s", 5_000), ("1m", 60_000), ("5m", 300_000)];

    private readonly BarSeries[] _bars;

    public InstrumentView(Instrument instrument, string name)
    {
        (Instrument, Name) = (instrument, name);
        Book = new BookLevelsTopic(this);
        Trades = new TradeLog(this);
        _bars = [.. Intervals.Select(i => new BarSeries($"bars:{name}:{i.Name}", instrument, i.Ms))];
    }

    public Instrument Instrument { get; }

    /// <summary>As people write it: BTC-USDT.BINANCE.</summary>
    public string Name { get; }

    public BookLevelsTopic Book { get; }

    public TradeLog Trades { get; }

    public IReadOnlyList<BarSeries> Bars => _bars;

    /// <summary>Null until the first book event of this session.</summary>
    public IOrderBook? Levels { get; set; }

    /// <summary>The last ring sequence that concerned this instrument.</summary>
    public long Sequence { get; set; }

    public long LastReceivedNs { get; set; }

    public long LastPriceRaw { get; private set; }

    public void OnTrade(in MarketEvent trade)
    {
        LastPriceRaw = trade.Price.Raw;
        Trades.Add(in trade);
        foreach (var series in _bars) series.Add(in trade);
    }

    public static void WriteFlags(Utf8JsonWriter json, BookFlags flags)
    {
        json.WriteStartArray("flags"u8);
        if (flags.HasFlag(BookFlags.Synced)) json.WriteStringValue("synced"u8);
        if (flags.HasFlag(BookFlags.Stale)) json.WriteStringValue("stale"u8);
        if (flags.HasFlag(BookFlags.Gap)) json.WriteStringValue("gap"u8);
        if (flags.HasFlag(BookFlags.Crossed)) json.WriteStringValue("crossed"u8);
        json.WriteEndArray();
    }
}

/// <summary>The best levels of a book; the whole top again at every change.</summary>
internal sealed class BookLevelsTopic(InstrumentView view) : ITopic
{
    public const int Depth = 25;

    private readonly BookLevel[] _levels = new BookLevel[Depth];

    public string Name { get; } = "book:" + view.Name;

    public long Version { get; private set; }

    public int HzMax => 20;

    public bool IsList => false;

    public byte BinaryBody => 2;

    /// <summary>How old the last event is, told by whoever owns the clock.</summary>
    public Func<long> NowNs { get; set; } = () => 0;

    public void Changed() => Version++;

    public void Write(Utf8JsonWriter json, long since)
    {
        var (instrument, book) = (view.Instrument, view.Levels);
        json.WriteStartObject();
        json.WriteString("instrument"u8, view.Name);
        json.WriteNumber("updateId"u8, book?.LastUpdateId ?? 0);
        json.WriteNumber("sequence"u8, view.Sequence);
        InstrumentView.WriteFlags(json, book?.Flags ?? BookFlags.None);
        if (view.LastReceivedNs == 0) json.WriteNull("ageMs"u8);
        else json.WriteNumber("ageMs"u8, Math.Max(0, (NowNs() - view.LastReceivedNs) / 1_000_000));
        json.WriteNumber("levels"u8, (book?.Count(Side.Buy) ?? 0) + (book?.Count(Side.Sell) ?? 0));
        WriteSide(json, "bids"u8, Side.Buy);
        WriteSide(json, "asks"u8, Side.Sell);
        json.WriteEndObject();

        void WriteSide(Utf8JsonWriter to, ReadOnlySpan<byte> name, Side side)
        {
            to.WriteStartArray(name);
            var count = book?.CopyTop(side, _levels) ?? 0;
            for (var i = 0; i < count; i++)
            {
                to.WriteStartArray();
                to.WriteStringValue(FixedPoint.ToText(_levels[i].Price.Raw, instrument.PriceScale));
                to.WriteStringValue(FixedPoint.ToText(_levels[i].Quantity.Raw, instrument.QuantityScale));
                to.WriteEndArray();
            }

            to.WriteEndArray();
        }
    }

    public void WriteBinary(IBufferWriter<byte> to, long since)
    {
        var book = view.Levels;
        var span = to.GetSpan(15 + Depth * 32);
        BinaryPrimitives.WriteInt32LittleEndian(span, view.Instrument.Id.Value);
        span[4] = (byte)(book?.Flags ?? BookFlags.None);
        BinaryPrimitives.WriteInt64LittleEndian(span[5..], view.Sequence);
        var at = 15;
        span[13] = (byte)Side(span, Model.Markets.Side.Buy, ref at);
        span[14] = (byte)Side(span, Model.Markets.Side.Sell, ref at);
        to.Advance(at);

        int Side(Span<byte> into, Side side, ref int position)
        {
            var count = book?.CopyTop(side, _levels) ?? 0;
            for (var i = 0; i < count; i++, position += 16)
            {
                BinaryPrimitives.WriteInt64LittleEndian(into[position..], _levels[i].Price.Raw);
                BinaryPrimitives.WriteInt64LittleEndian(into[(position + 8)..], _levels[i].Quantity.Raw);
            }

            return count;
        }
    }
}

/// <summary>The tape of one instrument.</summary>
internal sealed class TradeLog(InstrumentView view) : RowLog("trades:" + view.Name, KeptTrades, 100, 20)
{
    public const int KeptTrades = 500;

    private readonly (long UnixNs, long Price, long Quantity, Side Side)[] _trades = new (long, long, long, Side)[KeptTrades];

    public override byte BinaryBody => 3;

    public void Add(in MarketEvent trade)
    {
        var (time, price, quantity, side, sequence) = (trade.ExchangeTime.UnixNs, trade.Price.Raw, trade.Quantity.Raw, trade.Side, trade.Sequence);
        _trades[(NextNumber - 1) % KeptTrades] = (time, price, quantity, side);
        Add(json =>
        {
            json.Ms("atMs"u8, time);
            json.Fixed("price"u8, price, view.Instrument.PriceScale);
            json.Fixed("quantity"u8, quantity, view.Instrument.QuantityScale);
            json.WriteString("side"u8, side == Side.Buy ? "buy"u8 : side == Side.Sell ? "sell"u8 : ""u8);
            json.WriteNumber("sequence"u8, sequence);
        });
    }

    public override void WriteBinary(IBufferWriter<byte> to, long since)
    {
        var first = FirstOf(since, SnapshotRows);
        var count = (int)(Version - first + 1);
        var span = to.GetSpan(2 + count * 33);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)count);
        var at = 2;
        for (var n = first; n <= Version; n++, at += 33)
        {
            var (time, price, quantity, side) = _trades[(n - 1) % KeptTrades];
            BinaryPrimitives.WriteInt64LittleEndian(span[at..], n);
            BinaryPrimitives.WriteInt64LittleEndian(span[(at + 8)..], time);
            BinaryPrimitives.WriteInt64LittleEndian(span[(at + 16)..], price);
            BinaryPrimitives.WriteInt64LittleEndian(span[(at + 24)..], quantity);
            span[at + 32] = side == Side.Buy ? (byte)1 : (byte)2;
        }

        to.Advance(at);
    }
}
