using Penstock.Model.Numbers;

namespace Penstock.MarketData.Quality;

/// <summary>
/// Is this price plausible? One per instrument. A price further from the last good one than the band is set aside; when
/// eight in a row are, the market has moved and the newest becomes the reference, so that a wrong reference heals itself.
/// </summary>
public sealed class SanityCheck(double bandRatio)
{
    private const int RejectionsBeforeRecentring = 8;

    private long _referenceRaw;
    private int _rejections;

    /// <summary>The last good trade price or mid; zero before the first.</summary>
    public Price Reference => new(_referenceRaw);

    /// <summary>True, and the price becomes the reference, when it lies inside the band (or there is no reference yet).</summary>
    public bool Accept(long priceRaw)
    {
        if (_referenceRaw != 0 && !IsInside(priceRaw) && ++_rejections < RejectionsBeforeRecentring) return false;
        _rejections = 0;
        _referenceRaw = priceRaw;
        return true;
    }

    // A ratio is a tolerance, not money: double is exact enough to say "about half".
    private bool IsInside(long priceRaw) => Math.Abs((double)priceRaw - _referenceRaw) <= bandRatio * _referenceRaw;
}
