using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Secrets;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Verbs;

/// <summary>penstock keys: the accounts' keys in an encrypted store. No secret is ever taken from the command line or shown.</summary>
internal static class KeysVerb
{
    /// <summary>What people try; each is answered with why not, and its value is not repeated.</summary>
    private static readonly string[] Refused = ["--secret", "--api-key", "--apikey", "--key", "--passphrase", "--password", "--api-secret", "--new-passphrase"];

    public static Command Create() => new("keys", "The accounts' keys, in an encrypted store.") { Add(), List(), Rotate(), Remove() };

    private static Command Add()
    {
        var (venue, account, store, unlock) = (Venue(), Account(), Store(), Unlock());
        var label = new Option<string>("--label") { Description = "A note to recognise the key by.", DefaultValueFactory = _ => "" };
        var permissions = new Option<string>("--permissions") { Description = "What the key may do at the venue, as shown there: read,trade.", DefaultValueFactory = _ => "" };
        var from = new Option<string>("--from") { Description = $"Where the key is read from: tty asks; the others hold {{\"apiKey\",\"secret\",\"passphrase\"}}. {SecretSource.Forms}", DefaultValueFactory = _ => "tty" };
        var replace = new Option<bool>("--replace") { Description = "Put it in the place of the one the account has." };
        var command = new Command("add", "Adds an account's key; makes the store if there is none.") { venue, account, label, permissions, from, replace, store, unlock };
        RefuseSecrets(command);
        command.SetAction(parsed =>
        {
            var path = Path.GetFullPath(parsed.GetValue(store)!);
            var master = SecretSource.Parse(parsed.GetValue(unlock)!, "--unlock");
            var source = SecretSource.Parse(parsed.GetValue(from)!, "--from");
            using var keys = File.Exists(path) ? KeyStore.Open(path, master) : New(path, master);
            using var material = Material(source);
            keys.Add(new KeyEntry
            {
                Venue = parsed.GetValue(venue)!, Account = parsed.GetValue(account)!, Label = parsed.GetValue(label)!, CreatedUnixNs = SystemWallClock.Instance.UnixNs,
                Permissions = parsed.GetValue(permissions)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            }, material, parsed.GetValue(replace));
            Console.WriteLine($"{parsed.GetValue(venue)} {parsed.GetValue(account)}: {material} is in {path}");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command List()
    {
        var (store, json) = (Store(), VerbOptions.Json());
        var command = new Command("list", "What is in the store; needs no passphrase and shows no secret.") { store, json };
        command.SetAction(parsed =>
        {
            var entries = KeyStore.List(Path.GetFullPath(parsed.GetValue(store)!));
            if (parsed.GetValue(json)) Console.WriteLine(new JsonObject { ["keys"] = new JsonArray([.. entries.Select(ToJson)]) }.ToJsonString());
            else Print(entries);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Rotate()
    {
        var (store, unlock) = (Store(), Unlock());
        var next = new Option<string>("--new-unlock") { Description = $"What opens the store from now on: {SecretSource.Forms}", DefaultValueFactory = _ => "tty" };
        var command = new Command("rotate", "Gives the store a new passphrase or key file; the keys stay encrypted all the time.") { store, unlock, next };
        RefuseSecrets(command);
        command.SetAction(parsed =>
        {
            var path = Path.GetFullPath(parsed.GetValue(store)!);
            var source = SecretSource.Parse(parsed.GetValue(next)!, "--new-unlock");
            using var keys = KeyStore.Open(path, SecretSource.Parse(parsed.GetValue(unlock)!, "--unlock"));
            using var master = NewMaster(source);
            keys.Rotate(source, master);
            Console.WriteLine($"{path}: {keys.Entries.Count} keys open with the new one only");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove()
    {
        var (venue, account, store, unlock) = (Venue(), Account(), Store(), Unlock());
        var command = new Command("rm", "Takes an account's key out of the store. Revoke it at the venue as well.") { venue, account, store, unlock };
        RefuseSecrets(command);
        command.SetAction(parsed =>
        {
            using var keys = KeyStore.Open(Path.GetFullPath(parsed.GetValue(store)!), SecretSource.Parse(parsed.GetValue(unlock)!, "--unlock"));
            keys.Remove(parsed.GetValue(venue)!, parsed.GetValue(account)!);
            Console.WriteLine($"{parsed.GetValue(venue)} {parsed.GetValue(account)}: removed; revoke it at the venue as well");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static KeyStore New(string path, SecretSource source)
    {
        Folders.Create(Path.GetDirectoryName(path)!);
        using var master = NewMaster(source);
        return KeyStore.Create(path, source, master);
    }

    /// <summary>A passphrase typed blindly is asked for twice: nobody can look up what they meant.</summary>
    private static SecretBuffer NewMaster(SecretSource source)
    {
        var first = source.Read("new passphrase of the key store");
        if (source.Origin != SecretOrigin.Terminal) return first;
        using var second = source.Read("the same again");
        if (first.Span.SequenceEqual(second.Span)) return first;
        first.Dispose();
        throw new Problem(ExitCode.Usage, "the two differ", "passphrase", "one of them has a typing mistake", "try again");
    }

    private static KeyMaterial Material(SecretSource source)
    {
        if (source.Origin == SecretOrigin.Terminal) return new KeyMaterial(source.Read("API key"), source.Read("secret"), source.Read("passphrase (empty if the venue has none)"));
        using var json = source.Read("key");
        return KeyMaterial.FromJson(json, $"{source.Origin}");
    }

    private static void RefuseSecrets(Command command)
    {
        foreach (var name in Refused)
        {
            var option = new Option<string?>(name) { Hidden = true, Arity = ArgumentArity.ZeroOrOne };
            option.Validators.Add(_ => throw new Problem(ExitCode.Usage, $"{name} is not taken from the command line", $"penstock keys {command.Name}",
                "everybody on this machine can read it in /proc, and the shell keeps it; if it was real, replace it at the venue", "leave it away to be asked, or name a source: --from fd:3 or --from file:PATH"));
            command.Options.Add(option);
        }
    }

    private static JsonNode ToJson(KeyEntry entry) => new JsonObject
    {
        ["venue"] = entry.Venue, ["account"] = entry.Account, ["label"] = entry.Label, ["keyId"] = entry.KeyId, ["created"] = Date(entry),
        ["permissions"] = new JsonArray([.. entry.Permissions.Select(p => (JsonNode)p)]),
    };

    private static void Print(IReadOnlyList<KeyEntry> entries)
    {
        Console.WriteLine($"{"venue",-12} {"account",-12} {"key",-8} {"created",-20} {"permissions",-16} label");
        foreach (var entry in entries)
            Console.WriteLine($"{entry.Venue,-12} {entry.Account,-12} {entry.KeyId,-8} {Date(entry),-20} {string.Join(',', entry.Permissions),-16} {string.Concat(entry.Label.Select(c => char.IsControl(c) ? '?' : c))}");
    }

    private static string Date(KeyEntry entry) => DateTimeOffset.FromUnixTimeMilliseconds(entry.CreatedUnixNs / 1_000_000).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Argument<string> Venue() => new("venue") { Description = "The venue's name: binance, okx." };

    private static Option<string> Account() => new("--account") { Description = "Our name of the account.", DefaultValueFactory = _ => "main" };

    private static Option<string> Store() => new("--store") { Description = "The store's file.", DefaultValueFactory = _ => Path.Combine(PenstockHome.Folder, "keys.store") };

    private static Option<string> Unlock() => new("--unlock") { Description = $"Where what opens the store is read from: {SecretSource.Forms}", DefaultValueFactory = _ => "tty" };
}
