using Penstock.Node.Configuration;
using Penstock.Strategies;

namespace Penstock.Tests.Node;

/// <summary>Two versions of one plugin in a folder: the newest is used, the other waits; one that is let go is still found by its hash.</summary>
[Trait("requirement", "R74")]
public sealed class CatalogsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-catalogs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_two_versions_the_newest_is_used_and_the_other_waits_for_a_swap()
    {
        Copy("Penstock.SwapPlugin", "Maker-1.0.dll");
        Copy("Penstock.SwapPluginNext", "Maker-1.1.dll");
        Copy("Penstock.SwapPluginNext", "Again.dll");
        Catalogs.LoadPlugins(_folder);
        var plugins = Catalogs.Plugins.Where(p => Path.GetDirectoryName(p.Path) == _folder).ToDictionary(p => p.Name);
        var version = Catalogs.VersionOf("swap-maker");
        Assert.Equal("1.1.0", version.Number);
        Assert.Equal("Again", plugins["Maker-1.0"].WaitsBehind);
        Assert.Contains("it is Again again, of the same version 1.1.0", plugins["Maker-1.1"].Problem, StringComparison.Ordinal);
        Assert.Equal(["strategy swap-maker"], Catalogs.NamesOf(plugins["Again"]));

        Catalogs.LetGo(version);
        Assert.Null(Catalogs.Create("swap-maker", out _));
        Assert.NotNull(Catalogs.Versions.Create(version, "swap-maker", out _));
        Assert.NotNull(Catalogs.Create("market-making", out var builtIn));
        Assert.Equal(StrategyVersion.BuiltIn, builtIn);
    }

    private void Copy(string project, string name)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, "Penstock.SwapPlugin.dll"), Path.Combine(_folder, name));
    }
}
