using System.Text;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Secrets;

namespace Penstock.Tests.Infrastructure.Secrets;

/// <summary>Goal: what was put in comes out with the right master only, at its own place only, and any change of any byte is found.</summary>
[Trait("requirement", "R143")]
[Trait("requirement", "R146")]
public sealed class KeyStoreTests : IDisposable
{
    private const string Secret = "canary-secret-of-the-account-0001";

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-keys-").FullName;

    private string Store => Path.Combine(_folder, "keys.store");

    private SecretSource Master => new(SecretOrigin.KeyFile, Path.Combine(_folder, "master.key"));

    public KeyStoreTests() => Private(Master.Name, [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 5 + 10))]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keys_come_back_for_their_account_and_their_text_is_nowhere_in_the_file()
    {
        Make("okx", "kraken");
        using var store = KeyStore.Open(Store, Master);
        using var keys = store.Unseal("okx", "main");
        Assert.Equal(("okx-api-key-0123456789", Secret, "canary-passphrase"), (keys.KeyId.ToText(), keys.Secret.ToText(), keys.Passphrase.ToText()));
        var text = File.ReadAllText(Store);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.DoesNotContain("api-key-0123456789", text, StringComparison.Ordinal);
        Assert.Equal(PrivateFile.OwnerOnly, File.GetUnixFileMode(Store));
        Assert.Equal(["okx okx-…", "kraken krak…"], KeyStore.List(Store).Select(e => $"{e.Venue} {e.KeyId}"));
        Assert.DoesNotContain("canary", keys + keys.Secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_opens_what_it_made_and_a_wrong_one_says_so()
    {
        var right = Source("right", "correct horse battery\n");
        using (var secret = right.Read(""))
        using (var store = KeyStore.Create(Store, right, secret))
            Add(store, "okx");
        using (var store = KeyStore.Open(Store, right)) store.Unseal("okx", "main").Dispose();
        Assert.Equal("the passphrase is wrong", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Source("wrong", "correct horse batterz"))));
        Assert.Equal("the key store opens with a passphrase", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
        Assert.Contains("pbkdf2-sha256 600000 ", File.ReadAllText(Store), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_byte_of_the_store_is_refused()
    {
        Make("okx");
        var original = File.ReadAllBytes(Store);
        for (var at = 0; at < original.Length; at++)
        {
            var changed = (byte[])original.Clone();
            changed[at] ^= (byte)(1 << (at % 7));
            Private(Store, changed);
            Assert.Equal(ExitCode.Configuration, Assert.Throws<Problem>(() => KeyStore.Open(Store, Master)).Code);
        }

        for (var length = 0; length < original.Length; length += 3)
        {
            Private(Store, original[..length]);
            Assert.Equal(ExitCode.Configuration, Assert.Throws<Problem>(() => KeyStore.Open(Store, Master)).Code);
        }

        Private(Store, original);
        KeyStore.Open(Store, Master).Dispose();
    }

    [Fact]
    public void Every_changed_byte_of_an_envelope_and_every_changed_label_keeps_the_entry_shut()
    {
        using var master = MasterKey.Derive(new byte[32], MasterKeyRecipe.New(isKeyFile: true));
        using var material = Material("okx");
        var entry = KeyEntry.Seal(new KeyEntry { Venue = "okx", Account = "main", Label = "desk", CreatedUnixNs = 7, Permissions = ["read", "trade"] }, material, master);
        using (var opened = entry.Open(master)) Assert.Equal(Secret, opened!.Secret.ToText());
        foreach (var moved in (KeyEntry[])[
            entry with { Venue = "binance" }, entry with { Account = "other" }, entry with { Label = "" }, entry with { KeyId = "abcd…" }, entry with { CreatedUnixNs = 8 },
            entry with { Permissions = ["read"] }, entry with { Permissions = ["read,trade,withdraw"] }, entry with { Venue = "okxm", Account = "ain" }])
            Assert.Null(moved.Open(master));
        for (var at = 0; at < entry.Sealed.Length; at++) Assert.Null((entry with { Sealed = Flip(entry.Sealed, at) }).Open(master));
        for (var at = 0; at < entry.WrappedKey.Length; at++) Assert.Null((entry with { WrappedKey = Flip(entry.WrappedKey, at) }).Open(master));
        for (var length = 0; length < entry.Sealed.Length; length++) Assert.Null((entry with { Sealed = entry.Sealed[..length] }).Open(master));
        var twin = KeyEntry.Seal(entry, material, master);
        Assert.Null((entry with { Sealed = twin.Sealed }).Open(master));
        Assert.NotEqual(twin.Sealed, entry.Sealed);
    }

    [Fact]
    public void A_rotated_store_opens_with_the_new_master_only_and_its_ciphertexts_are_untouched()
    {
        Make("okx", "kraken");
        var before = KeyStore.List(Store);
        var next = Source("next", "an entirely new passphrase");
        using (var store = KeyStore.Open(Store, Master))
        using (var secret = next.Read(""))
            store.Rotate(next, secret);
        Assert.Equal("the key store opens with a passphrase", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
        using var rotated = KeyStore.Open(Store, next);
        using var keys = rotated.Unseal("kraken", "main");
        Assert.Equal(Secret, keys.Secret.ToText());
        Assert.Equal(before.Select(e => Convert.ToHexString(e.Sealed)), rotated.Entries.Select(e => Convert.ToHexString(e.Sealed)));
        Assert.NotEqual(before[0].WrappedKey, rotated.Entries[0].WrappedKey);
        Assert.Equal(["keys.store", "master.key", "next"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_there_is_not_overwritten_unasked_and_what_is_gone_is_gone()
    {
        Make("okx");
        using (var store = KeyStore.Open(Store, Master))
        {
            Assert.Equal("okx has keys for the account main already", Fails(ExitCode.Refused, () => Add(store, "okx")));
            using var other = Material("other");
            store.Add(new KeyEntry { Venue = "okx", Account = "main" }, other, replace: true);
            store.Remove("okx", "main");
            Assert.Equal("the store has no keys of okx for the account main", Fails(ExitCode.NotFound, () => store.Unseal("okx", "main")));
        }

        Assert.Empty(KeyStore.List(Store));
        using var again = KeyStore.Open(Store, Master);
        Fails(ExitCode.NotFound, () => again.Remove("okx", "main"));
        Fails(ExitCode.Usage, () => Add(again, "../okx"));
    }

    [Theory]
    [InlineData("penstock-keys 2\n", "the key store was written by a newer version")]
    [InlineData("penstock-keys x\n", "the key store is damaged")]
    [InlineData("", "the key store is damaged")]
    [InlineData("{}", "the key store is damaged")]
    public void What_is_no_store_of_this_version_is_refused(string text, string expected)
    {
        Private(Store, Encoding.UTF8.GetBytes(text));
        Assert.Equal(expected, Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupExecute)]
    public void A_store_or_key_file_that_others_can_touch_is_refused_with_the_command_that_mends_it(UnixFileMode others)
    {
        Make("okx");
        foreach (var file in (string[])[Store, Master.Name])
        {
            File.SetUnixFileMode(file, PrivateFile.OwnerOnly | others);
            var problem = Assert.Throws<Problem>(() => KeyStore.Open(Store, Master));
            Assert.Equal(ExitCode.Configuration, problem.Code);
            Assert.Contains($"chmod 600 {file}", Printed(problem), StringComparison.Ordinal);
            File.SetUnixFileMode(file, PrivateFile.OwnerOnly);
        }
    }

    [Fact]
    public void A_file_of_somebody_else_is_refused()
    {
        Make("okx");
        var chown = System.Diagnostics.Process.Start("chown", ["12345", Store]);
        chown.WaitForExit();
        if (chown.ExitCode != 0) Assert.Skip("only root can give files away");
        Assert.Equal("the key store belongs to somebody else", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
    }

    [Fact]
    public void What_is_missing_or_no_file_is_said()
    {
        Assert.Equal("the key store is not there", Fails(ExitCode.NotFound, () => KeyStore.Open(Store, Master)));
        Make("okx");
        Assert.Equal("the key file is not there", Fails(ExitCode.NotFound, () => KeyStore.Open(Store, Master with { Name = "/nowhere/master.key" })));
        Fails(ExitCode.Configuration, () => KeyStore.Open(_folder, Master));
        Private(Master.Name, new byte[31]);
        Assert.Equal("the key file does not fit", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
        Private(Master.Name, new byte[32]);
        Assert.Equal("the key file is not the store's", Fails(ExitCode.Configuration, () => KeyStore.Open(Store, Master)));
    }

    [Fact]
    public void A_short_passphrase_makes_no_store()
    {
        var source = Source("short", "short\n");
        using var secret = source.Read("");
        Assert.Equal("the passphrase is too short", Fails(ExitCode.Configuration, () => KeyStore.Create(Store, source, secret)));
        Assert.False(File.Exists(Store));
    }

    private void Make(params string[] venues)
    {
        using var secret = Master.Read("");
        using var store = KeyStore.Create(Store, Master, secret);
        foreach (var venue in venues) Add(store, venue);
    }

    private static void Add(KeyStore store, string venue)
    {
        using var material = Material(venue);
        store.Add(new KeyEntry { Venue = venue, Account = "main", Permissions = ["read"] }, material);
    }

    private static KeyMaterial Material(string venue) =>
        new(SecretBuffer.FromText($"{venue}-api-key-0123456789"), SecretBuffer.FromText(Secret), SecretBuffer.FromText("canary-passphrase"));

    private SecretSource Source(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Private(path, Encoding.UTF8.GetBytes(text));
        return new SecretSource(SecretOrigin.File, path);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var changed = (byte[])bytes.Clone();
        changed[at] ^= 0x10;
        return changed;
    }

    private static string Fails(ExitCode code, Action action)
    {
        var problem = Assert.Throws<Problem>(action);
        Assert.Equal(code, problem.Code);
        Assert.DoesNotContain("canary", Printed(problem), StringComparison.Ordinal);
        return problem.Message;
    }

    private static string Printed(Problem problem)
    {
        var text = new StringWriter();
        problem.Print(text);
        return text.ToString();
    }

    private static void Private(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, PrivateFile.OwnerOnly);
    }
}
