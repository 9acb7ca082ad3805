using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.RateLimits;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Node.Configuration;
using Penstock.Strategies;

namespace Penstock.Node.Wiring;

/// <summary>
/// All an engine is built from, as it stands in the journal's session record: a replay needs the journal and nothing else,
/// neither the configuration file nor the venues.
/// </summary>
internal sealed record EngineBlueprint
{
    public required IReadOnlyList<string> Venues { get; init; }

    public required IReadOnlyList<InstrumentEntry> Instruments { get; init; }

    public required IReadOnlyList<StrategyConfiguration> Strategies { get; init; }

    /// <summary>Whose code each strategy had, in their order; built in where there is no entry. A replay takes that file where it still is.</summary>
    public IReadOnlyList<StrategyVersion> Versions { get; init; } = [];

    public required RiskConfiguration Risk { get; init; }

    /// <summary>Orders the venues take; part of the recording because refusals follow from it.</summary>
    public IReadOnlyList<OrderLimitEntry> OrderLimits { get; init; } = [];

    /// <summary>
    /// Venues that change resting orders in place, as known on the day the journal began; a journal of before this was recorded names none,
    /// and its quotes are cancelled and placed anew.
    /// </summary>
    public IReadOnlyList<VenueAmendEntry> Amends { get; init; } = [];

    /// <summary>How the execution was simulated; null where the orders went to venues.</summary>
    public string? Simulation { get; init; }

    /// <summary>What the venues charge; part of the recording because the choice of a venue follows from it.</summary>
    public IReadOnlyList<VenueFeeEntry> Fees { get; init; } = [];

    /// <summary>Rates of single instruments, of the fee schedule's line for the day on which the journal began.</summary>
    public IReadOnlyList<InstrumentFeeEntry> InstrumentFees { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static EngineBlueprint FromJson(string json) => JsonSerializer.Deserialize<EngineBlueprint>(json, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("The session record describes no engine.");

    public InstrumentTable Table()
    {
        var table = new InstrumentTable();
        foreach (var entry in Instruments) table.Add(entry.ToInstrument());
        return table;
    }
}

/// <summary>Parts per million of an order's value.</summary>
internal sealed record VenueFeeEntry(byte Venue, int MakerPpm, int TakerPpm);

/// <summary>By instrument id, 1e-8 of an order's value.</summary>
internal sealed record InstrumentFeeEntry(int Instrument, long MakerE8, long TakerE8);

/// <summary>At most so many new orders in any window of this length.</summary>
internal sealed record OrderLimitEntry(byte Venue, int Permits, long WindowMs)
{
    public static IEnumerable<OrderLimitEntry> Of(byte venue, IReadOnlyList<RateLimit> limits) =>
        limits.Select(l => new OrderLimitEntry(venue, l.Permits, (long)l.Window.TotalMilliseconds));

    public RateLimit ToLimit() => new(Permits, TimeSpan.FromMilliseconds(WindowMs));
}

/// <summary>What a change of an order takes: permits of the venue's order limits, and of limits on changes alone.</summary>
internal sealed record VenueAmendEntry(byte Venue, int OrderPermits, bool KeepsPostOnly, IReadOnlyList<OrderLimitEntry> Limits)
{
    /// <summary>Nothing for a venue that cannot change an order.</summary>
    public static IEnumerable<VenueAmendEntry> Of(byte venue, VenueProfile profile)
    {
        if (profile.Amends is { } amends)
            yield return new(venue, amends.OrderPermits, amends.KeepsPostOnly, [.. OrderLimitEntry.Of(venue, amends.Limits)]);
    }

    public AmendRate ToRate() => new() { OrderPermits = OrderPermits, KeepsPostOnly = KeepsPostOnly, Limits = [.. Limits.Select(l => l.ToLimit())] };
}

/// <summary>One instrument in numbers and text; raw values are 1e-8.</summary>
internal sealed record InstrumentEntry
{
    public byte Venue { get; init; }

    public string Symbol { get; init; } = "";

    public string VenueSymbol { get; init; } = "";

    public string RestSymbol { get; init; } = "";

    public string Base { get; init; } = "";

    public string Quote { get; init; } = "";

    public long TickRaw { get; init; }

    public long LotRaw { get; init; }

    public long QuantityMinRaw { get; init; }

    /// <summary>Smallest order value, 1e-16 units, as text: it is wider than a JSON number.</summary>
    public string NotionalMinRaw { get; init; } = "0";

    public int PriceDecimals { get; init; }

    public int QuantityDecimals { get; init; }

    public long VenueCode { get; init; }

    public InstrumentStatus Status { get; init; }

    public InstrumentKind Kind { get; init; }

    public string Settle { get; init; } = "";

    public long ContractSizeRaw { get; init; } = FixedPoint.Scale;

    public static InstrumentEntry Of(Instrument instrument) => new()
    {
        Venue = instrument.Venue.Value, Symbol = instrument.Symbol, VenueSymbol = instrument.VenueSymbol, RestSymbol = instrument.RestSymbol,
        Base = instrument.Base.ToString(), Quote = instrument.Quote.ToString(), TickRaw = instrument.Tick.Raw, LotRaw = instrument.Lot.Raw,
        QuantityMinRaw = instrument.QuantityMin.Raw, NotionalMinRaw = instrument.NotionalMin.Raw.ToString(System.Globalization.CultureInfo.InvariantCulture),
        PriceDecimals = instrument.PriceDecimals, QuantityDecimals = instrument.QuantityDecimals, VenueCode = instrument.VenueCode, Status = instrument.Status,
        Kind = instrument.Kind, Settle = instrument.Settle.ToString(), ContractSizeRaw = instrument.ContractSize.Raw,
    };

    public Instrument ToInstrument() => new()
    {
        Venue = new VenueId(Venue), Symbol = Symbol, VenueSymbol = VenueSymbol, RestSymbol = RestSymbol, Base = Text16.From(Base), Quote = Text16.From(Quote),
        Tick = new Price(TickRaw), Lot = new Quantity(LotRaw), QuantityMin = new Quantity(QuantityMinRaw),
        NotionalMin = new Notional(Int128.Parse(NotionalMinRaw, System.Globalization.CultureInfo.InvariantCulture)),
        PriceDecimals = PriceDecimals, QuantityDecimals = QuantityDecimals, VenueCode = VenueCode, Status = Status,
        Kind = Kind, Settle = Text16.From(Settle), ContractSize = new Quantity(ContractSizeRaw),
    };
}
