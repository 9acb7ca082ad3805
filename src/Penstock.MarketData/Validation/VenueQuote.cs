using Penstock.Model.Instruments;

namespace Penstock.MarketData.Validation;

/// <summary>One venue's best bid and ask as last observed, in the common scale of all venues of the instrument.</summary>
internal sealed class VenueQuote(Instrument instrument, Int128 factor)
{
    public Instrument Instrument { get; } = instrument;

    /// <summary>From the instrument's price scale to the common one.</summary>
    public Int128 Factor { get; } = factor;

    public Int128 Bid;
    public Int128 Ask;
    public VenueQuoteFlags Flags;

    /// <summary>Beyond the bound since then; the far future while it is not.</summary>
    public long ApartSinceNs = long.MaxValue;

    public long ChangedNs;

    /// <summary>Changes of all venues' prices when this one's changed last.</summary>
    public long ChangesSeen;

    public bool IsFresh => (Flags & VenueQuoteFlags.Fresh) != 0;

    /// <summary>Twice the mid.</summary>
    public Int128 Mid2 => Bid + Ask;

    /// <summary>True when the flag was not set before.</summary>
    public bool Set(VenueQuoteFlags flag, bool value)
    {
        var before = Flags;
        Flags = value ? Flags | flag : Flags & ~flag;
        return value && (before & flag) == 0;
    }
}
