using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kraken;

/// <summary>
/// REST and WebSocket v2 name the same asset differently: XXBT and XBT are BTC, ZUSD is USD (venues/kraken.md §3, §5). The
/// old names are a closed list; later assets have one name. Suffixes (.S, .M, .B, .F) are other holdings and stay.
/// </summary>
internal static class KrakenAssetNames
{
    private static readonly (byte[] Old, byte[] Ours)[] Aliases =
    [
        Of("XXBT", "BTC"), Of("XBT", "BTC"), Of("XXDG", "DOGE"), Of("XDG", "DOGE"), Of("XETH", "ETH"), Of("XETC", "ETC"),
        Of("XLTC", "LTC"), Of("XMLN", "MLN"), Of("XREP", "REP"), Of("XXLM", "XLM"), Of("XXMR", "XMR"), Of("XXRP", "XRP"),
        Of("XZEC", "ZEC"), Of("ZUSD", "USD"), Of("ZEUR", "EUR"), Of("ZGBP", "GBP"), Of("ZCAD", "CAD"), Of("ZJPY", "JPY"),
        Of("ZAUD", "AUD"),
    ];

    public static ReadOnlySpan<byte> ToOurs(ReadOnlySpan<byte> asset)
    {
        foreach (var (old, ours) in Aliases)
        {
            if (asset.SequenceEqual(old)) return ours;
        }

        return asset;
    }

    /// <summary>True for XBTUSD, XXBTZUSD, BTCUSD and BTC/USD alike: answers use more than one spelling of a pair.</summary>
    public static bool IsPair(ReadOnlySpan<byte> pair, Text16 baseAsset, Text16 quoteAsset)
    {
        Span<byte> ourBase = stackalloc byte[16];
        Span<byte> ourQuote = stackalloc byte[16];
        ourBase = ourBase[..baseAsset.CopyTo(ourBase)];
        ourQuote = ourQuote[..quoteAsset.CopyTo(ourQuote)];
        for (var split = 1; split < pair.Length; split++)
        {
            var rest = pair[split] == (byte)'/' ? pair[(split + 1)..] : pair[split..];
            if (ToOurs(pair[..split]).SequenceEqual(ourBase) && ToOurs(rest).SequenceEqual(ourQuote)) return true;
        }

        return false;
    }

    private static (byte[], byte[]) Of(string rest, string ours) => (Encoding.ASCII.GetBytes(rest), Encoding.ASCII.GetBytes(ours));
}
