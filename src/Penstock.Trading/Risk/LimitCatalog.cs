using System.Globalization;
using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>What a limit is called, counts, and may be set for.</summary>
/// <param name="Name">Which.</param>
/// <param name="Text">As people write it.</param>
/// <param name="Unit">Of used and cap.</param>
/// <param name="Scopes">Where it may be set besides the node.</param>
/// <param name="Default">Of the node; <see cref="LimitTable.None"/> is no limit.</param>
/// <param name="Max">Larger values are refused.</param>
/// <param name="IsOptional">May be switched off for the node.</param>
/// <param name="Meaning">One sentence.</param>
public sealed record LimitSpec(LimitName Name, string Text, LimitUnit Unit, string Scopes, Int128 Default, Int128 Max, bool IsOptional, string Meaning)
{
    /// <summary>At least; 0 except where nothing at all would be no limit but a contradiction.</summary>
    public int Min => Unit == LimitUnit.Milliseconds || Name is LimitName.MessageRate or LimitName.VenueFailures ? 1 : 0;

    public bool Allows(LimitScopeKind kind) => kind == LimitScopeKind.Node || Scopes.Contains(kind.ToString()[0], StringComparison.Ordinal);
}

/// <summary>Every limit, said once: what is set, read, refused and printed follows from here.</summary>
public static class LimitCatalog
{
    private const int WindowMsMax = 3_600_000;

    private static readonly Int128 QuantityMax = long.MaxValue;
    private static readonly Int128 NotionalMax = (Int128)long.MaxValue * FixedPoint.Scale;
    private static readonly RiskLimits Basis = RiskLimits.Default;

    /// <summary>Indexed by <see cref="LimitName"/>.</summary>
    public static IReadOnlyList<LimitSpec> All { get; } =
    [
        new(LimitName.OrderQuantity, "order-quantity", LimitUnit.Quantity, "ISV", Basis.OrderQuantityMax.Raw, QuantityMax, false, "Quantity of one order."),
        new(LimitName.OrderNotional, "order-notional", LimitUnit.Notional, "ISV", Basis.OrderNotionalMax.Raw, NotionalMax, false, "Price × quantity of one order."),
        new(LimitName.PriceCollar, "price-collar", LimitUnit.BasisPoints, "ISV", Basis.CollarBps, 10_000, false, "Distance of an order's price from the mid price."),
        new(LimitName.PriceMove, "price-move", LimitUnit.BasisPoints, "I", 500, 1_000_000, true, "Move of the mid price within price-move-window, from its low to its high; while it is more, no order leaves."),
        new(LimitName.PriceMoveWindow, "price-move-window", LimitUnit.Milliseconds, "", 1_000, WindowMsMax, false, "Length of the window of price-move."),
        new(LimitName.Position, "position", LimitUnit.Quantity, "ISV", Basis.PositionMax.Raw, QuantityMax, false, "Absolute position in any one instrument, everything in flight counted as filled."),
        new(LimitName.GrossExposure, "gross-exposure", LimitUnit.Notional, "ISV", Basis.GrossExposureMax.Raw, NotionalMax, false, "Σ (|position| + live orders) × mid price; quote assets are added at par."),
        new(LimitName.OpenOrders, "open-orders", LimitUnit.Count, "ISV", Basis.OpenOrdersMax, 1_000_000, false, "Live orders: per instrument, or all of a strategy or venue."),
        new(LimitName.MessageRate, "message-rate", LimitUnit.Count, "S", Basis.MessagesMax, MessageWindow.CapacityMax, false, "Orders and cancels in any message-window."),
        new(LimitName.MessageWindow, "message-window", LimitUnit.Milliseconds, "", Basis.MessageWindowMs, WindowMsMax, false, "Length of the window of message-rate."),
        new(LimitName.DuplicateOrders, "duplicate-orders", LimitUnit.Count, "S", 20, 10_000, true, "Orders of a strategy with the same side, price and quantity within duplicate-window."),
        new(LimitName.DuplicateWindow, "duplicate-window", LimitUnit.Milliseconds, "", 1_000, WindowMsMax, false, "Length of the window of duplicate-orders."),
        new(LimitName.RepeatedFills, "repeated-fills", LimitUnit.Count, "S", 50, 500, true, "Orders of a strategy filled within repeated-window at one price, or without moving its position; one more halts it."),
        new(LimitName.RepeatedWindow, "repeated-window", LimitUnit.Milliseconds, "", 1_000, WindowMsMax, false, "Length of the window of repeated-fills."),
        new(LimitName.DailyLoss, "daily-loss", LimitUnit.Notional, "S", Notional.From(10_000).Raw, NotionalMax, true, "Loss since the UTC day began, fees and open positions included; more trips the breaker."),
        new(LimitName.Volatility, "volatility", LimitUnit.BasisPoints, "I", 1_000, 1_000_000, true, "Move of the mid price within volatility-window; more trips the instrument's breaker."),
        new(LimitName.VolatilityWindow, "volatility-window", LimitUnit.Milliseconds, "", 300_000, WindowMsMax, false, "Length of the window of volatility."),
        new(LimitName.ErrorRate, "error-rate", LimitUnit.BasisPoints, "", 500, 10_000, true, "Orders refused by venues, never sent or unanswered, of all within error-window; more trips the breaker."),
        new(LimitName.ErrorWindow, "error-window", LimitUnit.Milliseconds, "", 60_000, WindowMsMax, false, "Length of the window of error-rate."),
        new(LimitName.ErrorOrdersMin, "error-orders-min", LimitUnit.Count, "", 50, 1_000_000, false, "Orders within error-window below which error-rate says nothing."),
        new(LimitName.VenueFailures, "venue-failures", LimitUnit.Count, "V", 5, 1_000_000, true, "Technical failures of a venue in a row after which it takes no orders for venue-pause."),
        new(LimitName.VenuePause, "venue-pause", LimitUnit.Milliseconds, "V", 5_000, WindowMsMax, false, "Pause of a venue whose breaker opened; then one order probes it."),
        new(LimitName.BalanceCheck, "balance-check", LimitUnit.Count, "I", 0, 1, false, "1: orders must be covered by the venue's free balance where it is known."),
    ];

