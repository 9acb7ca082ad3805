using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.Materials;
using Penstock.Tests.Architecture;

namespace Penstock.Tests.Control;

/// <summary>Goal: the bill says everything the lock files pin, and nothing else. The files are read here a second time, on another way.</summary>
[Trait("requirement", "R149")]
public sealed class BillOfMaterialsTests
{
    private static readonly IReadOnlyList<(string Path, string Text)> Files = LockFiles.Embedded();
    private static readonly JsonObject Bill = BillOfMaterials.Document(LockFiles.Read(Files), "1.2.3");

    [Fact]
    public void The_program_carries_every_lock_file_of_the_repository_as_it_is()
    {
        var onDisk = new[] { "src", "apps", "tests", "bench" }.SelectMany(folder =>
            Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, folder)))
            .SelectMany(project => new[] { "packages.lock.json", "package-lock.json" }.Select(name => Path.Combine(project, name))).Where(File.Exists)
            .Select(file => (Path.GetRelativePath(SourceTree.Root, file), File.ReadAllText(file).TrimStart('\uFEFF'))).Order();
        Assert.Equal(onDisk, Files.Order());
    }

    [Fact]
    public void Every_locked_package_is_there_with_version_and_hash_and_nothing_else_is()
    {
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (path, text) in Files)
        {
            using var json = JsonDocument.Parse(text);
            if (path.EndsWith("/package-lock.json", StringComparison.Ordinal))
            {
                foreach (var package in json.RootElement.GetProperty("packages").EnumerateObject().Where(p => p.Name.Length > 0))
                    expected.Add(Line(package.Name.Split("node_modules/")[^1], package.Value, "version", "integrity"));
                continue;
            }

            foreach (var package in json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(f => f.Value.EnumerateObject()))
            {
                if (package.Value.GetProperty("type").GetString() != "Project") expected.Add(
                    Line(package.Name, package.Value, "resolved", "contentHash"));
            }
        }

        Assert.True(expected.Count > 100, $"{expected.Count}");
        Assert.Equal(expected,
            new SortedSet<string>(Components().Select(c => $"{Name(c)} {c["version"]} {c["hashes"]![0]!["content"]}"), StringComparer.Ordinal));
        Assert.Equal(expected.Count, Components().Count);
        Assert.All(Components(), c =>
            Assert.Equal((128, "SHA-512"), (((string)c["hashes"]![0]!["content"]!).Length, (string)c["hashes"]![0]!["alg"]!)));

        static string Line(string name, JsonElement package, string version, string hash) =>
            $"{name} {package.GetProperty(version).GetString()} "
            + Convert.ToHexString(Convert.FromBase64String(package.GetProperty(hash).GetString()!.Replace("sha512-", "", StringComparison.Ordinal)))
                .ToLowerInvariant();
    }

    [Fact]
    public void What_ships_is_told_from_what_builds_and_tests()
    {
        var scopes = Components().ToDictionary(Name, c => (string)c["scope"]!);
        foreach (var name in (string[])["System.CommandLine", "OpenTelemetry", "preact", "uplot", "lightweight-charts"])
            Assert.Equal("required", scopes[name]);
        foreach (var name in (string[])["xunit.v3", "FsCheck", "vite", "typescript", "playwright-core"]) Assert.Equal("excluded", scopes[name]);
        // The node has no package: whatever its lock file pins is a project of this repository.
        Assert.DoesNotContain(Components(), c =>
            c["properties"]!.AsArray().Any(p => (string)p!["value"]! == "apps/Penstock.Node/packages.lock.json"));
    }

    [Fact]
    public void References_are_unique_and_every_dependency_names_one()
    {
        var references = Components().Select(c => (string)c["bom-ref"]!).ToList();
        Assert.Equal(references.Count, references.Distinct().Count());
        var known = references.Append((string)Bill["metadata"]!["component"]!["bom-ref"]!).ToHashSet();
        var dependencies = Bill["dependencies"]!.AsArray();
        Assert.Equal(known.Order(), dependencies.Select(d => (string)d!["ref"]!).Order());
        var arrows = dependencies.SelectMany(d => d!["dependsOn"]!.AsArray().Select(n => (string)n!)).ToList();
        Assert.True(arrows.Count > 50, $"{arrows.Count}");
        Assert.All(arrows, a => Assert.Contains(a, known));
    }

    [Fact]
    public void The_same_lock_files_give_the_same_bytes_and_others_another_serial_number()
    {
        var turned = BillOfMaterials.Document(LockFiles.Read(Files.Reverse()), "1.2.3");
        Assert.Equal(Bill.ToJsonString(), turned.ToJsonString());
        var fewer = BillOfMaterials.Document(LockFiles.Read(Files.Take(3)), "1.2.3");
        Assert.NotEqual((string)Bill["serialNumber"]!, (string)fewer["serialNumber"]!);
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", (string)Bill["serialNumber"]!);
    }

    private static List<JsonNode> Components() => [.. Bill["components"]!.AsArray().Select(c => c!)];

    private static string Name(JsonNode component) =>
        (string?)component["group"] is { } group ? $"{group}/{component["name"]}" : (string)component["name"]!;
}
