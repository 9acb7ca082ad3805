using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// The venue's names of currencies in wallets and fees (UST) as our instruments have them (USDT). The instrument list knew both, so
/// it is read off them; a currency of no instrument keeps its name.
/// </summary>
internal sealed class BitfinexCurrencies
{
    private readonly List<(byte[] Theirs, Text16 Ours)> _names = [];

    public BitfinexCurrencies(OrderContext context)
    {
        foreach (var instrument in context.Instruments.All)
        {
            if (instrument.Venue != context.Venue || !instrument.VenueSymbol.StartsWith('t')) continue;
            var pair = instrument.VenueSymbol[1..];
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            // Without a colon both names are of three letters; a shorter one would be misread here, and then keep its own name.
            var at = colon < 0 ? Math.Min(3, pair.Length) : colon;
            Add(pair[..at], instrument.Base);
            Add(pair[(colon < 0 ? at : at + 1)..], instrument.Quote);
        }
    }

    /// <summary>False when it is no text of 1 to 15 bytes.</summary>
    public bool TryFind(JsonValue currency, out Text16 ours)
    {
        Span<byte> scratch = stackalloc byte[32];
        ours = default;
        if (!currency.TryGetText(scratch, out var text) || text.IsEmpty) return false;
        foreach (var (theirs, name) in _names)
        {
            if (!text.SequenceEqual(theirs)) continue;
            ours = name;
            return true;
        }

        return Text16.TryCreate(text, out ours);
    }

    private void Add(string theirs, Text16 ours)
    {
        var bytes = Encoding.UTF8.GetBytes(theirs);
        if (!_names.Exists(known => known.Theirs.AsSpan().SequenceEqual(bytes))) _names.Add((bytes, ours));
    }
}
