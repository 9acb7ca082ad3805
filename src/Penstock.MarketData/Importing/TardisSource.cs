using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Importing;

/// <summary>
/// A tardis CSV file, trades or incremental_book_L2. The exchange's own frames are not in it, so its rows become frames of the neutral
/// format that <see cref="NormalisedFeed"/> reads: one per trade, one per book message (rows of one symbol and one local time).
/// </summary>
internal sealed class TardisSource(string path, bool isBook) : ImportSource(path)
{
    private static readonly string[] TradeColumns = ["exchange", "symbol", "timestamp", "local_timestamp", "id", "side", "price", "amount"];
    private static readonly string[] BookColumns = ["exchange", "symbol", "timestamp", "local_timestamp", "is_snapshot", "side", "price", "amount"];

    private readonly ArrayBufferWriter<byte> _frame = new(4096);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });
    private readonly List<Row> _rows = [];
    private readonly int[] _places = new int[8];
    private Row? _next;
    private bool _started;

    /// <summary>One line, its numbers as text: digits are kept as they are.</summary>
    private sealed record Row(string Exchange, string Symbol, long TimeUs, long LocalUs, string Mark, string Side, string Price, string Amount)
    {
        public bool IsSnapshot => Mark == "true";

        public bool IsOneMessageWith(Row other) => other.LocalUs == LocalUs && other.Symbol == Symbol && other.Mark == Mark;
    }

    public override bool TryRead(out ImportedEvent imported)
    {
        imported = default;
        if (!_started)
        {
            if (!TryReadHeader() || !TryReadRow(out _next)) return false;
            _started = true;
            if (_next is null) return false;
            imported = new ImportedEvent(CaptureKind.Open, _next.LocalUs * 1000, "tardis:" + FileName, default);
            return true;
        }

        if (_next is not { } first) return false;
        _rows.Clear();
        do
        {
            _rows.Add(_next);
            if (!TryReadRow(out _next)) return false;
        }
        while (isBook && _next is not null && first.IsOneMessageWith(_next));

        if (isBook) FormatBook(first);
        else FormatTrade(first);
        imported = new ImportedEvent(CaptureKind.Received, first.LocalUs * 1000, "", _frame.WrittenMemory);
        return true;
    }

    private bool TryReadHeader()
    {
        if (!TryReadLine(out var line)) return Problem is null && Fail("the file is empty");
        var names = Encoding.UTF8.GetString(line.Span).Split(',');
        var wanted = isBook ? BookColumns : TradeColumns;
        for (var i = 0; i < wanted.Length; i++)
        {
            _places[i] = Array.IndexOf(names, wanted[i]);
            if (_places[i] < 0) return Fail($"column {wanted[i]} is missing; expected {string.Join(',', wanted)}");
        }

        return true;
    }

    /// <summary>False at a problem; null at the end.</summary>
    private bool TryReadRow(out Row? row)
    {
        row = null;
        if (!TryReadLine(out var line)) return Problem is null;
        var fields = Encoding.UTF8.GetString(line.Span).Split(',');
        if (fields.Length <= _places.Max()) return Fail($"expected {_places.Max() + 1} columns, found {fields.Length}");
        string Field(int column) => fields[_places[column]];
        if (Field(1).Length == 0) return Fail("the symbol is empty");
        if (!TryMicroseconds(Field(2), out var time)) return Fail($"timestamp '{Field(2)}' is no microseconds since the epoch");
        if (!TryMicroseconds(Field(3), out var local)) return Fail($"local_timestamp '{Field(3)}' is no microseconds since the epoch");
        if (isBook && Field(4) is not ("true" or "false")) return Fail($"is_snapshot '{Field(4)}' is neither true nor false");
        if (isBook ? Field(5) is not ("bid" or "ask") : Field(5) is not ("buy" or "sell" or "unknown")) return Fail($"side '{Field(5)}' is not known");
        if (!IsNumber(Field(6))) return Fail($"price '{Field(6)}' is no number");
        if (!IsNumber(Field(7))) return Fail($"amount '{Field(7)}' is no number");
        row = new Row(Field(0), Field(1), time, local, Field(4), Field(5), Field(6), Field(7));
        return true;
    }

    private static bool TryMicroseconds(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and < long.MaxValue / 1000;

    private static bool IsNumber(string text) =>
        text.Length > 0 && text[0] is '-' or (>= '0' and <= '9') && JsonScanner.Validate(Encoding.UTF8.GetBytes(text)) == QuarantineCause.None;

    private void FormatTrade(Row row)
    {
        Begin("trade", row);
        if (row.Mark.Length > 0) _json.WriteString("id"u8, row.Mark);
        WriteNumbers(row);
        _json.WriteString("side"u8, row.Side);
        End(row);
    }

    private void FormatBook(Row first)
    {
        Begin("book_change", first);
        _json.WriteBoolean("isSnapshot"u8, first.IsSnapshot);
        foreach (var (name, side) in (ReadOnlySpan<(string, string)>)[("bids", "bid"), ("asks", "ask")])
        {
            _json.WriteStartArray(name);
            foreach (var row in _rows)
            {
                if (row.Side != side) continue;
                _json.WriteStartObject();
                WriteNumbers(row);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        End(first);
    }

    private void Begin(string type, Row row)
    {
        _frame.ResetWrittenCount();
        _json.Reset(_frame);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteString("symbol"u8, row.Symbol);
        _json.WriteString("exchange"u8, row.Exchange);
    }

    private void WriteNumbers(Row row)
    {
        _json.WritePropertyName("price"u8);
        _json.WriteRawValue(row.Price, skipInputValidation: true);
        _json.WritePropertyName("amount"u8);
        _json.WriteRawValue(row.Amount, skipInputValidation: true);
    }

    private void End(Row row)
    {
        _json.WriteString("timestamp"u8, Iso(row.TimeUs));
        _json.WriteString("localTimestamp"u8, Iso(row.LocalUs));
        _json.WriteEndObject();
        _json.Flush();
    }

    private static string Iso(long us) => DateTimeOffset.UnixEpoch.AddTicks(us * 10).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
