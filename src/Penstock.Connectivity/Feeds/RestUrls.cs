using System.Text;
using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Feeds;

/// <summary>Reads the URLs of recorded REST calls. Offline tools only: it allocates.</summary>
public static class RestUrls
{
    /// <summary>Which instrument a query parameter names, where the path ends as expected.</summary>
    public static bool TryFindInstrument(
        Uri url, string pathEnd, string parameter, InstrumentTable instruments, VenueId venue, out InstrumentId instrument)
    {
        instrument = InstrumentId.None;
        if (!url.AbsolutePath.EndsWith(pathEnd, StringComparison.Ordinal)) return false;
        foreach (var part in url.Query.TrimStart('?').Split('&'))
        {
            if (!part.StartsWith(parameter + "=", StringComparison.Ordinal)) continue;
            var symbol = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(part[(parameter.Length + 1)..]));
            return instruments.TryFind(venue, symbol, out instrument);
        }

        return false;
    }
}
