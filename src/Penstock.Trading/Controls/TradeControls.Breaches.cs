using Penstock.Model.Instruments;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Controls;

/// <summary>
/// After the fact: what a late fill, an overfill, a price or a lowered cap left beyond a cap. What would add to it is cancelled: the instrument's
/// live orders where its position, its own gross exposure or the node's is beyond, the venue's or the strategy's where theirs is. Once per
/// breach; over when the figure is a sixty-fourth below the cap again, so that a price that trembles around it is one breach, not hundreds.
/// </summary>
public sealed partial class TradeControls
{
    private void CheckBreaches(InstrumentId instrument, long nowNs)
    {
        if (!IsOn) return;
        CheckInstrument(instrument, nowNs);
        var venue = _instruments[instrument].Venue;
        if (_limits.HasAny(venue))
            CheckGross(
                ref _isVenueBeyond[venue.Value], Exposures.Of(venue).Raw, _limits.OfVenue(LimitName.GrossExposure, venue), LimitScope.Of(venue), nowNs);
        for (var strategy = 1; strategy <= _positions.Strategies; strategy++)
        {
            if (!_limits.HasAny(strategy)) continue;
            CheckGross(
                ref _isStrategyBeyond[strategy], Exposures.OfStrategy(strategy).Raw, _limits.OfStrategy(LimitName.GrossExposure, strategy), LimitScope.OfStrategy(strategy),
                nowNs);
        }
    }

    private void CheckInstrument(InstrumentId instrument, long nowNs)
    {
        var position = Int128.Abs(_positions.Total(instrument).Raw);
        var positionMax = _limits.Of(LimitName.Position, instrument);
        var (gross, grossMax) = (Exposures.Total.Raw, _limits.Of(LimitName.GrossExposure));
        var (own, ownMax) = (Exposures.Of(instrument).Raw, _limits.OwnOf(LimitName.GrossExposure, instrument));
        ref var isBeyond = ref _isBeyond[instrument.Value];
        if (isBeyond)
        {
            isBeyond = position > positionMax || gross > Over(grossMax) || (ownMax >= 0 && own > Over(ownMax));
            return;
        }

        // What has nothing in the market adds nothing to the node's gross.
        var isNodeBeyond = gross > grossMax && own > 0;
        var isOwnBeyond = ownMax >= 0 && own > ownMax;
        if (position > positionMax) Breach(LimitName.Position, LimitScope.Of(instrument), position, positionMax, nowNs);
        else if (isOwnBeyond) Breach(LimitName.GrossExposure, LimitScope.Of(instrument), own, ownMax, nowNs);
        else if (isNodeBeyond) Breach(LimitName.GrossExposure, LimitScope.Of(instrument), gross, grossMax, nowNs);
        else return;
        isBeyond = true;
    }

    private void CheckGross(ref bool isBeyond, Int128 gross, Int128 cap, LimitScope scope, long nowNs)
    {
        if (cap < 0 || gross <= Over(cap)) isBeyond = false;
        if (cap < 0 || isBeyond || gross <= cap) return;
        isBeyond = true;
        Breach(LimitName.GrossExposure, scope, gross, cap, nowNs);
    }

    /// <summary>Below which a breach of the cap is over.</summary>
    private static Int128 Over(Int128 cap) => cap - (cap >> 6);

    private void Breach(LimitName name, LimitScope scope, Int128 used, Int128 cap, long nowNs)
    {
        Statistics.PostTradeBreaches++;
        WriteLimit(EngineRecordType.LimitBreach, name, scope, used, cap, nowNs);
        WantCancelled(scope);
    }

    /// <summary>As sessions of before format 5 looked: after fills only, and at the node's caps only.</summary>
    private void CheckPosition(InstrumentId instrument, long nowNs)
    {
        var position = Int128.Abs(_positions.Total(instrument).Raw);
        var cap = _limits.Of(LimitName.Position, instrument);
        var gross = Exposures.Total.Raw;
        var grossMax = _limits.Of(LimitName.GrossExposure);
        ref var isBeyond = ref _isBeyond[instrument.Value];
        if (position <= cap && gross <= grossMax)
        {
            isBeyond = false;
            return;
        }

        if (isBeyond || !IsOn) return;
        isBeyond = true;
        if (position > cap) Breach(LimitName.Position, LimitScope.Of(instrument), position, cap, nowNs);
        else Breach(LimitName.GrossExposure, LimitScope.Of(instrument), gross, grossMax, nowNs);
    }
}
