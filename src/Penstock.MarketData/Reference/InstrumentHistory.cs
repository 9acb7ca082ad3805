using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Reference;

public enum InstrumentChangeKind
{
    /// <summary>First seen.</summary>
    Listed,
    Changed,
    /// <summary>The same thing of the venue under another name of ours or of the venue's.</summary>
    Renamed,
    /// <summary>In a whole list no longer.</summary>
    Gone,
}

/// <summary>One line of the history: what a venue's list says of an instrument from a moment on. Numbers as exact decimal text.</summary>
public sealed record InstrumentRecord
{
    public required string Venue { get; init; }

    public required string Symbol { get; init; }

    public required string VenueSymbol { get; init; }

    public InstrumentChangeKind Kind { get; init; }

    /// <summary>Nanoseconds since 1970; until the next line of the same instrument.</summary>
    public long FromUnixNs { get; init; }

    public string Tick { get; init; } = "";

    public string Lot { get; init; } = "";

    public string QuantityMin { get; init; } = "";

    public string NotionalMin { get; init; } = "";

    public InstrumentStatus Status { get; init; }

    public long VenueCode { get; init; }

    /// <summary>Where it was read.</summary>
    public string Source { get; init; } = "";

    /// <summary>What changed, in words: tick 0.01 to 0.1.</summary>
    public string Changes { get; init; } = "";

    public static InstrumentRecord Of(string venue, Instrument instrument, long fromUnixNs, string source) => new()
    {
        Venue = venue, Symbol = instrument.Symbol, VenueSymbol = instrument.VenueSymbol, FromUnixNs = fromUnixNs, Tick = instrument.Tick.ToString(), Lot = instrument.Lot.ToString(),
        QuantityMin = instrument.QuantityMin.ToString(), NotionalMin = instrument.NotionalMin.ToString(), Status = instrument.Status, VenueCode = instrument.VenueCode, Source = source,
    };

    internal IEnumerable<string> DifferencesFrom(InstrumentRecord old)
    {
        foreach (var (name, before, now) in ((string, string, string)[])[
            ("symbol", old.Symbol, Symbol), ("venue symbol", old.VenueSymbol, VenueSymbol), ("tick", old.Tick, Tick), ("lot", old.Lot, Lot), ("minimum quantity", old.QuantityMin, QuantityMin),
            ("minimum value", old.NotionalMin, NotionalMin), ("status", old.Status.ToString(), Status.ToString())])
        {
            if (before != now) yield return $"{name} {before} to {now}";
        }
    }
}

