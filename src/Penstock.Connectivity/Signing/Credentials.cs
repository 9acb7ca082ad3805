namespace Penstock.Connectivity.Signing;

/// <summary>An account's keys in memory. Never printed: <see cref="ToString"/> shows the key id's first characters only.</summary>
public sealed class Credentials
{
    public required string ApiKey { get; init; }

    public required string Secret { get; init; }

    /// <summary>Empty where the venue knows no passphrase.</summary>
    public string Passphrase { get; init; } = "";

    public override string ToString() => $"key {ApiKey[..Math.Min(4, ApiKey.Length)]}…";
}
