using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// GET /fapi/v1/exchangeInfo: perpetual contracts settled in their quote asset. Dated contracts are skipped, for their delivery is booked
/// nowhere here; so is what is settled in another asset than it is quoted in.
/// </summary>
internal sealed class BinanceUsdmInstruments : IInstrumentSource
{
    /// <summary>Always the whole list: the call takes no symbols.</summary>
    public RestRequest Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/fapi/v1/exchangeInfo" };

    public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped) =>
        BinanceInstruments.Parse(venue, body, linearPerpetualsOnly: true, instruments, skipped);
}
