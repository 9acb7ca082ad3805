using System.Text.Json;
using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Configuration;

/// <summary>
/// Keys of simulated accounts, as the demo writes them: one JSON object per venue name, in a file only its owner can read. Real ones
/// lie in the key store (<see cref="AccountKeys"/>).
/// </summary>
internal static class KeyFileReader
{
    private const string Expected = """expected {"venue":{"apiKey":"…","secret":"…","passphrase":"…"}}""";

    private sealed record Entry(string? ApiKey, string? Secret, string? Passphrase);

    public static IReadOnlyDictionary<string, Credentials> Load(string? path)
    {
        if (path is null) return new Dictionary<string, Credentials>();
        if (!File.Exists(path)) throw new Problem(ExitCode.NotFound, "there is no such key file", path, "the file does not exist", "leave --keys out to run without orders");
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0)
            throw new Problem(ExitCode.Configuration, "the key file can be read by others", path, $"its mode is {File.GetUnixFileMode(path)}", $"chmod 600 {path}");
        try
        {
            var entries = JsonSerializer.Deserialize<Dictionary<string, Entry?>>(File.ReadAllText(path), JsonSerializerOptions.Web) ?? [];
            return entries.ToDictionary(e => e.Key, e => e.Value is { ApiKey: { } key, Secret: { } secret } entry
                ? new Credentials { ApiKey = key, Secret = secret, Passphrase = entry.Passphrase ?? "" }
                : throw new Problem(ExitCode.Configuration, $"the keys of {e.Key} are incomplete", path, "apiKey or secret is missing", Expected));
        }
        catch (JsonException e)
        {
            // The parser's message may quote the text, and the text is keys: only the place is told.
            throw new Problem(ExitCode.Configuration, "the key file is not the expected JSON", $"{path}, line {e.LineNumber + 1}", "it does not parse", Expected);
        }
    }
}
