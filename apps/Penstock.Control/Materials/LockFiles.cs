using System.Reflection;
using System.Text.Json.Nodes;

namespace Penstock.Control.Materials;

/// <summary>
/// The lock files this build was made from; they are part of the program, so that it can say anywhere what it consists of. Both kinds pin
/// every package, also those others need, with its hash: a registry that serves something else fails the restore.
/// </summary>
internal static class LockFiles
{
    private const string Prefix = "lock/";

    /// <summary>Path in the repository and text, in the order of their paths.</summary>
    public static IReadOnlyList<(string Path, string Text)> Embedded()
    {
        var assembly = typeof(LockFiles).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(n => (InRepository(n[Prefix.Length..]), Read(assembly, n))).OrderBy(f => f.Item1, StringComparer.Ordinal)];
    }

    /// <summary>Every package of these files, one entry for each file that pins it.</summary>
    public static IEnumerable<LockedPackage> Read(IEnumerable<(string Path, string Text)> files) =>
        files.SelectMany(f => f.Path.EndsWith("package-lock.json", StringComparison.Ordinal) ? Npm(f.Path, f.Text) : NuGet(f.Path, f.Text));

    private static IEnumerable<LockedPackage> NuGet(string path, string text)
    {
        var isShipped = path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("apps/", StringComparison.Ordinal);
        foreach (var (_, framework) in JsonNode.Parse(text)!["dependencies"]!.AsObject())
        {
            var all = framework!.AsObject();
            foreach (var (name, package) in all)
            {
                // Projects of this repository have neither version nor hash.
                if ((string?)package!["contentHash"] is not { } hash) continue;
                var needs = Names(package["dependencies"])
                    .Select(n => (Name: n,
                        Version: (string?)all.FirstOrDefault(p => p.Key.Equals(n, StringComparison.OrdinalIgnoreCase)).Value?["resolved"]))
                    .Where(n => n.Version is not null).Select(n => LockedPackage.PackageUrl("nuget", Spelled(all, n.Name), n.Version!));
                yield return new LockedPackage("nuget", name, (string)package["resolved"]!, Hex(hash), null, isShipped, path, [.. needs]);
            }
        }
    }

    private static IEnumerable<LockedPackage> Npm(string path, string text)
    {
        const string folder = "node_modules/";
        var all = JsonNode.Parse(text)!["packages"]!.AsObject();
        foreach (var (place, package) in all)
        {
            if ((string?)package!["integrity"] is not { } integrity) continue;
            var needs = Names(package["dependencies"]).Select(n => Nearest(all, place, n)).OfType<string>()
                .Select(p => LockedPackage.PackageUrl(
                    "npm", p[(p.LastIndexOf(folder, StringComparison.Ordinal) + folder.Length)..], (string)all[p]!["version"]!));
            yield return new LockedPackage(
                "npm", place[(place.LastIndexOf(folder, StringComparison.Ordinal) + folder.Length)..], (string)package["version"]!,
                Hex(integrity["sha512-".Length..]), (string?)package["license"], (bool?)package["dev"] != true, path, [.. needs]);
        }
    }

    /// <summary>Node looks beside a package first, then beside whoever holds it.</summary>
    private static string? Nearest(JsonObject all, string place, string name)
    {
        for (var at = place; ; at = at[..Math.Max(0, at.LastIndexOf("/node_modules/", StringComparison.Ordinal))])
        {
            var candidate = (at.Length == 0 ? "" : at + "/") + "node_modules/" + name;
            if (all.ContainsKey(candidate)) return candidate;
            if (at.Length == 0) return null;
        }
    }

    private static IEnumerable<string> Names(JsonNode? dependencies) => dependencies is JsonObject o ? o.Select(d => d.Key) : [];

    /// <summary>A dependency may be written in another case than the package it means.</summary>
    private static string Spelled(JsonObject all, string name) => all.First(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Key;

    private static string Hex(string base64) => Convert.ToHexStringLower(Convert.FromBase64String(base64));

    /// <summary>The build names them as they lie seen from this project.</summary>
    private static string InRepository(string relative) => Path.GetFullPath(relative, "/apps/Penstock.Control")[1..];

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
