using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>HMAC-SHA256 in hex over the time in milliseconds, the method, and the path with its query.</summary>
internal sealed class TidewaterSigner(Credentials credentials)
{
    /// <summary>Hex of 32 bytes.</summary>
    public const int SignatureBytes = 64;

    private readonly HmacSigner _hmac = new(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(credentials.Secret));

    public int SignLogin(ReadOnlySpan<byte> unixMs, Span<byte> destination) => _hmac.Append(unixMs).Append("login"u8).FinishHex(destination);

    public RestRequest Get(string pathAndQuery, long unixNs)
    {
        var time = $"{unixNs / 1_000_000}";
        Span<byte> signature = stackalloc byte[SignatureBytes];
        _hmac.Append(Encoding.UTF8.GetBytes($"{time}GET{pathAndQuery}")).FinishHex(signature);
        return new RestRequest
        {
            Method = HttpMethod.Get, PathAndQuery = pathAndQuery,
            Headers = [new("Tide-Key", credentials.ApiKey), new("Tide-Time", time), new("Tide-Sign", Encoding.ASCII.GetString(signature))],
        };
    }
}
