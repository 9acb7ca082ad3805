using System.Diagnostics;

namespace Penstock.Tests.Node;

/// <summary>Goal: what `penstock new` writes builds offline against this checkout and passes its own tests.</summary>
[Trait("requirement", "R96")]
[Trait("requirement", "R104")]
public sealed class NewProjectTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-new-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("strategy")]
    [InlineData("venue")]
    public void A_new_project_builds_and_passes_its_tests(string kind)
    {
        var to = Path.Combine(_folder, "my-own");
        Run(0, Path.Combine(AppContext.BaseDirectory, "penstock.dll"), "new", kind, "my-own", "--to", to);
        Run(2, Path.Combine(AppContext.BaseDirectory, "penstock.dll"), "new", kind, "my-own", "--to", to);
        Run(0, "build", "-c", "Release", Path.Combine(to, "tests"), "-nodeReuse:false", "-v", "q");
        Assert.Contains("Failed: 0", Run(0, Path.Combine(to, "tests", "bin", "Release", "net10.0", "MyOwn.Tests.dll"), "-noColor"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("My-Own")]
    [InlineData("../own")]
    [InlineData("own-")]
    public void A_name_that_cannot_be_is_refused(string name) => Run(2, Path.Combine(AppContext.BaseDirectory, "penstock.dll"), "new", "strategy", name, "--to", Path.Combine(_folder, "x"));

    private static string Run(int expected, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == expected, $"{string.Join(' ', arguments)}: {process.ExitCode}\n{output}\n{errors.Result}");
        return output;
    }
}
