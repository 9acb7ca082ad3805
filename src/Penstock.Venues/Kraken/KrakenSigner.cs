using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Kraken;

/// <summary>
/// API-Sign: base64 of HMAC-SHA512, keyed with the decoded secret, over the path and SHA-256 of nonce + form body
/// (venues/kraken.md §4.1). The WebSocket needs only a token, which is fetched by such a call.
/// </summary>
internal sealed class KrakenSigner
{
    /// <summary>Base64 of 64 bytes.</summary>
    public const int SignatureBytes = 88;

    private readonly HmacSigner _hmac;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly NonceSource _nonces;
    private readonly Credentials _credentials;

    /// <exception cref="ArgumentException">The secret is not base64.</exception>
    public KrakenSigner(Credentials credentials, NonceSource nonces)
    {
        var secret = new byte[credentials.SecretUtf8.Length];
        if (Base64.DecodeFromUtf8(credentials.SecretUtf8, secret, out _, out var length) != OperationStatus.Done)
            throw new ArgumentException("Kraken's API secret must be base64, as the venue hands it out.", nameof(credentials));
        _hmac = new HmacSigner(HashAlgorithmName.SHA512, secret.AsSpan(0, length));
        CryptographicOperations.ZeroMemory(secret);
        _credentials = credentials;
        _nonces = nonces;
    }

    /// <summary>Writes <see cref="SignatureBytes"/> characters.</summary>
    public int Sign(ReadOnlySpan<byte> path, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        Span<byte> digest = stackalloc byte[32];
        _sha256.AppendData(nonce);
        _sha256.AppendData(body);
        _sha256.GetHashAndReset(digest);
        return _hmac.Append(path).Append(digest).FinishBase64(destination);
    }

    /// <summary>A signed POST with a form body.</summary>
    /// <param name="form">"&amp;name=value" pairs, each starting with '&amp;'; the nonce is put before them.</param>
    public RestRequest Post(string path, string form, long unixNs, int weight = 1)
    {
        var nonce = FormattableString.Invariant($"{_nonces.Next(unixNs)}");
        var body = $"nonce={nonce}{form}";
        Span<byte> signature = stackalloc byte[SignatureBytes];
        Sign(Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(nonce), Encoding.UTF8.GetBytes(body), signature);
        return new RestRequest
        {
            Method = HttpMethod.Post,
            PathAndQuery = path,
            Body = body,
            ContentType = "application/x-www-form-urlencoded",
            Headers =
            [
                new("API-Key", _credentials.ApiKey),
                new("API-Sign", Encoding.ASCII.GetString(signature)),
                new("User-Agent", "Penstock"),
            ],
            Weight = weight,
        };
    }
}
