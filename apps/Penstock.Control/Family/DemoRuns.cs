using Penstock.Control.Nodes;
using Penstock.Infrastructure.Locations;

namespace Penstock.Control.Family;

/// <summary>The folders of past demos: kept so that a run can be replayed, bounded so that a disk is not filled by trying things.</summary>
internal static class DemoRuns
{
    private const int RunsKeptMax = 10;

    public static string Folder => Path.Combine(PenstockHome.Folder, "demo");

    /// <summary>Removes all but the newest runs; one whose node still runs is never touched.</summary>
    public static void RemoveOld()
    {
        if (!Directory.Exists(Folder)) return;
        var running = NodeRegistry.Running().Select(n => Path.GetFullPath(n.Data)).ToHashSet();
        foreach (var run in Directory.GetDirectories(Folder).OrderDescending(StringComparer.Ordinal).Skip(RunsKeptMax))
        {
            if (running.Contains(run)) continue;
            try
            {
                Directory.Delete(run, recursive: true);
            }
            catch (IOException)
            {
                // Another demo that starts this moment removes it as well; what is left goes next time.
            }
        }
    }
}
