using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock top: the pipeline of a running node, refreshed every second. Plain lines where there is no terminal.</summary>
internal static class TopVerb
{
    public static Command Create()
    {
        var node = VerbOptions.Node();
        var once = new Option<bool>("--once") { Description = "One picture, then leave." };
        var command = new Command("top", "The running node's pipeline, live. q or Ctrl-C leaves.") { node, once };
        command.SetAction((parsed, cancel) => RunAsync(NodeRegistry.Find(parsed.GetValue(node)), parsed.GetValue(once), cancel));
        return command;
    }

    private static async Task<int> RunAsync(NodeEntry node, bool once, CancellationToken cancel)
    {
        var terminal = !Console.IsOutputRedirected && !once;
        JsonObject? last = null;
        while (true)
        {
            var status = await NodeClient.AskAsync(node, new JsonObject { ["command"] = "status" }, cancel);
            if (terminal)
            {
                // Home, draw, clear the rest: no flicker, and the scroll-back stays as it was.
                Console.Write("\e[H" + string.Join("\e[K\n", TopScreen.Render(node, last, status, Math.Clamp(Console.WindowWidth, 40, 160))) + "\e[J");
                if (Console.KeyAvailable && Console.ReadKey(intercept: true).Key == ConsoleKey.Q) return (int)ExitCode.Ok;
            }
            else if (once)
            {
                foreach (var line in TopScreen.Render(node, last, status, 80)) Console.WriteLine(line);
                return (int)ExitCode.Ok;
            }
            else
            {
                Console.WriteLine(StatusText.Line(status));
            }

            last = status;
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        }
    }
}
