using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Reference;

/// <summary>What a fill costs, as a share of its value in 1e-8; negative is a rebate.</summary>
public readonly record struct FeeRates(long MakerE8, long TakerE8)
{
    private const long E8PerBps = 10_000;

    /// <summary>1/100 %.</summary>
    public decimal MakerBps => (decimal)MakerE8 / E8PerBps;

    /// <summary>1/100 %.</summary>
    public decimal TakerBps => (decimal)TakerE8 / E8PerBps;

    /// <summary>Exact down to 0.0001 bps; finer is rounded away from zero, so that no fee is counted too small.</summary>
    public static FeeRates FromBps(decimal maker, decimal taker) => new(ToE8(maker), ToE8(taker));

    /// <summary>The fee on a value, in the value's own asset; allocates nothing.</summary>
    public Notional FeeOf(Notional value, bool isMaker) => new(value.Raw * (isMaker ? MakerE8 : TakerE8) / 100_000_000);

    private static long ToE8(decimal bps) => (long)decimal.Round(bps * E8PerBps, 0, bps < 0 ? MidpointRounding.ToNegativeInfinity : MidpointRounding.ToPositiveInfinity);
}

/// <summary>What trading an instrument costs this account. The same all through a session, and the same in its replay.</summary>
public interface IFeeSchedule
{
    /// <summary>Allocates nothing; an instrument nobody named costs what <see cref="FeeTable.Unknown"/> says.</summary>
    FeeRates FeesOf(InstrumentId instrument);
}
