using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;

namespace Penstock.MarketData.Reference;

/// <summary>One stretch of time in which a market does one thing; from inclusive, to exclusive, UTC.</summary>
public readonly record struct MarketSession(MarketPhase Phase, DateTimeOffset From, DateTimeOffset To, string Name);

/// <summary>
/// When a market trades (R23). Times of day are the market's own and become UTC by the system's time-zone rules: an hour that a
/// change of clocks leaves out begins when the clocks have been changed, an hour that comes twice begins the first time and ends the
/// second. Immutable; any thread. It knows no clock: the caller says when. Not for the hot path (sessions are computed per day).
/// </summary>
public sealed class TradingCalendar
{
    /// <summary>How far <see cref="NextOpen"/> looks: longer than any chain of holidays.</summary>
    public const int SearchDaysMax = 400;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly TimeZoneInfo _zone;
    private readonly Dictionary<DateOnly, Holiday> _holidays;
    private readonly Dictionary<DateOnly, SpecialDay> _specialDays;
    private readonly List<MaintenanceWindow> _maintenance;

    /// <exception cref="Problem">The definition contradicts itself, or the system does not know its time zone.</exception>
    public TradingCalendar(CalendarDefinition definition)
    {
        Definition = definition;
        _zone = TimeZoneInfo.TryFindSystemTimeZoneById(definition.Zone, out var zone) ? zone
            : throw Wrong(definition.Name, $"this system knows no time zone {definition.Zone}", "install tzdata, or correct the name");
        if (!definition.AlwaysOpen && (definition.Sessions.Count == 0 || definition.Weekdays.Count == 0))
            throw Wrong(definition.Name, "it has no sessions or no weekdays, and is not alwaysOpen", "add them");
        if (definition.Holidays.GroupBy(h => h.Date).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Wrong(definition.Name, $"{twice.Key:O} is a holiday twice", "leave one away");
        if (definition.SpecialDays.GroupBy(d => d.Date).FirstOrDefault(g => g.Count() > 1) is { } doubled) throw Wrong(definition.Name, $"{doubled.Key:O} is special twice", "leave one away");
        if (definition.Maintenance.FirstOrDefault(m => m.To <= m.From) is { } backwards) throw Wrong(definition.Name, $"maintenance of {backwards.From:O} ends before it begins", "exchange them");
        _holidays = definition.Holidays.ToDictionary(h => h.Date);
        _specialDays = definition.SpecialDays.ToDictionary(d => d.Date);
        _maintenance = [.. definition.Maintenance.OrderBy(m => m.From)];
    }

    public CalendarDefinition Definition { get; }

    /// <summary>Calendars that ship with Penstock: crypto, nse, nyse.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith("calendar.", StringComparison.Ordinal)).Select(n => n["calendar.".Length..^".json".Length]).Order(StringComparer.Ordinal)];

    /// <param name="nameOrFile">A shipped calendar's name, or a JSON file of the same form.</param>
    /// <param name="maintenance">Added to the calendar's own.</param>
    /// <exception cref="Problem">No such calendar, or the file cannot be used.</exception>
    public static TradingCalendar Load(string nameOrFile, IReadOnlyList<MaintenanceWindow>? maintenance = null)
    {
        var definition = Parse(nameOrFile);
        return new TradingCalendar(maintenance is null ? definition : definition with { Maintenance = [.. definition.Maintenance, .. maintenance] });
    }

    public bool IsOpen(DateTimeOffset at) => PhaseAt(at) == MarketPhase.Trading;

    /// <summary>Closed outside the days the calendar is known for.</summary>
    public MarketPhase PhaseAt(DateTimeOffset at)
    {
        foreach (var window in _maintenance)
        {
            if (at >= window.From && at < window.To) return MarketPhase.Maintenance;
        }

        if (Definition.AlwaysOpen) return MarketPhase.Trading;
        var day = LocalDay(at);
        // Yesterday's session may reach over midnight.
        for (var offset = -1; offset <= 0; offset++)
        {
            foreach (var session in SessionsOf(day.AddDays(offset)))
            {
                if (at >= session.From && at < session.To) return session.Phase;
            }
        }

        return MarketPhase.Closed;
    }

    /// <summary>The name of the holiday or special day, or why nothing is known; null on an ordinary day.</summary>
    public string? Remark(DateOnly day) =>
        _holidays.TryGetValue(day, out var holiday) ? holiday.Name
        : _specialDays.TryGetValue(day, out var special) ? special.Name
        : IsKnown(day) ? null : $"the holidays of {day.Year} are not known to the calendar {Definition.Name}";

    /// <summary>The next moment from which the market trades, at or after the given one if it trades not yet; null when none is known.</summary>
    public DateTimeOffset? NextOpen(DateTimeOffset after) => Next(after, becomesOpen: true);

    /// <summary>The next moment from which the market does not trade; null when none is known (a market that never closes).</summary>
    public DateTimeOffset? NextClose(DateTimeOffset after) => Next(after, becomesOpen: false);

    /// <summary>Sessions of any phase that begin in the stretch, in order; a market that is always open has one, less its maintenance.</summary>
    public IEnumerable<MarketSession> Sessions(DateTimeOffset from, DateTimeOffset to)
    {
        if (Definition.AlwaysOpen)
        {
            var at = from;
            foreach (var window in _maintenance.Where(m => m.To > from && m.From < to))
            {
                if (window.From > at) yield return new MarketSession(MarketPhase.Trading, at, window.From, Definition.Name);
                yield return new MarketSession(MarketPhase.Maintenance, window.From > from ? window.From : from, window.To, window.Reason);
                if (window.To > at) at = window.To;
            }

            if (at < to) yield return new MarketSession(MarketPhase.Trading, at, to, Definition.Name);
            yield break;
        }

        for (var day = LocalDay(from).AddDays(-1); day <= LocalDay(to); day = day.AddDays(1))
        {
            foreach (var session in SessionsOf(day))
            {
                if (session.From >= from && session.From < to) yield return session;
            }
        }
    }

    /// <summary>The next moment after the given one at which the phase may change; null when none is known.</summary>
    public DateTimeOffset? NextTransition(DateTimeOffset after) => Edges(after).FirstOrDefault(e => e > after) is var edge && edge == default ? null : edge;

    private DateTimeOffset? Next(DateTimeOffset after, bool becomesOpen)
    {
        var isOpen = IsOpen(after);
        foreach (var edge in Edges(after))
        {
            if (edge <= after) continue;
            var opens = IsOpen(edge);
            if (opens != isOpen && opens == becomesOpen) return edge;
            isOpen = opens;
        }

        return null;
    }

    /// <summary>Begins and ends of everything that may change the phase, in order.</summary>
    private IEnumerable<DateTimeOffset> Edges(DateTimeOffset after)
    {
        var edges = new SortedSet<DateTimeOffset>(_maintenance.SelectMany(m => new[] { m.From, m.To }));
        if (Definition.AlwaysOpen) return edges;
        return Merge(edges, after);
    }

    private IEnumerable<DateTimeOffset> Merge(SortedSet<DateTimeOffset> edges, DateTimeOffset after)
    {
        var first = LocalDay(after).AddDays(-1);
        for (var day = first; day < first.AddDays(SearchDaysMax); day = day.AddDays(1))
        {
            foreach (var session in SessionsOf(day))
            {
                edges.Add(session.From);
                edges.Add(session.To);
            }

            // What lies a day behind can get no earlier neighbour any more.
            var settled = ToUtc(day, TimeOnly.MinValue, isEnd: false);
            while (edges.Count > 0 && edges.Min < settled)
            {
                var edge = edges.Min;
                edges.Remove(edge);
                yield return edge;
            }
        }

        foreach (var edge in edges) yield return edge;
    }

    private IEnumerable<MarketSession> SessionsOf(DateOnly day)
    {
        if (!IsKnown(day)) yield break;
        var special = _specialDays.GetValueOrDefault(day);
        if (special is null && (_holidays.ContainsKey(day) || !Definition.Weekdays.Contains(day.DayOfWeek))) yield break;
        foreach (var times in special?.Sessions ?? Definition.Sessions)
        {
            var end = times.To > times.From ? day : day.AddDays(1);
            yield return new MarketSession(times.Phase, ToUtc(day, times.From, isEnd: false), ToUtc(end, times.To, isEnd: true), special?.Name ?? Definition.Name);
        }
    }

    private bool IsKnown(DateOnly day) => !(day < Definition.ValidFrom) && !(day > Definition.ValidTo);

    private DateOnly LocalDay(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, _zone).DateTime);

