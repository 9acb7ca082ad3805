using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Orders;

/// <summary>
/// The kill switch as the last hop before the socket sees it: one word read before every order, written by any thread at any time,
/// whatever else is dead. What was approved and not yet sent when it is pressed is not sent. It decides nothing for the engine, which is
/// told by a command of its own. Cancels never ask.
/// </summary>
public sealed class KillWord
{
    /// <summary>Strategies above this number are killed with everything only.</summary>
    public const int StrategiesMax = 1_023;

    // A resume must not overwrite a press it did not see. Readers take no lock.
    private readonly Lock _writers = new();
    private readonly bool[] _venues = new bool[byte.MaxValue + 1];
    private readonly bool[] _strategies = new bool[StrategiesMax + 1];
    private bool _all;
    private bool _any;

    /// <summary>Something is killed.</summary>
    public bool Any => Volatile.Read(ref _any);

    public bool All => Volatile.Read(ref _all);

    /// <summary>May no order of this strategy leave to this venue?</summary>
    public bool Blocks(VenueId venue, int strategy) => Volatile.Read(ref _any)
        && (Volatile.Read(ref _all) || Volatile.Read(ref _venues[venue.Value]) || (strategy <= StrategiesMax && Volatile.Read(ref _strategies[strategy])));

    /// <summary>Any thread. From the return on, no order begins to leave.</summary>
    public void Set(bool killed)
    {
        lock (_writers)
        {
            Volatile.Write(ref _all, killed);
            Settle();
        }
    }

    /// <summary>As <see cref="Set(bool)"/>, for one venue.</summary>
    public void SetVenue(VenueId venue, bool killed)
    {
        lock (_writers)
        {
            Volatile.Write(ref _venues[venue.Value], killed);
            Settle();
        }
    }

    /// <summary>As <see cref="Set(bool)"/>, for one strategy. False when its number is too large.</summary>
    public bool SetStrategy(int strategy, bool killed)
    {
        if ((uint)strategy > StrategiesMax) return false;
        lock (_writers)
        {
            Volatile.Write(ref _strategies[strategy], killed);
            Settle();
        }

        return true;
    }

    private void Settle() => Volatile.Write(ref _any, _all || Array.IndexOf(_venues, true) >= 0 || Array.IndexOf(_strategies, true) >= 0);
}
