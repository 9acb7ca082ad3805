using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Reference;

/// <summary>One line of a fee schedule: what a venue takes from an account of a tier, from a day to a day (R23).</summary>
public sealed record FeeEntry
{
    public required string Venue { get; init; }

    /// <summary>The venue's own name of the level; base is a new account's.</summary>
    public string Tier { get; init; } = "base";

    /// <summary>Our spelling, for instruments with fees of their own; empty for all others.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>1/100 %; negative is a rebate.</summary>
    public required decimal MakerBps { get; init; }

    /// <summary>1/100 %.</summary>
    public required decimal TakerBps { get; init; }

    /// <summary>First day, UTC.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Last day, UTC.</summary>
    public DateOnly? To { get; init; }

    public string Source { get; init; } = "";
}

/// <summary>The fee lines of a JSON file, <c>[{"venue":"okx","tier":"base","makerBps":8,"takerBps":10,"from":"2026-01-01","source":"…"}]</c>.</summary>
public sealed class FeeSchedule(IReadOnlyList<FeeEntry> entries)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public IReadOnlyList<FeeEntry> Entries { get; } = entries;

    /// <exception cref="Problem">The file is not there or is something else.</exception>
    public static FeeSchedule Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new FeeSchedule(JsonSerializer.Deserialize<List<FeeEntry>>(stream, Json) ?? []);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new Problem(ExitCode.NotFound, "there is no such fee schedule", path, "the file does not exist", "check the path");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Configuration, "the fee schedule cannot be read", path, e.Message, "expected a list of {venue, tier, symbol, makerBps, takerBps, from, to, source}");
        }
    }

    /// <summary>The line that holds on a day: the instrument's own before the venue's, the later beginning before the earlier; null when none does.</summary>
    public FeeEntry? Find(string venue, string tier, string symbol, DateOnly day) => Entries
        .Where(e => e.Venue == venue && e.Tier == tier && (e.Symbol.Length == 0 || e.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase)) && !(day < e.From) && !(day > e.To))
        .OrderByDescending(e => e.Symbol.Length > 0).ThenByDescending(e => e.From ?? DateOnly.MinValue).FirstOrDefault();

    /// <summary>The rates of all instruments on one day, for a session.</summary>
    /// <param name="instruments">Of the session.</param>
    /// <param name="venues">Name and tier by venue id, first at 0.</param>
    /// <param name="day">UTC.</param>
    public FeeTable TableOf(InstrumentTable instruments, IReadOnlyList<(string Venue, string Tier)> venues, DateOnly day) => new(
    [
        .. instruments.All.Select(i => Find(venues[i.Venue.Value - 1].Venue, venues[i.Venue.Value - 1].Tier, i.Symbol, day) is { } entry
            ? FeeRates.FromBps(entry.MakerBps, entry.TakerBps) : FeeTable.Unknown),
    ]);
}

/// <summary>Rates by instrument, fixed for a session.</summary>
public sealed class FeeTable(IReadOnlyList<FeeRates> rates) : IFeeSchedule
{
    /// <summary>What an instrument without a line costs: high enough that no strategy takes a fee nobody entered for a profit.</summary>
    public static readonly FeeRates Unknown = FeeRates.FromBps(100m, 100m);

    private readonly FeeRates[] _rates = [.. rates];

    public FeeRates FeesOf(InstrumentId instrument) => (uint)(instrument.Value - 1) < (uint)_rates.Length ? _rates[instrument.Value - 1] : Unknown;
}
