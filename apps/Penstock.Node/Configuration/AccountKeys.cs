using System.Runtime.InteropServices;
using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Secrets;

namespace Penstock.Node.Configuration;

/// <summary>
/// The keys a node starts with, by venue: out of the key store its configuration names, or, for simulated venues only, out of a
/// plain file. Read once, before anything connects; what opened the store is forgotten at once.
/// </summary>
internal static partial class AccountKeys
{
    private const int SetDumpable = 4;

    /// <exception cref="Problem">What is wrong, with the exit code of docs/guides/keys.md.</exception>
    public static IReadOnlyDictionary<string, Credentials> Load(NodeConfiguration configuration, string? plainFile)
    {
        if (plainFile is not null) return Plain(configuration, plainFile);
        var keys = configuration.Keys;
        // On paper nothing is asked of an account: keys that are never read can neither sign nor leak.
        if (keys.Store.Length == 0 || configuration.Environment == NodeEnvironment.Paper) return new Dictionary<string, Credentials>();
        // From here on no core dump is written and no debugger of this user attaches.
        if (OperatingSystem.IsLinux()) _ = ProcessControl(SetDumpable, 0, 0, 0, 0);
        using var store = KeyStore.Open(keys.Store, SecretSource.Parse(keys.Unlock, "keys.unlock"));
        return keys.Accounts.ToDictionary(a => a.Key, a => new Credentials(store.Unseal(a.Key, a.Value)));
    }

    private static IReadOnlyDictionary<string, Credentials> Plain(NodeConfiguration configuration, string file)
    {
        var credentials = KeyFileReader.Load(file);
        if (configuration.Environment != NodeEnvironment.Sim)
            throw new Problem(ExitCode.Configuration, "a plain key file is for simulated venues only", file, $"the environment is {configuration.Environment.ToString().ToLowerInvariant()}, and the file is not encrypted", "penstock keys add VENUE, and name the store under keys in the configuration");
        if (configuration.Keys.Store.Length > 0)
            throw new Problem(ExitCode.Usage, "keys come from two places", file, "the configuration names a key store, and --keys a plain file", "leave one of them away");
        return credentials;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);
}
