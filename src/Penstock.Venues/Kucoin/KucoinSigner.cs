using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// HMAC-SHA256 in base64 over milliseconds + method + path with query + body; the passphrase travels as its own HMAC, which is
/// what version 2 of the keys means (venues/kucoin.md §4.1). Every private call is REST, so this is no hot path.
/// </summary>
internal sealed class KucoinSigner
{
    /// <summary>Base64 of 32 bytes.</summary>
    private const int SignatureBytes = 44;

    private readonly HmacSigner _hmac;
    private readonly string _apiKey;
    private readonly string _passphrase;

    public KucoinSigner(Credentials credentials)
    {
        _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);
        _apiKey = credentials.ApiKey;
        _passphrase = Sign(credentials.Passphrase);
    }

    public string Sign(string prehash)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return Encoding.ASCII.GetString(signature[.._hmac.Append(Encoding.UTF8.GetBytes(prehash)).FinishBase64(signature)]);
    }

    public RestRequest Get(string pathAndQuery, int weight, long unixNs) => Request(HttpMethod.Get, pathAndQuery, null, weight, unixNs);

    public RestRequest Delete(string pathAndQuery, int weight, long unixNs) => Request(HttpMethod.Delete, pathAndQuery, null, weight, unixNs);

    public RestRequest Post(string pathAndQuery, string? body, int weight, long unixNs) =>
        Request(HttpMethod.Post, pathAndQuery, body, weight, unixNs);

    private RestRequest Request(HttpMethod method, string pathAndQuery, string? body, int weight, long unixNs)
    {
        var timestamp = (unixNs / 1_000_000).ToString(CultureInfo.InvariantCulture);
        return new RestRequest
        {
            Method = method, PathAndQuery = pathAndQuery, Body = body, ContentType = body is null ? null : "application/json", Weight = weight,
            Headers =
            [
                new("KC-API-KEY", _apiKey),
                new("KC-API-SIGN", Sign(timestamp + method.Method + pathAndQuery + body)),
                new("KC-API-TIMESTAMP", timestamp),
                new("KC-API-PASSPHRASE", _passphrase),
                new("KC-API-KEY-VERSION", "2"),
            ],
        };
    }
}
