using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// HMAC-SHA384 in hex: of "/api", path, nonce and body for a REST call, of "AUTH" and the nonce for the login (venues/bitfinex.md §4.1).
/// One row of nonces for both: the venue refuses a number that is not above the last one of the key.
/// </summary>
internal sealed class BitfinexSigner(Credentials credentials, NonceSource nonces)
{
    /// <summary>Hex of 48 bytes.</summary>
    public const int SignatureBytes = 96;

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA384);

    public string ApiKey => credentials.ApiKey;

    public long NextNonce(long unixNs) => nonces.Next(unixNs);

    /// <summary>Writes <see cref="SignatureBytes"/> characters over "AUTH" and the nonce.</summary>
    public int SignLogin(ReadOnlySpan<byte> nonce, Span<byte> destination) => _hmac.Append("AUTH"u8).Append(nonce).FinishHex(destination);

    /// <summary>Writes <see cref="SignatureBytes"/> characters.</summary>
    public int Sign(ReadOnlySpan<byte> path, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> body, Span<byte> destination) =>
        _hmac.Append("/api"u8).Append(path).Append(nonce).Append(body).FinishHex(destination);

    /// <summary>A signed call; all private ones are of this kind.</summary>
    public RestRequest Post(string path, string body, long unixNs)
    {
        var nonce = NextNonce(unixNs).ToString(CultureInfo.InvariantCulture);
        Span<byte> signature = stackalloc byte[SignatureBytes];
        Sign(Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(nonce), Encoding.UTF8.GetBytes(body), signature);
        return new RestRequest
        {
            Method = HttpMethod.Post,
            PathAndQuery = path,
            Body = body,
            ContentType = "application/json",
            Headers =
            [
                new("bfx-nonce", nonce),
                new("bfx-apikey", credentials.ApiKey),
                new("bfx-signature", Encoding.ASCII.GetString(signature)),
            ],
        };
    }
}
