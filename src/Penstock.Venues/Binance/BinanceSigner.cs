using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Binance;

/// <summary>
/// HMAC-SHA256 in hex over "name=value&amp;…". REST: in the order sent. WebSocket API: sorted by name, exactly the texts of the
/// JSON; the encoder therefore writes its parameters in that order from the start (venues/binance.md §4.1).
/// </summary>
internal sealed class BinanceSigner(Credentials credentials)
{
    public const int SignatureBytes = 64;

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);

    /// <summary>Writes the <see cref="SignatureBytes"/> hex digits.</summary>
    public int Sign(ReadOnlySpan<byte> payload, Span<byte> destination) => _hmac.Append(payload).FinishHex(destination);

    public string Sign(string payload)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return Encoding.ASCII.GetString(signature[..Sign(Encoding.UTF8.GetBytes(payload), signature)]);
    }

    /// <summary>A signed GET.</summary>
    /// <param name="query">"name=value&amp;" pairs, each ending in '&amp;'; timestamp and signature are added.</param>
    public RestRequest Get(string path, string query, int weight, long unixNs)
    {
        var payload = $"{query}timestamp={unixNs / 1_000_000}";
        return new RestRequest
        {
            Method = HttpMethod.Get,
            PathAndQuery = $"{path}?{payload}&signature={Sign(payload)}",
            Headers = [new("X-MBX-APIKEY", credentials.ApiKey)],
            Weight = weight,
        };
    }
}
