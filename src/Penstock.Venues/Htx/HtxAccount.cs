using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Htx;

/// <summary>
/// The number of the key's spot account, which orders and several REST calls want. It does not change: asked for before the first
/// connection, as others ask for a token, and then known.
/// </summary>
internal sealed class HtxAccount
{
    public const string Path = "/v1/account/accounts";

    /// <summary>Zero until the venue has told it.</summary>
    public long Id { get; private set; }

    /// <summary>False when the body lists no working spot account.</summary>
    public bool TryRead(ReadOnlySpan<byte> body)
    {
        if (JsonValue.Parse(body, out var root) != QuarantineCause.None || !root["status"u8].Is("ok"u8)) return false;
        foreach (var account in root["data"u8].Elements)
        {
            if (!account["type"u8].Is("spot"u8) || !account["state"u8].Is("working"u8)) continue;
            if (account["id"u8].GetInt64(out var id) != QuarantineCause.None || id <= 0) continue;
            Id = id;
            return true;
        }

        return false;
    }
}
