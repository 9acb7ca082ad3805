using System.Globalization;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>
/// Goal: no runbook says what is not so. Every step of every page under docs/operations is run as it stands there, in order, and its
/// exit code and output are compared with what the page expects. Steps that need systemd, a venue or another disk say so.
/// </summary>
[Trait("requirement", "R163")]
public partial class RunbookTests(RunbookDemos demos) : IClassFixture<RunbookDemos>
{
    private const int StepsMax = 10;

    private sealed record Step(int Number, string Command, bool IsByHand, int ExitCode, IReadOnlyList<string> Expected);

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => n != "README").Order(StringComparer.Ordinal),
    ];

    private static string Folder => Path.Combine(Tool.Root, "docs", "operations");

    [Fact]
    [Trait("requirement", "R72")]
    public void There_are_at_least_ten_pages_and_most_of_their_steps_are_tried()
    {
        var steps = Pages.SelectMany(page => Steps(File.ReadAllText(Path.Combine(Folder, page.Data + ".md")))).ToList();
        Assert.True(Pages.Count >= 10, $"{Pages.Count} pages");
        Assert.True(steps.Count(s => !s.IsByHand) >= steps.Count * 3 / 4, $"{steps.Count(s => s.IsByHand)} of {steps.Count} steps are done by hand");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_runbook_says_what_happens(string page)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, page + ".md"), TestContext.Current.CancellationToken);
        var steps = Steps(text);
        Assert.InRange(steps.Count, 1, StepsMax);
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(s => s.Number));
        using var work = new TemporaryFolder();
        var against = Against().Match(text).Groups[1].Value;
        PenstockProcess? own = null;
        try
        {
            var (data, port, home) = against switch
            {
                "a running demo" => (demos.Running, demos.Port, demos.Home),
                "a finished demo" => (demos.Finished, demos.Port, demos.Home),
                "nothing but files" => (work.Path, demos.Port, demos.Home),
                _ => (work.In("run"), Tool.FreePort(), work.In("home")),
            };
            if (against == "a demo of its own")
            {
                own = PenstockProcess.Start(home, "demo", "--json", "--venues", RunbookDemos.Venues, "--port", $"{port}", "--data", data);
                await own.WaitForAsync("READY");
            }

            var environment = await EnvironmentAsync(work, data, port, home);
            foreach (var step in steps.Where(s => !s.IsByHand)) await RunAsync(page, step, work.In("work"), environment);
        }
        finally
        {
            if (own is not null) await own.DisposeAsync();
        }
    }

    private static async Task RunAsync(string page, Step step, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var outcome = await Tool.RunAsync("bash", ["-c", step.Command], folder, environment: environment);
        var said = $"{page}, step {step.Number}: {step.Command}\nexit code {outcome.ExitCode}\n{outcome.Output}{outcome.Errors}";
        Assert.True(outcome.ExitCode == step.ExitCode, said);
        Assert.All(step.Expected, expected => Assert.True(outcome.Output.Contains(expected, StringComparison.Ordinal),
            $"'{expected}' is missing in\n{said}"));
    }

    /// <summary>The page's variables, and `penstock` as the command it is on an installed machine.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(TemporaryFolder work, string data, int port, string home)
    {
        foreach (var folder in (string[])["bin", "work"]) Directory.CreateDirectory(work.In(folder));
        var command = work.In("bin/penstock");
        await File.WriteAllTextAsync(command, $"#!/bin/sh\nexec dotnet '{PenstockProcess.Program}' \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new Dictionary<string, string>
        {
            ["PATH"] = $"{work.In("bin")}:{Environment.GetEnvironmentVariable("PATH")}", ["PENSTOCK_HOME"] = home, ["DATA"] = data,
            ["WORK"] = work.In("work"), ["URL"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        };
    }

    private static List<Step> Steps(string page)
    {
        var numbered = Numbered().Count(page);
        var steps = StepText().Matches(page).Select(m => new Step(
            int.Parse(m.Groups["n"].Value, CultureInfo.InvariantCulture),
            string.Join('\n', m.Groups["command"].Value.TrimEnd('\n').Split('\n').Select(l => l.Length > 3 ? l[3..] : "")),
            m.Groups["hand"].Success,
            m.Groups["code"].Success ? int.Parse(m.Groups["code"].Value, CultureInfo.InvariantCulture) : 0,
            [.. Quoted().Matches(m.Groups["expected"].Value).Select(q => q.Groups[1].Value)])).ToList();
        Assert.True(steps.Count == numbered, $"{numbered} steps, of which {steps.Count} have a command and what to expect");
        Assert.All(steps, s => Assert.NotEmpty(s.Expected));
        return steps;
    }

    [GeneratedRegex(@"^\*\*Tried by a test against:\*\* (.+)\.$", RegexOptions.Multiline)]
    private static partial Regex Against();

    [GeneratedRegex(@"^\d+\. ", RegexOptions.Multiline)]
    private static partial Regex Numbered();

    [GeneratedRegex(
        @"^(?<n>\d+)\. (?:(?!^\d+\. )[\s\S])*?\n   ```sh(?<hand> by-hand)?\n(?<command>(?:   .*\n)+?)   ```\n\n"
        + @"   Expected(?: \(exit code (?<code>\d+)\))?: (?<expected>.+)$",
        RegexOptions.Multiline)]
    private static partial Regex StepText();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
