using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Penstock.Connectivity;
using Penstock.Infrastructure.Plugins;

namespace Penstock.Tests.Infrastructure.Plugins;

/// <summary>Goal: a folder of good, old, broken and needy assemblies gives one message each, the good one works, and can be unloaded.</summary>
[Trait("requirement", "R74")]
[Trait("requirement", "R96")]
[Trait("requirement", "R104")]
public sealed class PluginTests : IDisposable
{
    private const string Venue = "Penstock.EleventhVenue";

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-plugins-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_file_is_a_plugin_with_or_without_a_message_or_none()
    {
        Copy(Path.Combine(_folder, Venue, Venue + ".dll"));
        Emit("Old", PluginContractAttribute.Current + 1, null);
        Emit("Needy", PluginContractAttribute.Current, typeof(PluginTests).Assembly.GetName().Name + ".Nowhere");
        Emit("Library", null, null);
        File.WriteAllText(Path.Combine(_folder, "Broken.dll"), "no assembly");
        var found = PluginFolder.Load(_folder).ToDictionary(p => p.Name);
        Assert.Equal(["Broken", "Needy", "Old", Venue], found.Keys.Order(StringComparer.Ordinal));
        Assert.Null(found[Venue].Problem);
        Assert.Contains("contract 2, this node has 1", found["Old"].Problem, StringComparison.Ordinal);
        Assert.Contains("Nowhere", found["Needy"].Problem, StringComparison.Ordinal);
        Assert.Contains("no assembly", found["Broken"].Problem, StringComparison.Ordinal);
        Assert.Empty(PluginFolder.Load(Path.Combine(_folder, "nowhere")));
    }

    [Fact]
    public void A_plugin_joins_the_catalogue_once_and_its_file_can_be_replaced_meanwhile()
    {
        var file = Copy(Path.Combine(_folder, Venue + ".dll"));
        var (first, second) = (PluginFolder.LoadFile(file)!, PluginFolder.LoadFile(file)!);
        File.Delete(file);
        var catalog = new VenueCatalog();
        Assert.Null(catalog.TryAdd(first.Assembly!));
        Assert.True(catalog.TryCreate("tidewater", out var venue));
        Assert.Equal("Tidewater", venue!.Profile.DisplayName);
        Assert.NotSame(typeof(EleventhVenue.Tidewater.TidewaterVenue), venue.GetType());
        Assert.Equal("a venue named 'tidewater' is there already", catalog.TryAdd(second.Assembly!));
        Assert.Equal(["tidewater"], catalog.NamesOf(first.Assembly!));
        Assert.Empty(catalog.NamesOf(second.Assembly!));
        catalog.Remove(first.Assembly!);
        Assert.Empty(catalog.Names);
        Assert.Null(catalog.TryAdd(second.Assembly!));
    }

    [Fact]
    public void A_plugin_that_was_let_go_leaves_the_memory()
    {
        var gone = LoadUseAndUnload(Copy(Path.Combine(_folder, Venue + ".dll")));
        for (var i = 0; gone.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(gone.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadUseAndUnload(string file)
    {
        var plugin = PluginFolder.LoadFile(file)!;
        var catalog = new VenueCatalog();
        Assert.Null(catalog.TryAdd(plugin.Assembly!));
        Assert.True(catalog.TryCreate("tidewater", out _));
        catalog.Remove(plugin.Assembly!);
        return plugin.Unload();
    }

    private static string Copy(string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, Venue + ".dll"), to);
        return to;
    }

    /// <summary>An assembly of that name, with the mark of a contract and a need, if wanted.</summary>
    private void Emit(string name, int? contract, string? needs)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        if (contract is { } version)
            assembly.SetCustomAttribute(new CustomAttributeBuilder(typeof(PluginContractAttribute).GetConstructor([typeof(int)])!, [version]));
        var parent = typeof(object);
        if (needs is not null)
        {
            var absent = new PersistedAssemblyBuilder(new AssemblyName(needs), typeof(object).Assembly);
            parent = absent.DefineDynamicModule(needs).DefineType("Absent", TypeAttributes.Public).CreateType();
        }

        assembly.DefineDynamicModule(name).DefineType("Something", TypeAttributes.Public, parent).CreateType();
        assembly.Save(Path.Combine(_folder, name + ".dll"));
    }
}