/// <summary>
/// What the venues' lists said of the instruments, and since when (R23, E5): one JSON line per change, appended and never rewritten. A line that
/// does not read (a torn last one) is skipped and counted. Start-up and refresh only.
/// </summary>
public sealed class InstrumentHistory
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private readonly string _path;
    private readonly List<InstrumentRecord> _records = [];

    private InstrumentHistory(string path) => _path = path;

    /// <summary>In the order they were written.</summary>
    public IReadOnlyList<InstrumentRecord> Records => _records;

    public int LinesSkipped { get; private set; }

    /// <summary>Empty when there is no file yet.</summary>
    /// <exception cref="Problem">The file cannot be read.</exception>
    public static InstrumentHistory Open(string path)
    {
        var history = new InstrumentHistory(path);
        try
        {
            if (!File.Exists(path)) return history;
            foreach (var line in File.ReadLines(path))
            {
                if (Parse(line) is { } record) history._records.Add(record);
                else history.LinesSkipped++;
            }

            return history;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the instruments' history cannot be read", path, e.Message, "make the file yours");
        }
    }

    /// <summary>The newest line of what the venue calls that; null when there is none or it is gone.</summary>
    public InstrumentRecord? Latest(string venue, string venueSymbol) =>
        _records.FindLast(r => r.Venue == venue && r.VenueSymbol == venueSymbol) is { Kind: not InstrumentChangeKind.Gone } found ? found : null;

    /// <summary>What held at a moment; null when nothing was known of it then.</summary>
    public InstrumentRecord? At(string venue, string symbol, long unixNs) =>
        _records.FindLast(r => r.Venue == venue && r.Symbol == symbol && r.FromUnixNs <= unixNs) is { Kind: not InstrumentChangeKind.Gone } found ? found : null;

    /// <summary>Every line of a symbol of ours, and of the names it had before.</summary>
    public IReadOnlyList<InstrumentRecord> Of(string symbol)
    {
        var venueNames = _records.Where(r => r.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase)).Select(r => (r.Venue, r.VenueSymbol)).ToHashSet();
        var codes = _records.Where(r => r.VenueCode != 0 && venueNames.Contains((r.Venue, r.VenueSymbol))).Select(r => (r.Venue, r.VenueCode)).ToHashSet();
        return [.. _records.Where(r => venueNames.Contains((r.Venue, r.VenueSymbol)) || codes.Contains((r.Venue, r.VenueCode)))];
    }

    /// <summary>Compares a venue's list with what was known, appends what is new and returns it.</summary>
    /// <param name="venue">The venue's name.</param>
    /// <param name="listed">What its endpoint lists now.</param>
    /// <param name="unixNs">When it was asked.</param>
    /// <param name="source">The address.</param>
    /// <param name="isWhole">The list is all the venue has: what is missing in it is gone.</param>
    /// <exception cref="Problem">The file cannot be written.</exception>
    public IReadOnlyList<InstrumentRecord> Record(string venue, IReadOnlyList<Instrument> listed, long unixNs, string source, bool isWhole = false)
    {
        var changes = new List<InstrumentRecord>();
        foreach (var instrument in listed)
        {
            var now = InstrumentRecord.Of(venue, instrument, unixNs, source);
            var old = Latest(venue, instrument.VenueSymbol) ?? SameCode(venue, instrument.VenueCode);
            if (old is null)
            {
                changes.Add(now with { Kind = InstrumentChangeKind.Listed });
                continue;
            }

            var differences = string.Join(", ", now.DifferencesFrom(old));
            if (differences.Length == 0) continue;
            var isRenamed = old.Symbol != now.Symbol || old.VenueSymbol != now.VenueSymbol;
            changes.Add(now with { Kind = isRenamed ? InstrumentChangeKind.Renamed : InstrumentChangeKind.Changed, Changes = differences });
        }

        if (isWhole) changes.AddRange(Missing(venue, listed).Select(r => r with { Kind = InstrumentChangeKind.Gone, FromUnixNs = unixNs, Source = source, Changes = "no longer listed" }));
        Append(changes);
        return changes;
    }

    private InstrumentRecord? SameCode(string venue, long code) =>
        code == 0 ? null : _records.FindLast(r => r.Venue == venue && r.VenueCode == code) is { Kind: not InstrumentChangeKind.Gone } found ? found : null;

    private List<InstrumentRecord> Missing(string venue, IReadOnlyList<Instrument> listed)
    {
        var names = listed.Select(i => i.VenueSymbol).ToHashSet(StringComparer.Ordinal);
        // A name that was given up is no instrument that is gone.
        var codes = listed.Where(i => i.VenueCode != 0).Select(i => i.VenueCode).ToHashSet();
        return [.. _records.Where(r => r.Venue == venue).GroupBy(r => r.VenueSymbol).Select(g => g.Last())
            .Where(r => r.Kind != InstrumentChangeKind.Gone && !names.Contains(r.VenueSymbol) && !codes.Contains(r.VenueCode))];
    }

    private void Append(List<InstrumentRecord> changes)
    {
        if (changes.Count == 0) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            using var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            // A line that was torn by a crash ends here, so that the next one is whole.
            if (stream.Length > 0)
            {
                stream.Seek(-1, SeekOrigin.End);
                if (stream.ReadByte() != '\n') stream.WriteByte((byte)'\n');
            }

            foreach (var change in changes)
            {
                JsonSerializer.Serialize(stream, change, Json);
                stream.WriteByte((byte)'\n');
            }

            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the instruments' history cannot be written", _path, e.Message, "free space or permissions");
        }

        _records.AddRange(changes);
    }

    private static InstrumentRecord? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<InstrumentRecord>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
