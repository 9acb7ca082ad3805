using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Security;

/// <summary>
/// The tokens of one node's control plane, in a file only its owner can read. Kept is the SHA-256 of each: a token has 256 random bits, so
/// nothing slower than one hash is needed, and the file gives nothing away. Any thread.
/// </summary>
internal sealed class TokenStore
{
    public const string Prefix = "pst_";

    public const int TokensMax = 1_000;

    private const int SecretBytes = 32;
    private const long LookEveryNs = 1_000_000_000;

    private readonly string _path;
    private readonly IMonotonicClock _clock;
    private readonly Lock _lock = new();
    private IReadOnlyList<StoredToken> _tokens = [];
    private DateTime _written;
    private long _lookAgainNs = long.MinValue;

    /// <param name="data">The node's data folder; the file in it is tokens.json.</param>
    /// <param name="clock">Says when to look at the file again.</param>
    public TokenStore(string data, IMonotonicClock clock)
    {
        (_path, _clock) = (Path.Combine(data, "tokens.json"), clock);
        Look();
    }

    public string FilePath => _path;

    public IReadOnlyList<StoredToken> All
    {
        get
        {
            Look();
            return _tokens;
        }
    }

    /// <summary>The first token of all, an admin's; null when there is one already.</summary>
    public string? AddFirst() => File.Exists(_path) ? null : Add("first", AccessRole.Admin);

    /// <summary>Makes a token and stores its hash; the token itself is returned, and kept nowhere.</summary>
    /// <exception cref="Problem">The name is no name, or taken.</exception>
    public string Add(string name, AccessRole role)
    {
        if (!IsName(name))
            throw new Problem(ExitCode.Usage, "that is no name for a token", "penstock token add", "1 to 32 letters, digits, - or _",
                "penstock token add ann --role trader");
        lock (_lock)
        {
            Read();
            if (_tokens.Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw new Problem(ExitCode.Usage, $"there is a token '{name}' already", _path, "a name stands for one person",
                    $"penstock token rm {name}, or another name");
            if (_tokens.Count >= TokensMax)
                throw new Problem(ExitCode.Usage, "there are too many tokens", _path, $"at most {TokensMax}", "penstock token rm NAME");
            Span<byte> secret = stackalloc byte[SecretBytes];
            RandomNumberGenerator.Fill(secret);
            var token = Prefix + Base64Url.EncodeToString(secret);
            Write([.. _tokens, new StoredToken(name, role, Convert.ToHexStringLower(Hash(token)))]);
            return token;
        }
    }

    /// <summary>False when there is none of that name. Whoever is connected with it is cut off within a second or two.</summary>
    public bool Remove(string name)
    {
        lock (_lock)
        {
            Read();
            var left = _tokens.Where(t => !t.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            if (left.Count == _tokens.Count) return false;
            Write(left);
            return true;
        }
    }

    /// <summary>Whose token it is; null for nobody's. Every stored hash is compared, each in constant time.</summary>
    public Principal? Find(ReadOnlySpan<char> token)
    {
        if (token.Length is 0 or > 128) return null;
        Look();
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        given.Clear();
        Hash(token).CopyTo(given);
        Principal? found = null;
        foreach (var one in _tokens)
        {
            if (Convert.FromHexString(one.Sha256, stored, out _, out var bytes) != System.Buffers.OperationStatus.Done || bytes !=
                stored.Length) continue;
            if (CryptographicOperations.FixedTimeEquals(given, stored)) found = new Principal(one.Name, one.Role);
        }

        return found;
    }

    /// <summary>The token the principal came with is still there, with the same role.</summary>
    public bool IsStill(Principal principal) => All.Any(t => t.Name == principal.Name && t.Role == principal.Role);

    public static bool IsName(string name) => name.Length is > 0 and <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static byte[] Hash(ReadOnlySpan<char> token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString()));

    private void Look()
    {
        if (_clock.NowNs < Volatile.Read(ref _lookAgainNs)) return;
        lock (_lock)
        {
            _lookAgainNs = _clock.NowNs + LookEveryNs;
            Read();
        }
    }

    private void Read()
    {
        try
        {
            var written = File.GetLastWriteTimeUtc(_path);
            if (written == _written) return;
            if (!File.Exists(_path))
            {
                (_tokens, _written) = ([], written);
                return;
            }

            var read = JsonNode.Parse(File.ReadAllText(_path))!.AsArray().Select(t => new StoredToken(
                (string)t!["name"]!, Enum.Parse<AccessRole>((string)t["role"]!, ignoreCase: true), (string)t["sha256"]!)).ToList();
            (_tokens, _written) = (read, written);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException
            or ArgumentException or NullReferenceException)
        {
            // Whatever cannot be read lets nobody in.
            _tokens = [];
        }
    }

    private void Write(IReadOnlyList<StoredToken> tokens)
    {
        var text = new JsonArray([.. tokens.Select(t => (JsonNode)new JsonObject
        {
            ["name"] = t.Name, ["role"] = t.Role.ToString().ToLowerInvariant(), ["sha256"] = t.Sha256,
        })]).ToJsonString();
        try
        {
            Replace(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the tokens cannot be written", _path, e.Message, "run it as the user the node runs as");
        }

        (_tokens, _written) = (tokens, File.GetLastWriteTimeUtc(_path));
    }

    private void Replace(string text)
    {
        var temporary = _path + "." + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(temporary, _path, overwrite: true);
    }
}

/// <param name="Name">Unique, whatever the case of its letters.</param>
/// <param name="Role">Never Public.</param>
/// <param name="Sha256">Of the token's text, lower-case hex.</param>
internal sealed record StoredToken(string Name, AccessRole Role, string Sha256);
