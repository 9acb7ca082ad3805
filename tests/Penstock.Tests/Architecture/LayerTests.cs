using System.Reflection;
using System.Text.RegularExpressions;

namespace Penstock.Tests.Architecture;

/// <summary>Goal: the folder tree is the architecture. An upward arrow, a circle or a package in a hot layer fails here.</summary>
[Trait("requirement", "R141")]
[Trait("requirement", "R142")]
public class LayerTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Penstock.Model"] = [],
        ["Penstock.Infrastructure"] = [],
        ["Penstock.Connectivity"] = ["Penstock.Model", "Penstock.Infrastructure"],
        ["Penstock.Venues"] = ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity"],
        ["Penstock.MarketData"] = ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity"],
        ["Penstock.Trading"] = ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity", "Penstock.MarketData"],
        ["Penstock.Strategies"] = ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity", "Penstock.MarketData", "Penstock.Trading"],
        ["Penstock.Testing"] = ["Penstock.Model", "Penstock.Infrastructure"],
        ["penstock-node"] =
            ["Penstock.Model", "Penstock.Infrastructure", "Penstock.Connectivity", "Penstock.Venues", "Penstock.MarketData", "Penstock.Trading", "Penstock.Strategies"],
        ["penstock"] = ["Penstock.Model", "Penstock.Infrastructure", "Penstock.MarketData", "Penstock.Trading", "Penstock.Testing"],
    };

    /// <summary>Everything but the control plane's own binary and the simulated venues' web server lives without packages.</summary>
    private static readonly string[] WithoutPackages = [.. Allowed.Keys.Except(["penstock", "Penstock.Testing"])];

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_references_only_what_lies_below_it(string name)
    {
        foreach (var reference in ReferencesOf(name).Where(r => r.StartsWith("penstock", StringComparison.OrdinalIgnoreCase)))
        {
            Assert.True(Allowed[name].Contains(reference), $"{name} references {reference}: that arrow points up or sideways.");
        }
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_hot_layers_reference_no_package(string name)
    {
        if (!WithoutPackages.Contains(name)) return;
        foreach (var reference in ReferencesOf(name).Where(r => !r.StartsWith("penstock", StringComparison.OrdinalIgnoreCase)))
        {
            Assert.True(reference.StartsWith("System", StringComparison.Ordinal) || reference is "netstandard" or "mscorlib",
                $"{name} references {reference}, which is not part of the runtime.");
        }
    }

    [Fact]
    public void Projects_in_src_name_no_package_but_the_analyzer()
    {
        foreach (var project in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.csproj", SearchOption.AllDirectories))
            Assert.DoesNotContain("PackageReference", File.ReadAllText(project), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_of_one_project_form_no_circle()
    {
        // Program.cs names everything and nothing names it: it is no part of any circle, whatever lies beside it.
        var arrows = SourceTree.Arrows(SourceTree.Read("src", "apps"))
            .Where(a => a.From.Project == a.To.Project && a.From.Folder != a.To.Folder && !a.From.Path.EndsWith("/Program.cs", StringComparison.Ordinal)).ToList();
        var graph = arrows.GroupBy(a => a.From.Folder).ToDictionary(g => g.Key, g => g.Select(a => a.To.Folder).Distinct().ToList());
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var start in graph.Keys)
        {
            if (PathBack(graph, start) is not { } circle) continue;
            var reasons = arrows.Where(a => circle.Contains(a.From.Folder) && circle.Contains(a.To.Folder)).Select(a => $"  {a.From.Path} -> {a.To.Path}: {a.Type}").Distinct().Take(20);
            found.Add($"{string.Join(" -> ", circle)}\n{string.Join('\n', reasons)}");
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void No_folder_uses_a_layer_above_its_own()
    {
        string[] layers = ["Model", "Infrastructure", "Connectivity", "Venues", "MarketData", "Trading", "Strategies", "Testing", "Node", "Control"];
        int Layer(SourceFile file) => Array.FindIndex(layers, l => file.Project.EndsWith("Penstock." + l, StringComparison.Ordinal));
        var upward = SourceTree.Arrows(SourceTree.Read("src", "apps")).Where(a => Layer(a.To) > Layer(a.From)).Select(a => $"{a.From.Path} -> {a.To.Path}: {a.Type}").ToList();
        Assert.True(upward.Count == 0, string.Join('\n', upward));
    }

    [Fact]
    public void A_namespace_is_its_folder_path()
    {
        foreach (var file in SourceTree.Read("src", "apps"))
        {
            var declared = Regex.Match(file.Code, @"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline);
            if (!declared.Success) continue;
            Assert.Equal(file.Namespace, declared.Groups[1].Value);
        }
    }

    [Trait("requirement", "R24")]
    [Fact]
    public void Connectivity_names_no_exchange()
    {
        string[] names = ["Binance", "Kraken", "Okx", "Coinbase", "Bybit", "Htx", "Kucoin", "Bitfinex", "Bitstamp"];
        foreach (var file in SourceTree.Read("src/Penstock.Connectivity", "src/Penstock.MarketData", "src/Penstock.Trading", "src/Penstock.Strategies", "apps/Penstock.Node"))
            Assert.All(names, name => Assert.DoesNotMatch($@"\b{name}\w*", file.Code));
    }

    private static IEnumerable<string> ReferencesOf(string assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        if (!File.Exists(file))
        {
            // The control plane's program is not referenced by the tests' output in every layout; then its own folder has it.
            var project = assembly == "penstock" ? "Penstock.Control" : "Penstock.Node";
            file = Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), assembly + ".dll");
        }

        return Assembly.LoadFrom(file).GetReferencedAssemblies().Select(r => r.Name!);
    }

    private static List<string>? PathBack(Dictionary<string, List<string>> graph, string start)
    {
        var from = new Dictionary<string, string>();
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var at))
        {
            foreach (var next in graph.GetValueOrDefault(at, []))
            {
                if (next == start)
                {
                    var path = new List<string> { start };
                    for (var step = at; step != start; step = from[step]) path.Insert(1, step);
                    path.Add(start);
                    return path;
                }

                if (from.TryAdd(next, at)) queue.Enqueue(next);
            }
        }

        return null;
    }
}
