using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Okx;

/// <summary>HMAC-SHA256 in base64 over timestamp + method + path with query + body (venues/okx.md §4.1).</summary>
internal sealed class OkxSigner(Credentials credentials)
{
    /// <summary>Base64 of 32 bytes.</summary>
    public const int SignatureBytes = 44;

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);

    /// <summary>The WebSocket login signs this path, whatever the address (with the timestamp in seconds).</summary>
    private static ReadOnlySpan<byte> LoginPath => "GET/users/self/verify"u8;

    public int SignLogin(ReadOnlySpan<byte> unixSeconds, Span<byte> destination) =>
        _hmac.Append(unixSeconds).Append(LoginPath).FinishBase64(destination);

    public string Sign(string prehash)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return Encoding.ASCII.GetString(signature[.._hmac.Append(Encoding.UTF8.GetBytes(prehash)).FinishBase64(signature)]);
    }

    public RestRequest Get(string pathAndQuery, long unixNs)
    {
        var timestamp = DateTimeOffset.FromUnixTimeMilliseconds(unixNs / 1_000_000)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return new RestRequest
        {
            Method = HttpMethod.Get,
            PathAndQuery = pathAndQuery,
            Headers =
            [
                new("OK-ACCESS-KEY", credentials.ApiKey),
                new("OK-ACCESS-SIGN", Sign(timestamp + "GET" + pathAndQuery)),
                new("OK-ACCESS-TIMESTAMP", timestamp),
                new("OK-ACCESS-PASSPHRASE", credentials.Passphrase),
            ],
        };
    }
}
