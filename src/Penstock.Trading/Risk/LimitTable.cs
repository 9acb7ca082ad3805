using System.Runtime.CompilerServices;
using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>
/// The caps in force: one for the node, and those an instrument, a strategy or a venue has of its own. An instrument's cap
/// replaces the node's; those of strategies and venues hold besides it. Read on the order's way: arrays only. The engine's thread.
/// </summary>
public sealed partial class LimitTable
{
    /// <summary>No limit. Caps are never negative otherwise.</summary>
    public static readonly Int128 None = -1;

    private static readonly int Names = LimitCatalog.All.Count;

    private readonly int _instruments;
    private readonly Int128[] _node;
    private readonly Int128[]?[] _ofInstrument;
    private readonly Int128[]?[] _ofStrategy;
    private readonly Int128[]?[] _ofVenue;
    private readonly bool[] _strategyHasAny;
    private readonly bool[] _venueHasAny = new bool[byte.MaxValue + 1];

    /// <param name="instruments">How many there are.</param>
    /// <param name="strategies">How many there are.</param>
    /// <param name="limits">The node's own for the names it has; the catalogue's defaults for the others.</param>
    public LimitTable(int instruments, int strategies, RiskLimits limits)
    {
        (_instruments, Strategies) = (instruments, strategies);
        _strategyHasAny = new bool[strategies + 1];
        _node = [.. LimitCatalog.All.Select(s => s.Default)];
        _ofInstrument = Arrays(LimitScopeKind.Instrument, instruments + 1);
        _ofStrategy = Arrays(LimitScopeKind.Strategy, strategies + 1);
        _ofVenue = Arrays(LimitScopeKind.Venue, byte.MaxValue + 1);
        foreach (var (name, value) in Values(limits)) _node[(int)name] = value;
    }

    public int Strategies { get; }

    public int Instruments => _instruments;

    /// <summary>Of every change since the start, in their order: part of the engine's state hash.</summary>
    public long ChangesHash { get; private set; }

    /// <summary>For readers on other threads: the caps are whole within one read of it.</summary>
    public SequenceLock Changes { get; } = new();

    public Int128 Of(LimitName name) => _node[(int)name];

    /// <summary>The instrument's own, or the node's.</summary>
    public Int128 Of(LimitName name, InstrumentId instrument) => OwnOf(name, instrument) is var own && own >= 0 ? own : _node[(int)name];

    /// <summary>The instrument's own only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Int128 OwnOf(LimitName name, InstrumentId instrument) => _ofInstrument[(int)name] is { } own ? own[instrument.Value] : None;

    /// <summary>The strategy's own; none for one the node does not have.</summary>
    public Int128 OfStrategy(LimitName name, int strategy) =>
        _ofStrategy[(int)name] is { } own && (uint)strategy < (uint)own.Length ? own[strategy] : None;

    public Int128 OfVenue(LimitName name, VenueId venue) => _ofVenue[(int)name] is { } own ? own[venue.Value] : None;

    /// <summary>False: no limit of this strategy needs to be looked for.</summary>
    public bool HasAny(int strategy) => (uint)strategy < (uint)_strategyHasAny.Length && _strategyHasAny[strategy];

    public bool HasAny(VenueId venue) => _venueHasAny[venue.Value];

    /// <summary>Whose cap holds for an order on the instrument.</summary>
    public LimitScope ScopeOf(LimitName name, InstrumentId instrument) => OwnOf(name, instrument) >= 0 ? LimitScope.Of(instrument) : LimitScope.Node;

    public Int128 At(LimitName name, LimitScope scope) => scope.Kind switch
    {
        LimitScopeKind.Instrument => OwnOf(name, new InstrumentId(scope.Id)),
        LimitScopeKind.Strategy => OfStrategy(name, scope.Id),
        LimitScopeKind.Venue => OfVenue(name, new VenueId((byte)scope.Id)),
        _ => Of(name),
    };

    /// <summary>Null when done, else why not; then nothing changed.</summary>
    public string? TrySet(LimitName name, LimitScope scope, Int128 value)
    {
        if (Problem(name, scope, value) is { } problem) return problem;
        var caps = scope.Kind switch
        {
            LimitScopeKind.Instrument => _ofInstrument[(int)name]!,
            LimitScopeKind.Strategy => _ofStrategy[(int)name]!,
            LimitScopeKind.Venue => _ofVenue[(int)name]!,
            _ => _node,
        };
        Changes.BeginWrite();
        caps[scope.Kind == LimitScopeKind.Node ? (int)name : scope.Id] = value;
        Changes.EndWrite();
        if (scope.Kind == LimitScopeKind.Strategy) _strategyHasAny[scope.Id] = Any(_ofStrategy, scope.Id);
        if (scope.Kind == LimitScopeKind.Venue) _venueHasAny[scope.Id] = Any(_ofVenue, scope.Id);
        ChangesHash = (ChangesHash * 31 + (long)name) * 31 + scope.Id * 4 + (long)scope.Kind;
        ChangesHash = (ChangesHash * 31 + (long)(value & long.MaxValue)) * 31 + (long)(value >> 63);
        return null;
    }

