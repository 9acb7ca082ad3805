using System.Buffers;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// The answer to bullet-public and bullet-private: a token and where to use it (venues/kucoin.md §1). Neither is known before,
/// and both serve one connection. Not the hot path; it may allocate.
/// </summary>
internal static class KucoinBullet
{
    /// <summary>What a token may consist of: it becomes part of a URL as it is.</summary>
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/="u8);

    /// <summary>The URL to connect to; false when the body holds no token or no usable server.</summary>
    /// <param name="body">Of the REST answer.</param>
    /// <param name="connectId">Ours, for the venue's logs.</param>
    /// <param name="url">ws:// or wss://, token included; empty unless true is returned.</param>
    public static bool TryReadUrl(ReadOnlySpan<byte> body, long connectId, out string url)
    {
        url = "";
        if (JsonValue.Parse(body, out var root) != QuarantineCause.None || !root["code"u8].Is("200000"u8)) return false;
        var data = root["data"u8];
        var token = data["token"u8];
        if (token.Text.IsEmpty || token.Text.ContainsAnyExcept(TokenBytes)) return false;
        foreach (var server in data["instanceServers"u8].Elements)
        {
            var endpoint = server["endpoint"u8].ToText();
            if (!server["protocol"u8].Is("websocket"u8) || !IsStream(endpoint)) continue;
            url = $"{endpoint}{(endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?')}token={token.ToText()}&connectId={connectId}";
            return true;
        }

        return false;
    }

    private static bool IsStream(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme is "ws" or "wss") && uri.Fragment.Length == 0;
}