    public static LimitSpec Of(LimitName name) => All[(int)name];

    /// <summary>The limit behind a refusal; null for rules that are none (kill switch, tick, status).</summary>
    public static LimitName? Of(RiskRule rule) => rule switch
    {
        RiskRule.OrderQuantity => LimitName.OrderQuantity,
        RiskRule.OrderNotional => LimitName.OrderNotional,
        RiskRule.PriceCollar => LimitName.PriceCollar,
        RiskRule.PriceMove => LimitName.PriceMove,
        RiskRule.Position => LimitName.Position,
        RiskRule.GrossExposure => LimitName.GrossExposure,
        RiskRule.OpenOrders => LimitName.OpenOrders,
        RiskRule.MessageRate => LimitName.MessageRate,
        RiskRule.DuplicateOrder => LimitName.DuplicateOrders,
        RiskRule.RepeatedExecution => LimitName.RepeatedFills,
        RiskRule.DailyLoss => LimitName.DailyLoss,
        RiskRule.Volatility => LimitName.Volatility,
        RiskRule.ErrorRate => LimitName.ErrorRate,
        RiskRule.VenueBreaker => LimitName.VenueFailures,
        _ => null,
    };

    public static LimitSpec? Find(ReadOnlySpan<char> text)
    {
        foreach (var spec in All)
        {
            if (text.SequenceEqual(spec.Text)) return spec;
        }

        return null;
    }

    /// <summary>Reads <c>NAME SCOPE VALUE</c>, the form in which a limit stands in a command; VALUE <c>none</c> takes it away.</summary>
    /// <returns>Null when fine, else what is wrong.</returns>
    public static string? TryParse(string text, out LimitSpec spec, out LimitScope scope, out Int128 value)
    {
        (spec, scope, value) = (All[0], LimitScope.Node, LimitTable.None);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 3) return $"Expected NAME SCOPE VALUE, was '{text}'.";
        if (Find(words[0]) is not { } found) return $"There is no limit '{words[0]}'; known: {string.Join(", ", All.Select(s => s.Text))}.";
        spec = found;
        if (!LimitScope.TryParse(words[1], out scope)) return $"'{words[1]}' is no scope; expected node, instrument:N, strategy:N or venue:N.";
        return words[2] == "none" ? null : TryParse(words[2], found, out value);
    }

    /// <summary>A number in the limit's own unit, as people write it.</summary>
    public static string? TryParse(string text, LimitSpec spec, out Int128 value)
    {
        value = LimitTable.None;
        if (FixedPoint.TryParse(Encoding.UTF8.GetBytes(text), out var raw) != DecimalStatus.Ok)
            return $"{spec.Text} must be a number with at most 8 decimals that fits 64 bits, was '{text}'.";
        if (spec.Unit is not (LimitUnit.Quantity or LimitUnit.Notional) && raw % FixedPoint.Scale != 0) return $"{spec.Text} must be a whole number, was '{text}'.";
        value = spec.Unit switch
        {
            LimitUnit.Quantity => raw,
            LimitUnit.Notional => (Int128)raw * FixedPoint.Scale,
            _ => raw / FixedPoint.Scale,
        };
        return null;
    }

    /// <summary>A used or cap for people; <c>none</c> for no limit.</summary>
    public static string Show(LimitUnit unit, Int128 value) => value == LimitTable.None ? "none" : unit switch
    {
        LimitUnit.Quantity => FixedPoint.ToText(value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value),
        LimitUnit.Notional => new Notional(value).ToString(),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
