using System.Diagnostics;
using System.Text.Json;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Nodes;

/// <summary>
/// Where the nodes of this user are: each running node leaves a small file that names its data folder and command socket,
/// so that <c>ctl</c> and <c>top</c> find it again whatever became of the process that started it.
/// </summary>
internal static class NodeRegistry
{
    public static string Folder => Path.Combine(PenstockHome.Folder, "nodes");

    /// <summary>The running nodes; files of dead ones are removed on the way.</summary>
    public static IReadOnlyList<NodeEntry> Running()
    {
        var found = new List<NodeEntry>();
        if (!Directory.Exists(Folder)) return found;
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json").OrderBy(f => f, StringComparer.Ordinal))
        {
            if (Read(file) is not { } entry) continue;
            if (IsAlive(entry.Pid)) found.Add(entry);
            else File.Delete(file);
        }

        return found;
    }

    /// <param name="name">Name, process id or data folder; null when there is only one.</param>
    public static NodeEntry Find(string? name)
    {
        var running = Running();
        var matching = name is null
            ? running
            : [.. running.Where(n => n.Name == name || $"{n.Pid}" == name || Path.GetFullPath(n.Data) == Path.GetFullPath(name))];
        return matching.Count switch
        {
            1 => matching[0],
            0 => throw new Problem(ExitCode.NotFound, name is null ? "no node is running" : $"no running node is called '{name}'", Folder,
                running.Count == 0 ? "no node of this user has registered itself there" : "running: "
                    + string.Join(", ", running.Select(n => $"{n.Name} (pid {n.Pid})")),
                running.Count == 0 ? "penstock demo, or penstock run --config FILE" : $"--node {running[0].Pid}, or a data folder of one of these"),
            _ => throw new Problem(ExitCode.Usage, "more than one node is running", Folder,
                "running: " + string.Join(", ", matching.Select(n => $"{n.Name} (pid {n.Pid})")), $"add --node {matching[0].Pid}"),
        };
    }

    private static NodeEntry? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<NodeEntry>(File.ReadAllText(file), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Half-written by a node that starts or leaves this moment; the next look sees it whole or gone.
            return null;
        }
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>What a node says of itself in its registry file.</summary>
internal sealed record NodeEntry(string Name, int Pid, string Data, string Socket);
