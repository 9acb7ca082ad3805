using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// X-Auth of version v2: hex of HMAC-SHA256 over "BITSTAMP " + key + method + host + path + query + content type + nonce +
/// milliseconds + "v2" + body, with nothing between them (venues/bitstamp.md §4.1). Every private call is a POST.
/// </summary>
/// <param name="credentials">The account's keys.</param>
/// <param name="host">Part of what is signed: always the venue's own name, whatever address is really asked.</param>
internal sealed class BitstampSigner(Credentials credentials, string host = BitstampSigner.LiveHost)
{
    public const string LiveHost = "www.bitstamp.net";

    /// <summary>Hex of 32 bytes.</summary>
    public const int SignatureBytes = 64;

    private const string FormType = "application/x-www-form-urlencoded";

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);
    private readonly NonceSource _nonces = new();
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"BITSTAMP {credentials.ApiKey}");
    private readonly byte[] _host = Encoding.ASCII.GetBytes(host);

    /// <summary>Writes <see cref="SignatureBytes"/> characters; allocates nothing.</summary>
    public int Sign(
        ReadOnlySpan<byte> method, ReadOnlySpan<byte> pathAndQuery, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> unixMs, ReadOnlySpan<byte> body, Span<byte> destination) =>
        _hmac.Append(_prefix).Append(method).Append(_host).Append(pathAndQuery).Append(contentType)
            .Append(nonce).Append(unixMs).Append("v2"u8).Append(body).FinishHex(destination);

    /// <summary>A signed call. An empty form has no content type, neither signed nor sent: else the venue answers API0005.</summary>
    public RestRequest Post(string path, string form, long unixNs)
    {
        var nonce = Nonce(_nonces.Next(unixNs));
        var unixMs = (unixNs / 1_000_000).ToString(CultureInfo.InvariantCulture);
        var contentType = form.Length > 0 ? FormType : "";
        Span<byte> signature = stackalloc byte[SignatureBytes];
        Sign("POST"u8, Bytes(path), Bytes(contentType), Bytes(nonce), Bytes(unixMs), Bytes(form), signature);
        return new RestRequest
        {
            Method = HttpMethod.Post,
            PathAndQuery = path,
            Body = form.Length > 0 ? form : null,
            ContentType = form.Length > 0 ? FormType : null,
            Headers =
            [
                new("X-Auth", $"BITSTAMP {credentials.ApiKey}"),
                new("X-Auth-Signature", Encoding.ASCII.GetString(signature)),
                new("X-Auth-Nonce", nonce),
                new("X-Auth-Timestamp", unixMs),
                new("X-Auth-Version", "v2"),
            ],
        };
    }

    /// <summary>
    /// A strictly increasing number in the dress of a UUID of version 4, which is what the venue asks for: it needs to be new,
    /// not random, and a restarted process goes on above its predecessor.
    /// </summary>
    private static string Nonce(long number)
    {
        var digits = number.ToString("x16", CultureInfo.InvariantCulture);
        return $"70656e73-746f-4{digits[..3]}-8{digits[3..6]}-00{digits[6..]}";
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
