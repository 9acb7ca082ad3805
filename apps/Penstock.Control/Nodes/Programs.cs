using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Nodes;

/// <summary>Where the sibling programs of this build are: beside it when published, in the artifacts tree when built.</summary>
internal static class Programs
{
    public static string Self => Path.Combine(AppContext.BaseDirectory, "penstock.dll");

    public static string Node => Locate("Penstock.Node", "penstock-node.dll");

    public static string Benchmarks => Locate("Penstock.Benchmarks", "penstock-bench.dll");

    private static string Locate(string project, string file)
    {
        string[] candidates =
        [
            Path.Combine(AppContext.BaseDirectory, file),
            Path.GetFullPath(Path.Combine(
                AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), file)),
        ];
        return Array.Find(candidates, File.Exists) ?? throw new Problem(
            ExitCode.NotFound, $"{file} is not built", candidates[^1], "it is a program of its own and stands beside this one",
                $"dotnet build -c Release {project}");
    }
}
