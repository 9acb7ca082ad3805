using System.CommandLine;
using System.Text.Json;
using Penstock.Control.Family;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;

namespace Penstock.Control.Verbs;

/// <summary>penstock sim: simulated venues as a process of their own, for the demo and for trying things by hand.</summary>
internal static class SimVerb
{
    public static Command Create()
    {
        var venues = new Option<string>("--venues") { DefaultValueFactory = _ => string.Join(',', SimulatedVenueCatalog.SpotNames) };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var world = new Option<SimulatedWorld>("--world")
        {
            Description = "How the venues' prices belong together: apart; shocked (now and then one is off); swaying (pairs stray and come back).",
        };
        var below = new Option<int?>("--below") { Description = "Stays on the cores below this one." };
        var supervised = VerbOptions.Supervised();
        var command = new Command("sim", "Simulated venues on free loopback ports; the first line says where.")
        {
            venues, seed, world, below, supervised,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(below) is { } core) StayBelow(core);
            await using var farm = await SimulatedFarm.StartAsync(
                parsed.GetValue(venues)!.Split(','), parsed.GetValue(seed), cancel, FlowOptions.Of(parsed.GetValue(world)));
            Console.WriteLine(JsonSerializer.Serialize(farm.Endpoints, JsonSerializerOptions.Web));
            // A Ctrl-C in the terminal reaches every process of the family at once; a supervised child leaves with its supervisor,
            // so that the node can still cancel its orders here.
            await (parsed.GetValue(supervised) ? Supervision.ParentGone() : Task.Delay(Timeout.Infinite, cancel))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Before any thread of the venues is started: they inherit it.</summary>
    private static void StayBelow(int core)
    {
        foreach (var shortfall in new GivingWay().KeepBelow(core)) Console.Error.WriteLine(shortfall);
    }
}
