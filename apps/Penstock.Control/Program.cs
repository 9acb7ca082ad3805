using System.CommandLine;
using Penstock.Control.Verbs;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control;

/// <summary>The control plane's one binary: every verb may crash, lag or restart without the node noticing.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Market data and trading: ten exchanges in, risk-checked orders out.")
        {
            DemoVerb.Create(), RunVerb.Create(), ReplayVerb.Create(), ReportVerb.Create(), InspectVerb.Create(), VerifyVerb.Create(),
            JournalVerb.Create(), VenuesVerb.Create(), TopVerb.Create(), DoctorVerb.Create(), ConfigVerb.Create(), CtlVerb.Create(),
            BenchVerb.Create(), SimVerb.Create(), ServeVerb.Create(), TokenVerb.Create(), CaptureVerb.Create(), ImportVerb.Create(),
            KeysVerb.Create(), PluginsVerb.Create(), NewVerb.Create(), SidecarVerb.Create(), SbomVerb.Create(),
        };
        var debug = new Option<bool>("--debug") { Description = "Show stack traces.", Recursive = true };
        root.Options.Add(debug);

        try
        {
            var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
            CommandLine.Check(root, parsed);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
            });
        }
        catch (Problem problem)
        {
            problem.Print(Console.Error);
            return (int)problem.Code;
        }
        catch (OperationCanceledException)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (Exception e) when (!args.Contains("--debug"))
        {
            new Problem(ExitCode.Error, $"unexpected: {e.Message}", "", $"this is a fault of Penstock's ({e.GetType().Name})",
                "run it again with --debug and report what it prints").Print(Console.Error);
            return (int)ExitCode.Error;
        }
    }
}
