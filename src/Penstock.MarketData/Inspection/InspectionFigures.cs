using System.Text.Json;
using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Inspection;

/// <summary>What a book looked like at the end of a recording; null prices where a side is empty.</summary>
public sealed record FinalBook(string[]? Bid, string[]? Ask, int BidLevels, int AskLevels);

/// <summary>Inputs by what became of them. Those still held back for a snapshot when the recording ended count as shed.</summary>
public sealed record InputCounts(long Received, long Applied, long Duplicate, long Stale, long Quarantined, long Shed);

/// <summary>
/// The figures of one recording under the names of recordings/expected.json; recordings/README.md explains each. All counts.
/// </summary>
public sealed record InspectionFigures
{
    public long Events { get; init; }
    public long Sent { get; init; }
    public long Rest { get; init; }
    public long Connections { get; init; }
    public long Frames { get; init; }
    public long BadFrames { get; init; }
    public long Books { get; init; }
    public long Snapshots { get; init; }
    public long BookUpdates { get; init; }
    public long Bridged { get; init; }
    public long Stale { get; init; }
    public long Buffered { get; init; }
    public long Unsynchronised { get; init; }
    public long Trades { get; init; }
    public long TradeIdGaps { get; init; }
    public long Crossed { get; init; }
    public long Gaps { get; init; }
    public long Repeats { get; init; }
    public long ChecksumOk { get; init; }
    public long ChecksumOkSnapshots { get; init; }
    public long ChecksumBad { get; init; }
    public long OracleOk { get; init; }
    public long OracleBad { get; init; }
    public long UnknownChannel { get; init; }
    public long ReceiveTimeBackwards { get; init; }

    /// <summary>Null when the container was whole.</summary>
    public string? Container { get; init; }

    /// <summary>SHA-256 over all books at the end, see recordings/README.md.</summary>
    public required string BookDigest { get; init; }

    /// <summary>By the exchange's spelling, in ordinal order.</summary>
    public required IReadOnlyList<KeyValuePair<string, FinalBook>> Final { get; init; }

    /// <summary>Inputs set aside, by cause; causes without any are left out.</summary>
    public required IReadOnlyList<KeyValuePair<QuarantineCause, long>> Quarantined { get; init; }

    /// <summary>What became of every input: received is the sum of the others.</summary>
    public required InputCounts Inputs { get; init; }

    /// <summary>Nothing bad, no gap, no repeat, no crossed book, every event of the header present, receive times in order.</summary>
    public bool Clean => BadFrames == 0 && Crossed == 0 && Gaps == 0 && Repeats == 0 && ChecksumBad == 0 && OracleBad == 0
        && ReceiveTimeBackwards == 0 && Container is null;

    /// <summary>Writes one JSON object with the keys of expected.json, plus <c>quarantined</c>, <c>inputs</c> and, if damaged, <c>container</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in Counts()) json.WriteNumber(name, value);
        json.WriteBoolean("clean", Clean);
        json.WriteString("book_digest", BookDigest);
        json.WriteStartObject("final");
        foreach (var (symbol, book) in Final) WriteBook(json, symbol, book);
        json.WriteEndObject();
        json.WriteStartObject("quarantined");
        foreach (var (cause, count) in Quarantined) json.WriteNumber(cause.ToString(), count);
        json.WriteEndObject();
        json.WriteStartObject("inputs");
        json.WriteNumber("received", Inputs.Received);
        json.WriteNumber("applied", Inputs.Applied);
        json.WriteNumber("duplicate", Inputs.Duplicate);
        json.WriteNumber("stale", Inputs.Stale);
        json.WriteNumber("quarantined", Inputs.Quarantined);
        json.WriteNumber("shed", Inputs.Shed);
        json.WriteEndObject();
        if (Container is not null) json.WriteString("container", Container);
        json.WriteEndObject();
    }

    /// <summary>Every count under its name in expected.json, in its order.</summary>
    public IEnumerable<KeyValuePair<string, long>> Counts()
    {
        yield return new("events", Events);
        yield return new("sent", Sent);
        yield return new("rest", Rest);
        yield return new("connections", Connections);
        yield return new("frames", Frames);
        yield return new("bad_frames", BadFrames);
        yield return new("books", Books);
        yield return new("snapshots", Snapshots);
        yield return new("book_updates", BookUpdates);
        yield return new("bridged", Bridged);
        yield return new("stale", Stale);
        yield return new("buffered", Buffered);
        yield return new("unsynchronised", Unsynchronised);
        yield return new("trades", Trades);
        yield return new("trade_id_gaps", TradeIdGaps);
        yield return new("crossed", Crossed);
        yield return new("gaps", Gaps);
        yield return new("repeats", Repeats);
        yield return new("checksum_ok", ChecksumOk);
        yield return new("checksum_ok_snapshots", ChecksumOkSnapshots);
        yield return new("checksum_bad", ChecksumBad);
        yield return new("oracle_ok", OracleOk);
        yield return new("oracle_bad", OracleBad);
        yield return new("unknown_channel", UnknownChannel);
        yield return new("receive_time_backwards", ReceiveTimeBackwards);
    }

    private static void WriteBook(Utf8JsonWriter json, string symbol, FinalBook book)
    {
        json.WriteStartObject(symbol);
        WriteLevel(json, "bid", book.Bid);
        WriteLevel(json, "ask", book.Ask);
        json.WriteStartArray("levels");
        json.WriteNumberValue(book.BidLevels);
        json.WriteNumberValue(book.AskLevels);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLevel(Utf8JsonWriter json, string name, string[]? level)
    {
        if (level is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (var number in level) json.WriteStringValue(number);
        json.WriteEndArray();
    }
}
