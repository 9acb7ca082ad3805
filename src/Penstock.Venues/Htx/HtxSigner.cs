using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Htx;

/// <summary>
/// HMAC-SHA256 in base64 over method, host, path and query, a line each (venues/htx.md §4.1). REST puts key, method, version 2 and time
/// into the query it sends; the sockets' login signs the same four under other names and as version 2.1. The body is not signed.
/// </summary>
internal sealed class HtxSigner(Credentials credentials)
{
    /// <summary>Base64 of 32 bytes.</summary>
    public const int SignatureBytes = 44;

    /// <summary>yyyy-MM-ddTHH:mm:ss</summary>
    private const int TimeBytes = 19;

    private readonly HmacSigner _hmac = credentials.CreateHmac(HashAlgorithmName.SHA256);
    private readonly byte[] _key = Encoding.UTF8.GetBytes(Uri.EscapeDataString(credentials.ApiKey));

    /// <summary>The host is signed by name, whatever address the bytes go to.</summary>
    private static ReadOnlySpan<byte> Host => "api.huobi.pro"u8;

    /// <summary>The login of a socket. Allocates nothing.</summary>
    /// <param name="path">/ws/v2 or /ws/trade.</param>
    /// <param name="writer">Gets one frame.</param>
    /// <param name="unixNs">The venue takes five minutes to either side.</param>
    public void WriteLogin(ReadOnlySpan<byte> path, FrameWriter writer, long unixNs)
    {
        Span<byte> time = stackalloc byte[TimeBytes];
        FormatTime(unixNs, time);
        _hmac.Append("GET\n"u8).Append(Host).Append("\n"u8).Append(path).Append("\naccessKey="u8).Append(_key)
            .Append("&signatureMethod=HmacSHA256&signatureVersion=2.1&timestamp="u8);
        AppendEscaped(time);
        writer.Append("{\"action\":\"req\",\"ch\":\"auth\",\"params\":{\"authType\":\"api\",\"accessKey\":\""u8).Append(credentials.ApiKey)
            .Append("\",\"signatureMethod\":\"HmacSHA256\",\"signatureVersion\":\"2.1\",\"timestamp\":\""u8).Append(time)
            .Append("\",\"signature\":\""u8);
        writer.Advance(_hmac.FinishBase64(writer.Reserve(SignatureBytes)));
        writer.Append("\"}}"u8).EndFrame();
    }

    /// <param name="path">Without query.</param>
    /// <param name="parameters">Sorted, encoded, in small letters: ASCII puts them behind the capitals of the four.</param>
    /// <param name="unixNs">Time of signing.</param>
    public RestRequest Get(string path, string parameters, long unixNs)
    {
        var time = Uri.EscapeDataString(DateTimeOffset.FromUnixTimeSeconds(unixNs / 1_000_000_000).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        var query = $"AccessKeyId={Uri.EscapeDataString(credentials.ApiKey)}&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp={time}";
        if (parameters.Length > 0) query += "&" + parameters;
        var signature = Uri.EscapeDataString(Sign($"GET\n{Encoding.ASCII.GetString(Host)}\n{path}\n{query}"));
        return new RestRequest { Method = HttpMethod.Get, PathAndQuery = $"{path}?{query}&Signature={signature}" };
    }

    public string Sign(string prehash)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return Encoding.ASCII.GetString(signature[.._hmac.Append(Encoding.UTF8.GetBytes(prehash)).FinishBase64(signature)]);
    }

    private void AppendEscaped(ReadOnlySpan<byte> time)
    {
        _hmac.Append(time[..13]).Append("%3A"u8).Append(time[14..16]).Append("%3A"u8).Append(time[17..]);
    }

    private static void FormatTime(long unixNs, Span<byte> time) =>
        DateTimeOffset.FromUnixTimeSeconds(unixNs / 1_000_000_000).UtcDateTime
            .TryFormat(time, out _, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
