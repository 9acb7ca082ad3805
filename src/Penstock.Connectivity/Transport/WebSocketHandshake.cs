using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Connectivity.Transport;

public enum UpgradeResult : byte
{
    /// <summary>The header has not ended yet.</summary>
    Incomplete,
    Accepted,
    /// <summary>A status other than 101.</summary>
    Refused,
    /// <summary>Not HTTP, too long, or not the answer to our key.</summary>
    Malformed,
}

/// <summary>The HTTP upgrade (RFC 6455 §4). Once per connection: it may allocate, it may not throw on foreign bytes.</summary>
public static class WebSocketHandshake
{
    /// <summary>A longer answer is refused.</summary>
    public const int ResponseBytesMax = 16 * 1024;

    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>16 bytes from the generator, in base64.</summary>
    public static string CreateKey(SeededGenerator random)
    {
        Span<byte> nonce = stackalloc byte[16];
        BitConverter.TryWriteBytes(nonce, random.NextUInt64());
        BitConverter.TryWriteBytes(nonce[8..], random.NextUInt64());
        return Convert.ToBase64String(nonce);
    }

    /// <summary>What the server has to answer to <paramref name="key"/>.</summary>
    // SHA-1 is the protocol's, and no secret rests on it (RFC 6455 §10.8).
    public static string AcceptFor(string key) => Convert.ToBase64String(Sha1(Encoding.ASCII.GetBytes(key + AcceptSuffix)));

    public static byte[] Request(Uri target, string key, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var text = new StringBuilder()
            .Append("GET ").Append(target.PathAndQuery).Append(" HTTP/1.1\r\nHost: ")
            .Append(target.IsDefaultPort ? target.Host : $"{target.Host}:{target.Port}")
            .Append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ").Append(key)
            .Append("\r\n");
        foreach (var (name, value) in headers) text.Append(name).Append(": ").Append(value).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    /// <param name="bytes">All received so far.</param>
    /// <param name="expectedAccept">From <see cref="AcceptFor"/>.</param>
    /// <param name="consumed">Length of the header; what follows are frames.</param>
    /// <param name="status">HTTP status, 0 when there is none.</param>
    public static UpgradeResult Parse(ReadOnlySpan<byte> bytes, string expectedAccept, out int consumed, out int status)
    {
        (consumed, status) = (0, 0);
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return bytes.Length > ResponseBytesMax ? UpgradeResult.Malformed : UpgradeResult.Incomplete;
        if (end > ResponseBytesMax) return UpgradeResult.Malformed;
        consumed = end + 4;
        var header = bytes[..(end + 2)];
        var lineEnd = header.IndexOf("\r\n"u8);
        if (!TryReadStatus(header[..lineEnd], out status)) return UpgradeResult.Malformed;
        if (status != 101) return UpgradeResult.Refused;
        return HasUpgradeHeaders(header[(lineEnd + 2)..], expectedAccept) ? UpgradeResult.Accepted : UpgradeResult.Malformed;
    }

    private static bool TryReadStatus(ReadOnlySpan<byte> line, out int status)
    {
        status = 0;
        return line.StartsWith("HTTP/1.1 "u8) && Utf8Parser.TryParse(line[9..], out status, out var digits) && digits == 3;
    }

    private static bool HasUpgradeHeaders(ReadOnlySpan<byte> lines, string expectedAccept)
    {
        bool upgrade = false, connection = false, accept = false;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf("\r\n"u8);
            var colon = lines[..end].IndexOf((byte)':');
            if (colon <= 0) return false;
            var name = Encoding.ASCII.GetString(lines[..colon]).ToLower(CultureInfo.InvariantCulture);
            var value = Encoding.ASCII.GetString(lines[(colon + 1)..end]).Trim();
            lines = lines[(end + 2)..];
            switch (name)
            {
                case "upgrade":
                    upgrade = value.Equals("websocket", StringComparison.OrdinalIgnoreCase);
                    break;
                case "connection":
                    connection = value.Contains("upgrade", StringComparison.OrdinalIgnoreCase);
                    break;
                case "sec-websocket-accept":
                    accept = value == expectedAccept;
                    break;
                case "sec-websocket-extensions" or "sec-websocket-protocol":
                    // We offered none: compressed frames, say, would not be understood.
                    return false;
            }
        }

        return upgrade && connection && accept;
    }

    private static byte[] Sha1(byte[] bytes)
    {
#pragma warning disable CA5350 // Prescribed by RFC 6455 §4.2.2; not used as a security measure.
        return SHA1.HashData(bytes);
#pragma warning restore CA5350
    }
}
