namespace Penstock.Trading.Positions;

/// <summary>Counters of the position keeper. Written by the engine's thread.</summary>
public sealed class PositionStatistics
{
    /// <summary>Fills applied.</summary>
    public long Fills;
    /// <summary>Fees in an asset that is neither base nor quote of the instrument.</summary>
    public long FeesInOtherAsset;
    /// <summary>Of these, fees no profit has in it: nobody knew what their asset was worth.</summary>
    public long FeesUncounted;
    /// <summary>Fees whose asset found no account: more assets than the ledger's bound.</summary>
    public long FeesWithoutAccount;
    /// <summary>Balances the venue told.</summary>
    public long Balances;
    /// <summary>Balances that differed from the ledger's.</summary>
    public long BalanceDifferences;
    /// <summary>Balances of assets the ledger has no account for: none of our instruments uses them.</summary>
    public long BalancesIgnored;
    /// <summary>Funding payments applied.</summary>
    public long Fundings;
    /// <summary>Funding payments that came again.</summary>
    public long FundingsRepeated;
    /// <summary>Funding payments of instruments that are not ours.</summary>
    public long FundingIgnored;
}
