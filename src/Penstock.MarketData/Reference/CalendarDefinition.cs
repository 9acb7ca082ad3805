namespace Penstock.MarketData.Reference;

/// <summary>What a market is doing.</summary>
public enum MarketPhase : byte
{
    Closed,
    /// <summary>Orders are collected, none is matched.</summary>
    PreOpen,
    Trading,
    /// <summary>The venue announced that it does not trade.</summary>
    Maintenance,
}

/// <summary>One stretch of a trading day in the calendar's own time of day; an end at or before the start lies on the next day.</summary>
public sealed record SessionTimes(MarketPhase Phase, TimeOnly From, TimeOnly To);

/// <summary>A day without trading.</summary>
public sealed record Holiday(DateOnly Date, string Name);

/// <summary>A day with sessions of its own: half days, and trading on a day of rest.</summary>
public sealed record SpecialDay(DateOnly Date, string Name, IReadOnlyList<SessionTimes> Sessions);

/// <summary>A venue's announced pause, UTC.</summary>
public sealed record MaintenanceWindow(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>A calendar as it stands in its JSON file (R23). Written by us from published facts; says from where and when.</summary>
public sealed record CalendarDefinition
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>IANA name: Asia/Kolkata.</summary>
    public required string Zone { get; init; }

    /// <summary>No sessions, no holidays: only maintenance closes it.</summary>
    public bool AlwaysOpen { get; init; }

    public IReadOnlyList<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Of an ordinary day.</summary>
    public IReadOnlyList<SessionTimes> Sessions { get; init; } = [];

    public IReadOnlyList<Holiday> Holidays { get; init; } = [];

    public IReadOnlyList<SpecialDay> SpecialDays { get; init; } = [];

    public IReadOnlyList<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>First day the holidays are known for.</summary>
    public DateOnly? ValidFrom { get; init; }

    /// <summary>Last day the holidays are known for; after it the market counts as closed, because guessing would be trading on a guess.</summary>
    public DateOnly? ValidTo { get; init; }

    /// <summary>Page or circular the facts are from.</summary>
    public required string Source { get; init; }

    /// <summary>When it was read.</summary>
    public required DateOnly SourceDate { get; init; }
}
