using System.Runtime.CompilerServices;
using Penstock.Infrastructure.Plugins;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Strategies;

/// <summary>The real files of two versions of one plugin: found by their hash, swapped, and out of memory when nothing runs them any more.</summary>
[Trait("requirement", "R74")]
[Trait("requirement", "R96")]
public sealed class PluginVersionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-versions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_version_is_found_by_its_hash_whatever_its_file_is_called()
    {
        var (old, next) = (Copy("Penstock.SwapPlugin", "Old.dll"), Copy("Penstock.SwapPluginNext", "New.dll"));
        Assert.Equal(("1.0.0", "1.1.0"), (old.Number, next.Number));
        Assert.NotEqual(old.Sha256, next.Sha256);
        File.Move(Path.Combine(_folder, "New.dll"), Path.Combine(_folder, "Renamed.dll"));
        var versions = new PluginVersions(() => [_folder]);
        var made = versions.Create(next, "swap-maker", out var problem);
        Assert.Equal(("", "1.1.0"), (problem, made!.GetType().Assembly.GetName().Version!.ToString(3)));
        Assert.Null(versions.Create(next, "another", out problem));
        Assert.Contains("brings no strategy 'another'", problem, StringComparison.Ordinal);

        // Once loaded the file may go: its bytes are kept. Another process needs the file.
        File.Delete(Path.Combine(_folder, "Renamed.dll"));
        Assert.NotNull(versions.Create(next, "swap-maker", out _));
        Assert.Null(new PluginVersions(() => [_folder]).Create(next, "swap-maker", out problem));
        Assert.Equal($"there is no file New.dll 1.1.0 with sha256 {next.Sha256} in {_folder}", problem);
    }

    [Fact]
    public void Its_code_is_compiled_before_anything_of_it_runs()
    {
        Copy("Penstock.SwapPlugin", "Old.dll");
        Assert.Null(PluginCode.Compile(PluginFolder.LoadFile(Path.Combine(_folder, "Old.dll"))!.Assembly!));
    }

    [Fact]
    public void The_old_code_leaves_the_memory_when_the_new_version_has_taken_over()
    {
        var versions = new PluginVersions(() => [_folder]);
        var world = Swapped(versions, out var old);
        for (var i = 0; (old.IsAlive || versions.LoadedNow > 1) && i < 30; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(old.IsAlive);
        Assert.Equal((1, "1.1.0"), (versions.LoadedNow, world.Engine.Strategies[0].Version.Number));
        world.Book(101m, 101.02m);
        Assert.Equal(0, world.Engine.Statistics.StrategyFaults);
    }

    /// <summary>All that could hold the old code is in this frame, and gone with it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private EngineWorld Swapped(PluginVersions versions, out WeakReference old)
    {
        var (first, next) = (Copy("Penstock.SwapPlugin", "Old.dll"), Copy("Penstock.SwapPluginNext", "New.dll"));
        var strategy = versions.Create(first, "swap-maker", out _)!;
        Assert.Null(strategy.Configure("""{"size":0.1,"sides":"bids"}"""));
        var world = new EngineWorld(EngineWorld.Create([strategy, EngineWorld.Maker()], versions: versions)).Ready().Book(100m, 100.02m);
        Assert.Equal(1, world.Outbox.Placed.Count(o => o.Strategy == 1));
        foreach (var placed in world.Outbox.Placed.ToArray()) world.Report(Model.Orders.ExecutionKind.Accepted, placed);
        old = new WeakReference(strategy.GetType().Assembly);
        var order = new SwapOrder { Version = next, Strategy = "swap-maker", Settings = """{"size":0.2}""" };
        Command(world, EngineCommandKind.SwapStrategy, order.ToJson());
        world.Book(100m, 100.03m);
        Command(world, EngineCommandKind.TakeOverStrategy, "");
        foreach (var cancel in world.Outbox.Cancelled.ToArray())
            world.Report(Model.Orders.ExecutionKind.Cancelled, world.Outbox.Placed.Single(o => o.ClientOrderId == cancel.ClientOrderId));
        world.Timer(20);
        Command(world, EngineCommandKind.FinishSwap, "");
        Assert.Contains("saved state of version 1 passed on", world.Engine.Strategies[0].LastSwap, StringComparison.Ordinal);
        return world;
    }

    private static void Command(EngineWorld world, EngineCommandKind kind, string text)
    {
        var command = new EngineCommand { Kind = kind, Strategy = 1, Text = text, Who = "test", Why = "because", NowNs = world.NowNs };
        var result = world.Engine.OnCommand(command);
        Assert.True(result.Done, result.Message);
    }

    private StrategyVersion Copy(string project, string name)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        var file = Path.Combine(_folder, name);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, "Penstock.SwapPlugin.dll"), file);
        var image = File.ReadAllBytes(file);
        var number = System.Reflection.AssemblyName.GetAssemblyName(file).Version!.ToString(3);
        return new StrategyVersion(name, number, PluginFolder.HashOf(image));
    }
}
