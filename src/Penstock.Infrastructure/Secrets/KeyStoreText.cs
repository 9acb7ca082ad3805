using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>
/// A store as text, because people look into it and compare copies:
/// <code>
/// penstock-keys 1
/// master pbkdf2-sha256 600000 (salt)      or: master key-file (salt)
/// check (tells a wrong passphrase from a changed file)
/// entry {"venue":"okx","account":"main",…}
/// seal (over every byte before this line)
/// </code>
/// </summary>
internal sealed record KeyStoreText(MasterKeyRecipe Recipe, byte[] Check, IReadOnlyList<KeyEntry> Entries, byte[] Sealed, byte[] Seal)
{
    private const string First = "penstock-keys ";
    private const int VersionSupported = 1;
    private const int EntriesMax = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(MasterKey master, IEnumerable<KeyEntry> entries)
    {
        var head = Head(master.Recipe);
        var text = new StringBuilder(head);
        text.Append("check ").Append(Convert.ToBase64String(HMACSHA256.HashData(master.Check, Encoding.UTF8.GetBytes(head)))).Append('\n');
        foreach (var entry in entries) text.Append("entry ").Append(JsonSerializer.Serialize(entry, Json)).Append('\n');
        var seal = HMACSHA256.HashData(master.Seal, Encoding.UTF8.GetBytes(text.ToString()));
        return Encoding.UTF8.GetBytes(text.Append("seal ").Append(Convert.ToBase64String(seal)).Append('\n').ToString());
    }

    /// <exception cref="Problem">Not a store, cut off, or from a newer version.</exception>
    public static KeyStoreText Read(ReadOnlySpan<byte> bytes, string path)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (!text.StartsWith(First, StringComparison.Ordinal)) throw Damaged(path, "it does not begin as a key store does");
        var lines = text.Split('\n');
        if (!int.TryParse(lines[0].AsSpan(First.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)) throw Damaged(path, "its version is no number");
        if (version > VersionSupported)
            throw new Problem(ExitCode.Configuration, "the key store was written by a newer version", path, $"it is of version {version}, this build reads {VersionSupported}", "use the newer build");
        if (lines.Length < 5 || lines[^1].Length > 0 || !lines[^2].StartsWith("seal ", StringComparison.Ordinal)) throw Damaged(path, "it is cut off: the last line is no seal");
        if (version != VersionSupported || lines.Length - 5 > EntriesMax) throw Damaged(path, "its version or its size cannot be");
        try
        {
            var entries = lines[3..^2].Select(line => JsonSerializer.Deserialize<KeyEntry>(Rest(line, "entry "), Json) ?? throw new FormatException()).ToList();
            var sealedBytes = Encoding.UTF8.GetBytes(string.Join('\n', lines[..^2]) + '\n');
            return new KeyStoreText(RecipeOf(lines[1]), Convert.FromBase64String(Rest(lines[2], "check ")), entries, sealedBytes, Convert.FromBase64String(Rest(lines[^2], "seal ")));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Damaged(path, "a line is not as this program writes it");
        }
    }

    /// <exception cref="Problem">Another master, or a changed byte anywhere.</exception>
    public void Verify(MasterKey master, string path)
    {
        var isMaster = CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(master.Check, Encoding.UTF8.GetBytes(Head(Recipe))), Check);
        if (!isMaster)
            throw new Problem(ExitCode.Configuration, Recipe.IsKeyFile ? "the key file is not the store's" : "the passphrase is wrong", path, "the store does not open with it", Recipe.IsKeyFile ? "name the key file the store was made with" : "try again; without it the store cannot be opened by anybody");
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(master.Seal, Sealed), Seal))
            throw Damaged(path, "its seal does not fit its content: it was changed outside of penstock");
    }

    public static Problem Damaged(string path, string why) =>
        new(ExitCode.Configuration, "the key store is damaged", path, why, "restore it from a copy, or move it away and add the keys anew: penstock keys add");

    private static string Head(MasterKeyRecipe recipe) => string.Create(CultureInfo.InvariantCulture,
        $"{First}{VersionSupported}\nmaster {(recipe.IsKeyFile ? "key-file" : $"pbkdf2-sha256 {recipe.Iterations}")} {Convert.ToBase64String(recipe.Salt)}\n");

    private static MasterKeyRecipe RecipeOf(string line)
    {
        var words = Rest(line, "master ").Split(' ');
        var recipe = words switch
        {
            ["key-file", var salt] => new MasterKeyRecipe(true, 0, Convert.FromBase64String(salt)),
            // Fewer rounds than were ever written would only help somebody who guesses.
            ["pbkdf2-sha256", var rounds, var salt] when int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is >= MasterKeyRecipe.IterationsWanted and <= MasterKeyRecipe.IterationsMax => new MasterKeyRecipe(false, count, Convert.FromBase64String(salt)),
            _ => throw new FormatException(),
        };
        return recipe.Salt.Length == MasterKeyRecipe.SaltBytes ? recipe : throw new FormatException();
    }

    private static string Rest(string line, string word) => line.StartsWith(word, StringComparison.Ordinal) ? line[word.Length..] : throw new FormatException();
}
