using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Commands;

namespace Penstock.Node;

/// <summary>
/// The data plane's program. People use it through `penstock`; this one exists so that trading shares a process with nothing.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<Words, int>> Verbs = new(StringComparer.Ordinal)
    {
        ["run"] = RunCommand.Execute,
        ["replay"] = ReplayCommand.Execute,
        ["report"] = ReportCommand.Execute,
        ["journal"] = JournalCommand.Execute,
        ["inspect"] = InspectCommand.Execute,
        ["config"] = ConfigCommand.Execute,
        ["venues"] = VenuesCommand.Execute,
        ["capture"] = CaptureCommand.Execute,
        ["import"] = ImportCommand.Execute,
        ["net"] = NetCommand.Execute,
        ["plugins"] = PluginsCommand.Execute,
    };

    private static int Main(string[] arguments) => Run(arguments);

    /// <summary>The exit code of one verb.</summary>
    internal static int Run(string[] arguments)
    {
        try
        {
            var words = new Words(arguments);
            var known = string.Join(", ", Verbs.Keys);
            var verb = words.Next($"a verb: {known}");
            if (!Verbs.TryGetValue(verb, out var execute))
            {
                var nearest = Suggestions.Nearest(verb, Verbs.Keys);
                throw new Problem(ExitCode.Usage, $"there is no verb '{verb}'", "penstock-node", $"known: {known}", nearest is null ? "penstock --help" : $"did you mean '{nearest}'?");
            }

            return execute(words);
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