    private DateTimeOffset ToUtc(DateOnly day, TimeOnly time, bool isEnd)
    {
        var local = day.ToDateTime(time);
        if (_zone.IsInvalidTime(local))
        {
            // The clocks jump over it: the moment of the jump, found from both sides.
            var before = local;
            while (_zone.IsInvalidTime(before)) before = before.AddMinutes(-1);
            return new DateTimeOffset(before, _zone.GetUtcOffset(before)).AddMinutes(1).ToUniversalTime();
        }

        if (!_zone.IsAmbiguousTime(local)) return new DateTimeOffset(local, _zone.GetUtcOffset(local)).ToUniversalTime();
        var offsets = _zone.GetAmbiguousTimeOffsets(local);
        return new DateTimeOffset(local, isEnd ? offsets.Min() : offsets.Max()).ToUniversalTime();
    }

    private static CalendarDefinition Parse(string nameOrFile)
    {
        try
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"calendar.{nameOrFile}.json") ?? File.OpenRead(nameOrFile);
            return JsonSerializer.Deserialize<CalendarDefinition>(stream, Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            var nearest = Suggestions.Nearest(nameOrFile, Names);
            throw new Problem(ExitCode.NotFound, $"there is no calendar '{nameOrFile}'", "calendar", $"neither a file nor one of {string.Join(", ", Names)}", nearest is null ? "name one of these, or a JSON file" : $"did you mean '{nearest}'?");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Configuration, "the calendar cannot be read", nameOrFile, e.Message, "compare it with src/Penstock.MarketData/Reference/Data/nse.json");
        }
    }

    private static Problem Wrong(string name, string why, string next) => new(ExitCode.Configuration, $"the calendar {name} cannot be used", "calendar", why, next);
}
