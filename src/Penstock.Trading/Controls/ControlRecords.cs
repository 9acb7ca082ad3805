using System.Runtime.InteropServices;
using Penstock.Model.Markets;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Controls;

/// <summary>An order risk refused, with the limit's name, scope, used and cap.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct OrderRefusedRecord
{
    public long NowNs;
    public int Instrument;
    public ushort Strategy;
    public Side Side;
    public RiskRule Rule;
    public LimitScopeKind ScopeKind;
    public int ScopeId;
    public long PriceRaw;
    public long QuantityRaw;
    public Int128 Used;
    public Int128 Cap;

    /// <summary>Refusals of this strategy before this one that were counted and not written: it asks in a loop.</summary>
    public long Skipped;

    public readonly RiskReject Reject => new(Rule, Used, Cap) { Scope = new LimitScope(ScopeKind, ScopeId) };

    public override readonly string ToString() =>
        $"{Side} {new Model.Numbers.Quantity(QuantityRaw)} @ {new Model.Numbers.Price(PriceRaw)}, instrument {Instrument}, strategy {Strategy}: {Reject}";
}

/// <summary>A latching breaker tripped, or a position or exposure was found beyond its cap after a fill.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct LimitPassedRecord
{
    public long NowNs;
    public LimitName Name;
    public LimitScopeKind ScopeKind;
    public int ScopeId;
    public Int128 Used;
    public Int128 Cap;

    public override readonly string ToString() =>
        $"{LimitCatalog.Of(Name).Text} {new LimitScope(ScopeKind, ScopeId)}: {LimitCatalog.Show(LimitCatalog.Of(Name).Unit, Used)} / {LimitCatalog.Show(LimitCatalog.Of(Name).Unit, Cap)}";
}

/// <summary>A venue's technical breaker changed its state.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VenueBreakerRecord
{
    public long NowNs;
    public byte Venue;
    public VenueBreakerState State;
    public int Failures;
}
