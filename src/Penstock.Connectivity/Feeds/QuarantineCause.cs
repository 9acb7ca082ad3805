namespace Penstock.Connectivity.Feeds;

/// <summary>Why an input was set aside (R19, R20). Each cause has a counter; the bytes go to the quarantine file.</summary>
public enum QuarantineCause : byte
{
    None,
    /// <summary>The bytes end before the message does.</summary>
    Truncated,
    /// <summary>Not the format the venue documents.</summary>
    Malformed,
    InvalidUtf8,
    UnknownChannel,
    UnknownInstrument,
    /// <summary>A number finer than 1e-8.</summary>
    NumberUnrepresentable,
    NumberOverflow,
    /// <summary>Zero or negative price, negative quantity, side that does not exist.</summary>
    NumberOutOfRange,
    TooLarge,
    /// <summary>The book after the message differs from the venue's checksum.</summary>
    ChecksumMismatch,
    /// <summary>Best bid at or above best ask after the message.</summary>
    CrossedBook,
    /// <summary>A price further from the last good one than the sanity band.</summary>
    PriceOutOfBand,
    /// <summary>The venue answered with an error where data was expected.</summary>
    VenueError,
}

/// <summary>Causes collected over the fields of a message.</summary>
public static class QuarantineCauses
{
    /// <summary>The first cause found stays: it is nearest to what went wrong.</summary>
    public static void KeepFirst(ref this QuarantineCause cause, QuarantineCause found)
    {
        if (cause == QuarantineCause.None) cause = found;
    }
}
