using System.Text.Json.Nodes;
using Penstock.Control.Nodes;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Finds processes that watched the node and ended without a word, a predecessor of this one among them, and tells the node, so that the death
/// stands in its journal. Costs the node one line on its command socket for each.
/// </summary>
internal sealed class ObserverWatch(string data, Func<JsonObject, CancellationToken, Task<JsonObject?>> ask)
{
    private bool _telling;

    /// <summary>One look; the answers come later, on any thread.</summary>
    public void Look()
    {
        if (Volatile.Read(ref _telling)) return;
        var dead = ObserverFile.Dead(data);
        if (dead.Count == 0) return;
        Volatile.Write(ref _telling, true);
        _ = TellAsync(dead);
    }

    private async Task TellAsync(IReadOnlyList<(string File, string Role)> dead)
    {
        try
        {
            foreach (var (file, role) in dead)
            {
                if (!ObserverFile.TryTake(file, out var taken)) continue;
                var answer = await ask(new JsonObject
                {
                    ["command"] = "incident", ["subject"] = role, ["who"] = "gateway", ["why"] = "its process is gone, its file is there",
                }, CancellationToken.None).ConfigureAwait(false);
                // A node that refuses will refuse again; one that does not answer is asked later.
                ObserverFile.Finish(file, taken, isTold: answer is not null);
            }
        }
        finally
        {
            Volatile.Write(ref _telling, false);
        }
    }
}
