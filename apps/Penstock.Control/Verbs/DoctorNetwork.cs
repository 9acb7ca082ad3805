using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>The doctor's look at the network: what the running nodes have measured, or a measurement of its own.</summary>
internal static class DoctorNetwork
{
    /// <summary>Every running node's paths, by node and venue; a node that does not answer is left out.</summary>
    public static async Task<JsonObject> OfRunningAsync(CancellationToken cancel)
    {
        var nodes = new JsonObject();
        foreach (var node in NodeRegistry.Running())
        {
            try
            {
                var status = await NodeClient.AskAsync(node, new JsonObject { ["command"] = "status" }, cancel);
                var venues = new JsonObject();
                foreach (var (name, venue) in status["venueDetails"]?.AsObject() ?? [])
                    venues[name] = new JsonObject { ["state"] = venue?["state"]?.DeepClone(), ["network"] = venue?["network"]?.DeepClone() };
                nodes[node.Name] = venues;
            }
            catch (Problem)
            {
                // It is starting or leaving; the finding about nodes names it all the same.
            }
        }

        return nodes;
    }

    public static void Print(JsonObject nodes)
    {
        Console.WriteLine();
        foreach (var (name, venues) in nodes)
        {
            Console.WriteLine($"Network of node {name}, as it measures it:");
            foreach (var line in PathText.Table(venues!.AsObject())) Console.WriteLine(line);
        }

        if (nodes.Count == 0) Console.WriteLine("Network: no node is running that would have measured it. To measure now: penstock doctor --net --config FILE, or --venue NAME");
    }

    public static void PrintProbed(JsonObject venues)
    {
        foreach (var line in PathText.Table(venues)) Console.WriteLine(line);
        foreach (var (name, venue) in venues)
        {
            if (venue?["hops"] is not { } hops) continue;
            Console.WriteLine();
            Console.WriteLine($"{name}: hops to {(string?)venue["host"]}{((bool?)hops["reached"] == true ? "" : ", which does not answer echoes")}");
            if ((string?)hops["refused"] is { } refused) Console.WriteLine($"  not listed: {refused}. Instead: {(string?)hops["instead"]}");
            foreach (var hop in hops["list"]?.AsArray() ?? []) Console.WriteLine($"  {(int)hop!["hop"]!,2}  {(string?)hop["address"] ?? "*",-40} {PathText.Ms(hop["pingNs"]),8} ms");
        }
    }
}
