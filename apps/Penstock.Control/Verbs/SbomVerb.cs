using System.CommandLine;
using Penstock.Control.Materials;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock sbom: what this build is made of, from the lock files it was built with.</summary>
internal static class SbomVerb
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "CycloneDX 1.6 as JSON instead of a table." };
        var output = new Option<string?>("--out") { Description = "Write the JSON to this file." };
        var command = new Command("sbom", "Software bill of materials: every package with version and hash.") { json, output };
        command.SetAction(parsed => Run(parsed.GetValue(json), parsed.GetValue(output)));
        return command;
    }

    private static int Run(bool json, string? output)
    {
        var packages = LockFiles.Read(LockFiles.Embedded()).ToList();
        var document = () => BillOfMaterials.Document(packages, typeof(SbomVerb).Assembly.GetName().Version!.ToString(3)).ToJsonString();
        if (output is not null) Write(output, document());
        if (json) Console.WriteLine(document());
        else if (output is null)
        {
            foreach (var (package, files) in BillOfMaterials.Rows(packages))
            {
                var role = package.IsShipped ? "ships" : "build";
                Console.WriteLine($"{package.Registry,-6} {role,-6} {package.Name} {package.Version}  ({string.Join(", ", files)})");
            }
        }

        return (int)ExitCode.Ok;
    }

    private static void Write(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new Problem(ExitCode.Error, "the file cannot be written", file, e.Message, "penstock sbom --out FILE, where you may write");
        }
    }
}
