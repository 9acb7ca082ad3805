namespace Penstock.Connectivity.Transport;

/// <summary>One REST call, ready to send: a signed request is byte-identical to what was signed.</summary>
public sealed record RestRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>Path and query, starting with '/', already encoded.</summary>
    public required string PathAndQuery { get; init; }

    public string? Body { get; init; }

    public string? ContentType { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What the call costs of the venue's REST limits.</summary>
    public int Weight { get; init; } = 1;
}
