using System.ComponentModel;

namespace Penstock.Node.Configuration;

/// <summary>The key store and which of its accounts trade where (R143). Names only: a secret in a configuration is an error.</summary>
public sealed record KeysConfiguration
{
    [Description("The key store's file, made by penstock keys add; empty: no keys.")]
    public string Store { get; init; } = "";

    [Description("Where what opens it is read from: tty, fd:N, file:PATH, key-file:PATH or credential:NAME.")]
    public string Unlock { get; init; } = "tty";

    [Description("Account by venue, e.g. \"okx\": \"main\"; a venue that is not named here gets market data only.")]
    public IReadOnlyDictionary<string, string> Accounts { get; init; } = new Dictionary<string, string>();
}
