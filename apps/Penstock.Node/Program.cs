using Penstock.Infrastructure.Problems;
using Penstock.Node.Commands;

namespace Penstock.Node;

/// <summary>
/// The data plane's program. People use it through `penstock`; this one exists so that trading shares a process with nothing.
/// Verbs: run · replay · inspect · config · venues · capture · import.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => Run(arguments);

    /// <summary>The exit code of one verb. Also the way in of a program that brings its own strategy (<see cref="App"/>).</summary>
    internal static int Run(string[] arguments)
    {
        try
        {
            var words = new Words(arguments);
            return words.Next("a verb: run, replay, inspect, config, venues, capture or import") switch
            {
                "run" => RunCommand.Execute(words),
                "replay" => ReplayCommand.Execute(words),
                "inspect" => InspectCommand.Execute(words),
                "config" => ConfigCommand.Execute(words),
                "venues" => VenuesCommand.Execute(words),
                "capture" => CaptureCommand.Execute(words),
                "import" => ImportCommand.Execute(words),
                var verb => throw new Problem(ExitCode.Usage, $"there is no verb '{verb}'", "penstock-node", "known: run, replay, inspect, config, venues, capture, import", "penstock --help"),
            };
        }
        catch (Problem problem)
        {
            problem.Print(Console.Error);
            return (int)problem.Code;
        }
        catch (Exception e) when (!arguments.Contains("--debug"))
        {
            new Problem(ExitCode.Error, $"unexpected: {e.Message}", "", $"this is a fault of Penstock's ({e.GetType().Name})",
                "run it again with --debug and report what it prints").Print(Console.Error);
            return (int)ExitCode.Error;
        }
    }
}
