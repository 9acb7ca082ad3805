using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Strategies;

namespace Penstock.Node.Configuration;

/// <summary>Reads a node's configuration and checks what the file format alone cannot: that venues and strategies exist.</summary>
internal static class ConfigurationFiles
{
    public static NodeConfiguration Load(string path, IReadOnlyList<string> settings)
    {
        var result = ConfigurationLoader.Load<NodeConfiguration>(path, new ConfigurationOptions { Overrides = settings, VersionMax = NodeConfiguration.VersionSupported });
        Catalogs.LoadPlugins(result.Value?.Plugins ?? "");
        var errors = result.Errors.ToList();
        if (result.Value is { } value && errors.Count == 0) errors.AddRange(Check(value));
        if (errors.Count > 0) throw Describe(path, errors);
        return result.Value!;
    }

    private static IEnumerable<ConfigurationError> Check(NodeConfiguration configuration)
    {
        if (configuration.Readiness is { } ready && ready.GoodWindows > ready.Windows)
            yield return new ConfigurationError("readiness.goodWindows", 0, 0, $"{ready.GoodWindows} of {ready.Windows} windows can never be good", "the node would not become READY", "lower goodWindows or raise windows");
        for (var i = 0; i < configuration.Venues.Count; i++)
        {
            var name = configuration.Venues[i].Name;
            if (!Catalogs.Venues.Names.Contains(name)) yield return Unknown($"venues[{i}].name", "venue", name, Catalogs.Venues.Names);
        }

        foreach (var venue in configuration.Keys.Accounts.Keys.Except(configuration.Venues.Select(v => v.Name)))
            yield return Unknown($"keys.accounts.{venue}", "configured venue", venue, configuration.Venues.Select(v => v.Name));
        if (configuration.Keys.Accounts.Count > 0 && configuration.Keys.Store.Length == 0)
            yield return new ConfigurationError("keys.store", 0, 0, "accounts are named, and no store to take their keys from", "keys stand in a key store, never in this file", "penstock keys add VENUE makes one");

        for (var i = 0; i < configuration.Strategies.Count; i++)
        {
            var strategy = configuration.Strategies[i];
            if (!Catalogs.Strategies.Names.Contains(strategy.Name)) yield return Unknown($"strategies[{i}].name", "strategy", strategy.Name, Catalogs.Strategies.Names);
            var known = configuration.Venues.SelectMany(v => v.Symbols.Select(s => $"{s}.{v.Name.ToUpperInvariant()}")).ToList();
            if (!known.Contains(strategy.Instrument, StringComparer.OrdinalIgnoreCase)) yield return Unknown($"strategies[{i}].instrument", "configured instrument", strategy.Instrument, known);
        }
    }

    private static ConfigurationError Unknown(string key, string kind, string name, IEnumerable<string> names)
    {
        var nearest = Suggestions.Nearest(name, names);
        return new ConfigurationError(key, 0, 0, $"there is no {kind} '{name}'", $"known: {string.Join(", ", names)}{Catalogs.PluginProblems()}", nearest is null ? "name one of these" : $"did you mean '{nearest}'?");
    }

    private static Problem Describe(string path, List<ConfigurationError> errors)
    {
        var first = errors[0];
        var place = first.Line > 0 ? $"{path}:{first.Line}:{first.Column}" : path;
        var more = errors.Count > 1 ? $" ({errors.Count - 1} more: penstock config check {path})" : "";
        return new Problem(ExitCode.Configuration, first.Key.Length > 0 ? $"{first.Key}: {first.What}" : first.What, place, first.Why, first.Next + more);
    }
}
