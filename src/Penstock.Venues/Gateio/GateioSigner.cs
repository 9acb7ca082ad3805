using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Gateio;

/// <summary>HMAC-SHA512 in hex, over three different texts: REST calls, subscriptions, the login for orders (venues/gateio.md §4.1).</summary>
internal sealed class GateioSigner(Credentials credentials)
{
    /// <summary>Hex of 64 bytes.</summary>
    public const int SignatureBytes = 128;

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA512);

    /// <summary>A subscription is bound to the `time` its own message carries.</summary>
    public int SignSubscription(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> unixSeconds, Span<byte> destination) =>
        _hmac.Append("channel="u8).Append(channel).Append("&event=subscribe&time="u8).Append(unixSeconds).FinishHex(destination);

    /// <summary>Event, channel, an empty parameter and the time, one a line.</summary>
    public int SignLogin(ReadOnlySpan<byte> unixSeconds, Span<byte> destination) =>
        _hmac.Append("api\nspot.login\n\n"u8).Append(unixSeconds).FinishHex(destination);

    /// <summary>Method, path, query as sent, hash of the body and the time, one a line.</summary>
    public string Sign(string method, string path, string query, string body, string timestamp)
    {
        var bodyHash = Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(body)));
        Span<byte> signature = stackalloc byte[SignatureBytes];
        var length = _hmac.Append(Encoding.UTF8.GetBytes($"{method}\n{path}\n{query}\n{bodyHash}\n{timestamp}")).FinishHex(signature);
        return Encoding.ASCII.GetString(signature[..length]);
    }

    /// <summary>A signed call without a body.</summary>
    public RestRequest Get(string path, string query, long unixNs)
    {
        var timestamp = (unixNs / 1_000_000_000).ToString(CultureInfo.InvariantCulture);
        return new RestRequest
        {
            Method = HttpMethod.Get,
            PathAndQuery = query.Length == 0 ? path : path + "?" + query,
            Headers =
            [
                new("KEY", credentials.ApiKey),
                new("SIGN", Sign("GET", path, query, "", timestamp)),
                new("Timestamp", timestamp),
            ],
        };
    }
}
