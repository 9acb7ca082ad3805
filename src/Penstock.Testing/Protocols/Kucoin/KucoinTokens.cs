namespace Penstock.Testing.Protocols.Kucoin;

/// <summary>The tokens given out. Each is good for a day, and for public or for private topics.</summary>
internal sealed class KucoinTokens
{
    private const long LifetimeNs = 24L * 3_600 * 1_000_000_000;

    /// <summary>More than any client asks for; the oldest are forgotten.</summary>
    private const int TokensMax = 10_000;

    private readonly Queue<string> _given = new();
    private readonly Dictionary<string, (bool IsPrivate, long UntilNs)> _tokens = [];
    private long _count;

    public string Give(bool isPrivate, long nowNs)
    {
        var token = $"{(isPrivate ? "private" : "public")}-{++_count:x8}=.{nowNs:x16}==";
        _tokens.Add(token, (isPrivate, nowNs + LifetimeNs));
        _given.Enqueue(token);
        if (_given.Count > TokensMax) _tokens.Remove(_given.Dequeue());
        return token;
    }

    public bool TryUse(string token, long nowNs, out bool isPrivate)
    {
        var isKnown = _tokens.TryGetValue(token, out var given) && given.UntilNs > nowNs;
        isPrivate = isKnown && given.IsPrivate;
        return isKnown;
    }
}
