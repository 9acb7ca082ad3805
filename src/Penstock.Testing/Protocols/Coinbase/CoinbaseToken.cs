using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>
/// Checks the JSON Web Tokens of one key as the venue does: signature (ES256), key name, times, address, and that none comes
/// twice. Knows the public key only.
/// </summary>
internal sealed class CoinbaseToken
{
    private const string Host = "api.coinbase.com";
    private const long LifetimeSecondsMax = 120;
    private const long ClockSkewSecondsMax = 10;
    private const int NoncesMax = 10_000;

    private readonly string _keyName;
    private readonly ECDsa _public;
    private readonly HashSet<string> _seen = [];
    private readonly Queue<string> _seenInOrder = new();

    public CoinbaseToken(string keyName, string privateKeyPem)
    {
        _keyName = keyName;
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKeyPem);
        _public = ECDsa.Create(key.ExportParameters(includePrivateParameters: false));
    }

    /// <summary>
    /// An EC private key in PEM: the secret itself where it is one, else a key made from its bytes, so that the same options give
    /// the same account.
    /// </summary>
    public static string KeyOf(string secret)
    {
        if (secret.StartsWith("-----BEGIN", StringComparison.Ordinal)) return secret;
        var scalar = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
        scalar[0] &= 0x7F; // below the order of the curve
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        return key.ExportECPrivateKeyPem();
    }

    /// <param name="token">As sent.</param>
    /// <param name="uri">METHOD host path, "" for the stream.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    public bool Accepts(string token, string uri, long nowNs)
    {
        try
        {
            var parts = token.Split('.');
            return parts.Length == 3 && IsSigned(parts) && AcceptsHeader(Parse(parts[0])) && AcceptsClaims(Parse(parts[1]), uri, nowNs / 1_000_000_000);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return false; // foreign input that is no token
        }
    }

    public bool AcceptsCall(VenueHttpRequest request, long nowNs)
    {
        const string Scheme = "Bearer ";
        var header = request.Header("Authorization");
        return header.StartsWith(Scheme, StringComparison.Ordinal)
            && Accepts(header[Scheme.Length..], $"{request.Method} {Host}{request.Path}", nowNs);
    }

    private static JsonElement Parse(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        return document.RootElement.Clone();
    }

    private bool IsSigned(string[] parts) =>
        _public.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256);

    private bool AcceptsHeader(JsonElement header)
    {
        var nonce = ProtocolSession.StringOf(header, "nonce");
        if (ProtocolSession.StringOf(header, "alg") != "ES256" || ProtocolSession.StringOf(header, "typ") != "JWT") return false;
        if (ProtocolSession.StringOf(header, "kid") != _keyName || nonce.Length == 0 || !_seen.Add(nonce)) return false;
        _seenInOrder.Enqueue(nonce);
        if (_seenInOrder.Count > NoncesMax) _seen.Remove(_seenInOrder.Dequeue());
        return true;
    }

    private bool AcceptsClaims(JsonElement claims, string uri, long nowSeconds)
    {
        if (ProtocolSession.StringOf(claims, "sub") != _keyName || ProtocolSession.StringOf(claims, "iss") != "cdp") return false;
        if (!long.TryParse(ProtocolSession.StringOf(claims, "nbf"), CultureInfo.InvariantCulture, out var from)) return false;
        if (!long.TryParse(ProtocolSession.StringOf(claims, "exp"), CultureInfo.InvariantCulture, out var until)) return false;
        return until - from <= LifetimeSecondsMax && from <= nowSeconds + ClockSkewSecondsMax && until >= nowSeconds - ClockSkewSecondsMax
            && ProtocolSession.StringOf(claims, "uri") == uri;
    }
}
