using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Bybit;

/// <summary>HMAC-SHA256 in lower-case hex over timestamp + key + window + query or body (venues/bybit.md §4.1).</summary>
internal sealed class BybitSigner(Credentials credentials)
{
    /// <summary>Hex of 32 bytes.</summary>
    public const int SignatureBytes = 64;

    /// <summary>How long a request may be under way, in milliseconds; the venue's own default.</summary>
    public const string ReceiveWindow = "5000";

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);

    /// <summary>Signs a login that is good until <paramref name="expiresMs"/>; returns the bytes written.</summary>
    public int SignLogin(long expiresMs, Span<byte> destination)
    {
        Span<byte> expires = stackalloc byte[20];
        Utf8Formatter.TryFormat(expiresMs, expires, out var digits);
        return _hmac.Append("GET/realtime"u8).Append(expires[..digits]).FinishHex(destination);
    }

    public string Sign(string prehash)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return Encoding.ASCII.GetString(signature[.._hmac.Append(Encoding.UTF8.GetBytes(prehash)).FinishHex(signature)]);
    }

    public RestRequest Get(string path, string query, long unixNs) => new()
    {
        Method = HttpMethod.Get, PathAndQuery = $"{path}?{query}", Headers = Headers(query, unixNs),
    };

    public RestRequest Post(string path, string body, long unixNs) => new()
    {
        Method = HttpMethod.Post, PathAndQuery = path, Body = body, ContentType = "application/json", Headers = Headers(body, unixNs),
    };

    /// <param name="signed">Query or body, byte for byte as sent.</param>
    /// <param name="unixNs">The venue allows a second ahead of its clock.</param>
    private KeyValuePair<string, string>[] Headers(string signed, long unixNs)
    {
        var timestamp = (unixNs / 1_000_000).ToString(CultureInfo.InvariantCulture);
        return
        [
            new("X-BAPI-API-KEY", credentials.ApiKey),
            new("X-BAPI-TIMESTAMP", timestamp),
            new("X-BAPI-RECV-WINDOW", ReceiveWindow),
            new("X-BAPI-SIGN", Sign(timestamp + credentials.ApiKey + ReceiveWindow + signed)),
        ];
    }
}
