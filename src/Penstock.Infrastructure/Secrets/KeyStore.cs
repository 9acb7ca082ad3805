using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>
/// The accounts' keys in one encrypted file (R143): mode 600, ours, sealed. What may be shown can be read without the master key
/// (<see cref="List"/>); everything else needs it. Every change writes the whole file anew and takes the old one's place in one step.
/// Not for two writers at once: the last one wins, and neither leaves a broken file. Control plane and start-up only.
/// </summary>
public sealed class KeyStore : IDisposable
{
    private readonly string _path;
    private MasterKey _master;
    private List<KeyEntry> _entries;

    private KeyStore(string path, MasterKey master, IEnumerable<KeyEntry> entries)
    {
        _path = path;
        _master = master;
        _entries = [.. entries];
    }

    /// <summary>What may be shown of each entry, in the order they were added.</summary>
    public IReadOnlyList<KeyEntry> Entries => _entries;

    /// <summary>What may be shown, without the master key; then nothing proves that it was not changed.</summary>
    /// <exception cref="Problem">Not there, open to others, damaged, or newer.</exception>
    public static IReadOnlyList<KeyEntry> List(string path) => Load(path).Entries;

    /// <summary>Makes an empty store; it is written with its first entry.</summary>
    /// <exception cref="Problem">The passphrase is too short, or the key file has not 32 bytes.</exception>
    public static KeyStore Create(string path, SecretSource source, SecretBuffer master) => new(path, NewMaster(source, master), []);

    /// <param name="path">The store.</param>
    /// <param name="source">Where the master comes from; its kind has to fit the store's.</param>
    /// <param name="prompt">What to ask for at a terminal.</param>
    /// <exception cref="Problem">Not there, open to others, damaged, newer, or another master.</exception>
    public static KeyStore Open(string path, SecretSource source, string prompt = "passphrase of the key store")
    {
        var text = Load(path);
        if (source.Origin == SecretOrigin.KeyFile && !text.Recipe.IsKeyFile)
            throw new Problem(ExitCode.Configuration, "the key store opens with a passphrase", path, "a key file was named", "tty, fd:N, file:PATH or credential:NAME");
        using var secret = source.Read(prompt);
        var master = MasterKey.Derive(text.Recipe.IsKeyFile ? secret.Span : secret.TrimLineEnd().Span, text.Recipe);
        try
        {
            text.Verify(master, path);
        }
        catch
        {
            master.Dispose();
            throw;
        }

        return new KeyStore(path, master, text.Entries);
    }

    /// <summary>Adds an account's keys, or replaces them, and writes the store.</summary>
    /// <exception cref="Problem">The account has keys already and is not to be replaced, a name cannot be, or the file cannot be written.</exception>
    public void Add(KeyEntry shown, KeyMaterial material, bool replace = false)
    {
        foreach (var name in (string[])[shown.Venue, shown.Account])
        {
            if (name.Length is 0 or > 32 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_')))
                throw new Problem(ExitCode.Usage, "the name of a venue or account cannot be", "penstock keys", "small letters, digits, - and _ make one, 32 at most", "penstock venues lists the venues");
        }

        var at = IndexOf(shown.Venue, shown.Account);
        if (at >= 0 && !replace)
            throw new Problem(ExitCode.Refused, $"{shown.Venue} has keys for the account {shown.Account} already", _path, $"added as {_entries[at].KeyId}", "--replace puts these in their place; --account names another");
        var entry = KeyEntry.Seal(shown, material, _master);
        var entries = new List<KeyEntry>(_entries);
        if (at >= 0) entries[at] = entry;
        else entries.Add(entry);
        Write(_master, entries);
    }

    /// <exception cref="Problem">There is no such entry.</exception>
    public void Remove(string venue, string account)
    {
        var gone = Find(venue, account);
        Write(_master, [.. _entries.Where(e => e != gone)]);
    }

    /// <summary>Wraps every entry's key under a new master; the keys themselves stay encrypted all the time.</summary>
    /// <exception cref="Problem">An entry does not open; nothing was changed then.</exception>
    public void Rotate(SecretSource source, SecretBuffer secret)
    {
        var master = NewMaster(source, secret);
        try
        {
            Write(master, [.. _entries.Select(e => e.Rewrap(_master, master) ?? throw KeyStoreText.Damaged(_path, $"the entry of {e.Venue} {e.Account} does not open"))]);
        }
        catch
        {
            master.Dispose();
            throw;
        }

        _master.Dispose();
        _master = master;
    }

    /// <summary>The account's keys; the caller disposes them.</summary>
    /// <exception cref="Problem">There are none, or the entry was changed.</exception>
    public KeyMaterial Unseal(string venue, string account)
    {
        var entry = Find(venue, account);
        return entry.Open(_master) ?? throw KeyStoreText.Damaged(_path, $"the entry of {venue} {account} does not open: it was changed, or is another account's");
    }

    public void Dispose() => _master.Dispose();

    private static KeyStoreText Load(string path)
    {
        using var bytes = PrivateFile.Read(path, "the key store");
        return KeyStoreText.Read(bytes.Span, path);
    }

    private static MasterKey NewMaster(SecretSource source, SecretBuffer secret)
    {
        var isKeyFile = source.Origin == SecretOrigin.KeyFile;
        if (!isKeyFile && secret.TrimLineEnd().Length < MasterKey.PassphraseBytesMin)
            throw new Problem(ExitCode.Configuration, "the passphrase is too short", "passphrase", $"it has fewer than {MasterKey.PassphraseBytesMin} characters", "take a longer one: four or more random words");
        return MasterKey.Derive(secret.Span, MasterKeyRecipe.New(isKeyFile));
    }

    private void Write(MasterKey master, List<KeyEntry> entries)
    {
        PrivateFile.Replace(_path, KeyStoreText.Write(master, entries));
        _entries = entries;
    }

    private KeyEntry Find(string venue, string account) => IndexOf(venue, account) is >= 0 and var at ? _entries[at]
        : throw new Problem(ExitCode.NotFound, $"the store has no keys of {venue} for the account {account}", _path,
            _entries.Count == 0 ? "it is empty" : $"it has {string.Join(", ", _entries.Select(e => $"{e.Venue} {e.Account}"))}", $"penstock keys add {venue} --account {account}");

    private int IndexOf(string venue, string account) => _entries.FindIndex(e => e.Venue == venue && e.Account == account);
}
