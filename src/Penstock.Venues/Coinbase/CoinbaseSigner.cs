using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// A JSON Web Token of two minutes per request, signed with ES256 (venues/coinbase.md §A4). The claims, the token and the
/// signature are written into buffers that are used again. One thread.
/// </summary>
internal sealed class CoinbaseSigner
{
    /// <summary>Part of what is signed, whatever address the request goes to.</summary>
    private const string Host = "api.coinbase.com";

    private const long LifetimeSeconds = 120;

    private readonly ECDsa _key;
    private readonly JsonEncodedText _name;
    private readonly FrameWriter _claims = new();
    private byte[] _token = new byte[2048];
    private long _nonce;

    /// <exception cref="ArgumentException">The secret is no EC private key; Ed25519 keys are not supported by .NET itself.</exception>
    public CoinbaseSigner(Credentials credentials)
    {
        _key = KeyOf(credentials.Secret);
        _name = JsonEncodedText.Encode(credentials.ApiKey, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    }

    /// <summary>The token of a REST call: it names method, host and path, and not the query. Valid until the next one is made.</summary>
    public ReadOnlySpan<byte> SignRest(string method, string path, long unixNs) => Sign(method, path, unixNs);

    /// <summary>The token of a WebSocket subscription: it names no address.</summary>
    public ReadOnlySpan<byte> SignSubscription(long unixNs) => Sign("", "", unixNs);

    public RestRequest Get(string pathAndQuery, long unixNs) => new()
    {
        Method = HttpMethod.Get,
        PathAndQuery = pathAndQuery,
        Headers = [Authorization("GET", pathAndQuery, unixNs)],
    };

    public RestRequest Post(string path, string body, long unixNs) => new()
    {
        Method = HttpMethod.Post,
        PathAndQuery = path,
        Body = body,
        ContentType = "application/json",
        Headers = [Authorization("POST", path, unixNs)],
    };

    private KeyValuePair<string, string> Authorization(string method, string pathAndQuery, long unixNs)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? pathAndQuery : pathAndQuery[..query];
        return new("Authorization", "Bearer " + Encoding.ASCII.GetString(SignRest(method, path, unixNs)));
    }

    private ReadOnlySpan<byte> Sign(string method, string path, long unixNs)
    {
        var length = 0;
        _claims.Clear();
        _claims.Append("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\""u8).Append(_name.EncodedUtf8Bytes).Append("\",\"nonce\":\""u8);
        AppendNonce(unixNs);
        _claims.Append("\"}"u8);
        AppendBase64Url(_claims.Open, ref length);
        _token[length++] = (byte)'.';

        var seconds = unixNs / 1_000_000_000;
        _claims.Clear();
        _claims.Append("{\"sub\":\""u8).Append(_name.EncodedUtf8Bytes).Append("\",\"iss\":\"cdp\",\"nbf\":"u8).Append(seconds)
            .Append(",\"exp\":"u8).Append(seconds + LifetimeSeconds);
        if (method.Length > 0) _claims.Append(",\"uri\":\""u8).Append(method).Append(" "u8).Append(Host).Append(path).Append("\""u8);
        _claims.Append("}"u8);
        AppendBase64Url(_claims.Open, ref length);

        // Its default is the form JWT wants: R and S, 32 bytes each.
        Span<byte> signature = stackalloc byte[64];
        _key.TrySignData(_token.AsSpan(0, length), signature, HashAlgorithmName.SHA256, out var written);
        _token[length++] = (byte)'.';
        AppendBase64Url(signature[..written], ref length);
        return _token.AsSpan(0, length);
    }

    /// <summary>The venue wants it never to come twice; time and a count do that without a source of randomness.</summary>
    private void AppendNonce(long unixNs)
    {
        Span<byte> digits = stackalloc byte[16];
        foreach (var part in (ReadOnlySpan<long>)[unixNs, ++_nonce])
        {
            Utf8Formatter.TryFormat(part, digits, out var written, new System.Buffers.StandardFormat('x', 16));
            _claims.Append(digits[..written]);
        }
    }

    private void AppendBase64Url(ReadOnlySpan<byte> bytes, ref int length)
    {
        // One more for the point that follows.
        var needed = length + Base64Url.GetEncodedLength(bytes.Length) + 1;
        if (needed > _token.Length) Array.Resize(ref _token, needed * 2);
        length += Base64Url.EncodeToUtf8(bytes, _token.AsSpan(length));
    }

    /// <summary>SEC1 or PKCS#8 in PEM; pasted into a configuration its line ends often become the two characters \n.</summary>
    private static ECDsa KeyOf(string secret)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(secret.Replace("\\n", "\n", StringComparison.Ordinal));
            if (key.KeySize == 256) return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Told below, in words that do not contain the secret.
        }

        key.Dispose();
        throw new ArgumentException("Coinbase: expected an EC private key (P-256) in PEM as secret, found something else.");
    }
}