    /// <summary>Why it cannot be set; null when it can. Changes nothing.</summary>
    public string? Problem(LimitName name, LimitScope scope, Int128 value)
    {
        var spec = LimitCatalog.Of(name);
        if (!spec.Allows(scope.Kind)) return $"{spec.Text} cannot be set for one {scope.Kind.ToString().ToLowerInvariant()}.";
        if (value != None && (value < spec.Min || value > spec.Max))
            return $"{spec.Text} must be {spec.Min}..{LimitCatalog.Show(spec.Unit, spec.Max)}, was {LimitCatalog.Show(spec.Unit, value)}.";
        if (value == None && scope.Kind == LimitScopeKind.Node && !spec.IsOptional) return $"{spec.Text} cannot be switched off for the node.";
        var count = scope.Kind switch
        {
            LimitScopeKind.Instrument => _instruments,
            LimitScopeKind.Strategy => Strategies,
            LimitScopeKind.Venue => byte.MaxValue,
            _ => 0,
        };
        return scope.Kind != LimitScopeKind.Node && (scope.Id < 1 || scope.Id > count)
            ? $"There is no {scope.Kind.ToString().ToLowerInvariant()} {scope.Id}." : null;
    }

    /// <summary>Those that are set, the node's first: what a list shows.</summary>
    public IEnumerable<(LimitSpec Spec, LimitScope Scope, Int128 Cap)> All()
    {
        foreach (var spec in LimitCatalog.All)
        {
            yield return (spec, LimitScope.Node, _node[(int)spec.Name]);
            foreach (var row in Own(spec, LimitScopeKind.Instrument, _ofInstrument)) yield return row;
            foreach (var row in Own(spec, LimitScopeKind.Strategy, _ofStrategy)) yield return row;
            foreach (var row in Own(spec, LimitScopeKind.Venue, _ofVenue)) yield return row;
        }
    }

    /// <summary>The names the record has, as it says them. Allocates: commands only.</summary>
    public static IEnumerable<(LimitName Name, Int128 Value)> Values(RiskLimits limits) =>
    [
        (LimitName.OrderQuantity, limits.OrderQuantityMax.Raw), (LimitName.OrderNotional, limits.OrderNotionalMax.Raw),
        (LimitName.Position, limits.PositionMax.Raw), (LimitName.PriceCollar, limits.CollarBps), (LimitName.OpenOrders, limits.OpenOrdersMax),
        (LimitName.GrossExposure, limits.GrossExposureMax.Raw), (LimitName.MessageRate, limits.MessagesMax),
        (LimitName.MessageWindow, limits.MessageWindowMs), (LimitName.BalanceCheck, limits.CheckBalance ? 1 : 0),
    ];

    /// <summary>The record's form of what holds for the instrument; None for the node. Allocates: commands only.</summary>
    public RiskLimits ToRecord(InstrumentId instrument)
    {
        Int128 Cap(LimitName name) => instrument == InstrumentId.None ? Of(name) : Of(name, instrument);
        return new RiskLimits
        {
            OrderQuantityMax = new Quantity((long)Cap(LimitName.OrderQuantity)), OrderNotionalMax = new Notional(Cap(LimitName.OrderNotional)),
            PositionMax = new Quantity((long)Cap(LimitName.Position)), CollarBps = (int)Cap(LimitName.PriceCollar),
            OpenOrdersMax = (int)Cap(LimitName.OpenOrders), GrossExposureMax = new Notional(Of(LimitName.GrossExposure)),
            MessagesMax = (int)Of(LimitName.MessageRate), MessageWindowMs = (int)Of(LimitName.MessageWindow), CheckBalance = Cap(LimitName.BalanceCheck) == 1,
        };
    }

    private static IEnumerable<(LimitSpec, LimitScope, Int128)> Own(LimitSpec spec, LimitScopeKind kind, Int128[]?[] caps)
    {
        if (caps[(int)spec.Name] is not { } own) yield break;
        for (var id = 1; id < own.Length; id++)
        {
            if (own[id] >= 0) yield return (spec, new LimitScope(kind, id), own[id]);
        }
    }

    private static bool Any(Int128[]?[] caps, int id)
    {
        foreach (var own in caps)
        {
            if (own is not null && own[id] >= 0) return true;
        }

        return false;
    }

    private static Int128[]?[] Arrays(LimitScopeKind kind, int count)
    {
        var arrays = new Int128[]?[Names];
        foreach (var spec in LimitCatalog.All.Where(s => s.Allows(kind)))
        {
            arrays[(int)spec.Name] = new Int128[count];
            Array.Fill(arrays[(int)spec.Name]!, None);
        }

        return arrays;
    }
}
