using System.Globalization;
using Penstock.Model.Instruments;

namespace Penstock.Trading.Risk;

public enum LimitScopeKind : byte
{
    /// <summary>The whole node; for most limits: every instrument that has none of its own.</summary>
    Node,
    Instrument,
    Strategy,
    Venue,
}

/// <summary>Whom a limit, a breaker or a kill is about. Written <c>node</c>, <c>instrument:3</c>, <c>strategy:1</c>, <c>venue:2</c>.</summary>
/// <param name="Kind">Which sort.</param>
/// <param name="Id">Of the instrument, strategy or venue; 0 for the node.</param>
public readonly record struct LimitScope(LimitScopeKind Kind, int Id)
{
    public static readonly LimitScope Node = default;

    public static LimitScope Of(InstrumentId instrument) => new(LimitScopeKind.Instrument, instrument.Value);

    public static LimitScope Of(VenueId venue) => new(LimitScopeKind.Venue, venue.Value);

    public static LimitScope OfStrategy(int strategy) => new(LimitScopeKind.Strategy, strategy);

    /// <summary>False for anything but the four forms with a positive number.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LimitScope scope)
    {
        scope = Node;
        if (text.IsEmpty || text.SequenceEqual("node") || text.SequenceEqual("all")) return true;
        var colon = text.IndexOf(':');
        if (colon < 0 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id < 1) return false;
        LimitScopeKind? kind = text[..colon] switch
        {
            "instrument" => LimitScopeKind.Instrument,
            "strategy" => LimitScopeKind.Strategy,
            "venue" => LimitScopeKind.Venue,
            _ => null,
        };
        if (kind is null) return false;
        scope = new LimitScope(kind.Value, id);
        return true;
    }

    public override string ToString() => Kind switch
    {
        LimitScopeKind.Instrument => $"instrument:{Id}",
        LimitScopeKind.Strategy => $"strategy:{Id}",
        LimitScopeKind.Venue => $"venue:{Id}",
        _ => "node",
    };
}
