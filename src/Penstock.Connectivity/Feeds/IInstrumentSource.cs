using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Feeds;

/// <summary>The venue's instrument list, from its own endpoint (R23). Start-up and refresh only: it may allocate.</summary>
public interface IInstrumentSource
{
    /// <param name="symbols">Our spellings wanted (BTC-USDT), to narrow the request where the venue can; may be ignored.</param>
    RestRequest Request(IReadOnlyList<string> symbols);

    /// <summary>
    /// Adds what the body lists. Entries that cannot be represented (tick finer than 1e-8) are skipped and named in
    /// <paramref name="skipped"/>.
    /// </summary>
    /// <returns>None, or why the whole body was refused.</returns>
    QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped);

    /// <summary>
    /// A second call, where the list does not tell everything (Bitfinex: no tick, it follows from the price); null for most.
    /// </summary>
    RestRequest? CompletionRequest(IReadOnlyList<string> symbols) => null;

    /// <summary>Replaces instruments by what the second call's body adds to them.</summary>
    /// <returns>None, or why the body was refused.</returns>
    QuarantineCause Complete(ReadOnlySpan<byte> body, IList<Instrument> instruments) => QuarantineCause.None;
}
