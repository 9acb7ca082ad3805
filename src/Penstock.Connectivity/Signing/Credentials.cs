using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Penstock.Infrastructure.Secrets;

namespace Penstock.Connectivity.Signing;

/// <summary>
/// An account's keys in memory (R146): secret and passphrase lie outside the managed heap until somebody asks for their text.
/// Never printed: <see cref="ToString"/> shows the key id's first characters only.
/// </summary>
public sealed class Credentials : IDisposable
{
    private readonly SecretBuffer _secret = new(0);
    private readonly SecretBuffer _passphrase = new(0);

    public Credentials()
    {
    }

    /// <param name="material">Taken over: disposed with these credentials.</param>
    [SetsRequiredMembers]
#pragma warning disable CS8618 // Secret is a view of _secret, which is set here.
    public Credentials(KeyMaterial material)
#pragma warning restore CS8618
    {
        ApiKey = material.KeyId.ToText();
        (_secret, _passphrase) = (material.Secret, material.Passphrase);
        material.KeyId.Dispose();
    }

    /// <summary>The public half; venues want it in every login.</summary>
    public required string ApiKey { get; init; }

    /// <summary>As text, a copy nobody can zero: only where a key cannot be read from <see cref="SecretUtf8"/>.</summary>
    public required string Secret
    {
        get => _secret.ToText();
        init => _secret = SecretBuffer.FromText(value);
    }

    /// <summary>Empty where the venue knows no passphrase. As <see cref="Secret"/>, a copy.</summary>
    public string Passphrase
    {
        get => _passphrase.ToText();
        init => _passphrase = SecretBuffer.FromText(value);
    }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> SecretUtf8 => _secret.Span;

    /// <summary>A signer over the secret as it stands; no copy of it is made on the managed heap.</summary>
    public HmacSigner CreateHmac(HashAlgorithmName algorithm) => new(algorithm, SecretUtf8);

    public override string ToString() => $"key {ApiKey[..Math.Min(4, ApiKey.Length)]}…";

    public void Dispose()
    {
        _secret.Dispose();
        _passphrase.Dispose();
    }
}
