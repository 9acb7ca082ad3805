using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Our order ids as the whole numbers below 2^45 this venue takes, and back, without a table: session and sequence side by side.
/// <code>
///   bit 44   43 .. 24      23 .. 0
///   1        session       sequence
/// </code>
/// The mark keeps them apart from what other programs use, times of the day and milliseconds since 1970. The venue wants an id once
/// a UTC day; ours never come twice.
/// </summary>
internal static class BitfinexClientIds
{
    private const int OurSequenceBits = 40;
    private const int SequenceBits = 24;
    private const int SessionBits = 20;
    private const long Mark = 1L << (SessionBits + SequenceBits);

    /// <summary>False for the order after the 16,777,215th of a session, and for sessions from the 1,048,576th on.</summary>
    public static bool TryEncode(ClientOrderId id, out long cid)
    {
        var (session, sequence) = (id.Value >> OurSequenceBits, id.Value & ((1L << OurSequenceBits) - 1));
        cid = Mark | session << SequenceBits | sequence;
        return session is > 0 and < 1L << SessionBits && sequence is > 0 and < 1L << SequenceBits;
    }

    /// <summary>False for the id of an order that is not ours.</summary>
    public static bool TryDecode(long cid, out ClientOrderId id)
    {
        var (session, sequence) = ((cid & ~Mark) >> SequenceBits, cid & ((1L << SequenceBits) - 1));
        var isOurs = cid is >= Mark and < 2 * Mark && session > 0 && sequence > 0;
        id = isOurs ? ClientOrderId.Of((int)session, sequence) : default;
        return isOurs;
    }
}
