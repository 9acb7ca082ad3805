namespace Penstock.MarketData.Validation;

/// <summary>What the comparison of venues found. Single writer: the thread that compares.</summary>
public sealed class ValidatorStatistics
{
    /// <summary>Comparisons of one instrument over all of its venues.</summary>
    public long Comparisons;

    /// <summary>Venues' prices found divergent, each time one became so.</summary>
    public long Divergences;

    /// <summary>Prices that stood still while other venues' moved, each time one began to.</summary>
    public long Standstills;

    /// <summary>Best bid equal to best ask inside one venue, each time it became so.</summary>
    public long Locked;

    /// <summary>Best bid above best ask inside one venue, each time it became so.</summary>
    public long Crossed;

    /// <summary>One venue's bid above another's ask, each time an instrument became so: an opportunity, no error.</summary>
    public long CrossedAcross;

    /// <summary>The widest of these, in thousandths of a basis point of the ask.</summary>
    public long EdgeMilliBpsMax;
}
