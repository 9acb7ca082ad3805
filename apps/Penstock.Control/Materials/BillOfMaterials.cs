using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Penstock.Control.Materials;

/// <summary>
/// What Penstock is made of besides itself, as CycloneDX 1.6 (R149): every locked package once, with version, hash, what it needs and which
/// lock files pin it. The same lock files give the same bytes: there is neither a time nor a random number in it.
/// </summary>
internal static class BillOfMaterials
{
    /// <summary>The packages, one row each, in the order of their references.</summary>
    public static IReadOnlyList<(LockedPackage Package, IReadOnlyList<string> LockFiles)> Rows(IEnumerable<LockedPackage> packages) =>
    [
        .. packages.GroupBy(p => p.Reference).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
            (g.OrderByDescending(p => p.IsShipped).First() with { Needs = [.. g.SelectMany(p => p.Needs).Distinct().Order(StringComparer.Ordinal)] },
                (IReadOnlyList<string>)[.. g.Select(p => p.LockFile).Distinct().Order(StringComparer.Ordinal)])),
    ];

    /// <param name="packages">Of all lock files.</param>
    /// <param name="version">Penstock's own.</param>
    public static JsonObject Document(IEnumerable<LockedPackage> packages, string version)
    {
        var rows = Rows(packages);
        var own = "pkg:generic/penstock@" + version;
        var needed = rows.SelectMany(r => r.Package.Needs).ToHashSet();
        var components = new JsonArray([.. rows.Select(r => (JsonNode)Component(r.Package, r.LockFiles))]);
        var direct = Dependency(own, rows.Select(r => r.Package.Reference).Where(r => !needed.Contains(r)));
        var dependencies = new JsonArray([direct, .. rows.Select(r => (JsonNode)Dependency(r.Package.Reference, r.Package.Needs))]);
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX", ["specVersion"] = "1.6", ["serialNumber"] = Serial(components.ToJsonString() + version), ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "application", ["bom-ref"] = own, ["name"] = "penstock", ["version"] = version, ["purl"] = own,
                    ["licenses"] = new JsonArray(new JsonObject { ["expression"] = "Apache-2.0" }),
                },
            },
            ["components"] = components, ["dependencies"] = dependencies,
        };
    }

    private static JsonObject Component(LockedPackage package, IReadOnlyList<string> lockFiles)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = package.Reference };
        // npm scopes are a group of their own in CycloneDX.
        var slash = package.Name.StartsWith('@') ? package.Name.IndexOf('/', StringComparison.Ordinal) : -1;
        if (slash > 0) component["group"] = package.Name[..slash];
        component["name"] = package.Name[(slash + 1)..];
        component["version"] = package.Version;
        component["scope"] = package.IsShipped ? "required" : "excluded";
        component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = package.Sha512 });
        if (package.License is { } license) component["licenses"] = new JsonArray(new JsonObject { ["expression"] = license });
        component["purl"] = package.Reference;
        component["properties"] = new JsonArray(
            [.. lockFiles.Select(f => (JsonNode)new JsonObject { ["name"] = "penstock:lock-file", ["value"] = f })]);
        return component;
    }

    private static JsonObject Dependency(string reference, IEnumerable<string> needs) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. needs.Select(n => (JsonNode)n)]) };

    /// <summary>A UUID of version 8: made from what the document says.</summary>
    private static string Serial(string text)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return "urn:uuid:" + new Guid(bytes, bigEndian: true).ToString("D");
    }
}
