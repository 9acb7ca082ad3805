using System.Security.Cryptography;
using System.Text;
using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>How a store's master key is made; stands in the store's second line.</summary>
/// <param name="IsKeyFile">From a file of 32 random bytes; else from a passphrase by PBKDF2-HMAC-SHA256.</param>
/// <param name="Iterations">Of PBKDF2; zero with a key file.</param>
/// <param name="Salt">32 random bytes, new with every rotation.</param>
internal sealed record MasterKeyRecipe(bool IsKeyFile, int Iterations, byte[] Salt)
{
    /// <summary>R143; OWASP's figure for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023).</summary>
    public const int IterationsWanted = 600_000;

    public const int IterationsMax = 10_000_000;
    public const int SaltBytes = 32;

    public static MasterKeyRecipe New(bool isKeyFile) =>
        new(isKeyFile, isKeyFile ? 0 : IterationsWanted, RandomNumberGenerator.GetBytes(SaltBytes));
}

/// <summary>
/// The keys a store works with, derived from the master: one wraps the entries' own keys, one seals the file, one tells a wrong
/// passphrase from a damaged file. In a <see cref="SecretBuffer"/>; dispose it after use.
/// </summary>
internal sealed class MasterKey : IDisposable
{
    public const int KeyBytes = 32;
    public const int PassphraseBytesMin = 12;

    private readonly SecretBuffer _keys = new(3 * KeyBytes);

    private MasterKey(MasterKeyRecipe recipe) => Recipe = recipe;

    public MasterKeyRecipe Recipe { get; }

    public ReadOnlySpan<byte> Wrap => _keys.Span[..KeyBytes];

    public ReadOnlySpan<byte> Seal => _keys.Span.Slice(KeyBytes, KeyBytes);

    public ReadOnlySpan<byte> Check => _keys.Span.Slice(2 * KeyBytes, KeyBytes);

    /// <param name="master">The key file's bytes, or the passphrase without its line end.</param>
    /// <param name="recipe">How to make the keys.</param>
    /// <exception cref="Problem">A key file that has not 32 bytes.</exception>
    public static MasterKey Derive(ReadOnlySpan<byte> master, MasterKeyRecipe recipe)
    {
        if (recipe.IsKeyFile && master.Length != KeyBytes)
            throw new Problem(ExitCode.Configuration, "the key file does not fit", "key-file", $"it has {master.Length} bytes instead of {KeyBytes}", "head -c 32 /dev/urandom > master.key makes a new one, for a new store");
        var derived = new MasterKey(recipe);
        Span<byte> root = stackalloc byte[KeyBytes];
        if (recipe.IsKeyFile) HKDF.Extract(HashAlgorithmName.SHA256, master, recipe.Salt, root);
        else Rfc2898DeriveBytes.Pbkdf2(master, recipe.Salt, root, recipe.Iterations, HashAlgorithmName.SHA256);
        foreach (var purpose in (ReadOnlySpan<string>)["wrap", "seal", "check"])
            HKDF.Expand(HashAlgorithmName.SHA256, root, derived._keys.Extend(KeyBytes), Encoding.ASCII.GetBytes($"penstock-keys/1 {purpose}"));
        CryptographicOperations.ZeroMemory(root);
        return derived;
    }

    public void Dispose() => _keys.Dispose();
}
