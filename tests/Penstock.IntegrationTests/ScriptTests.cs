namespace Penstock.IntegrationTests;

/// <summary>
/// Goal: `./penstock test` brings what the tests need where it may, and says what is missing where it may not. Method: the script itself in
/// an empty checkout, on a PATH that holds the few tools it uses and stand-ins for dotnet, id and apt-get, which write down what they are asked.
/// </summary>
public sealed class ScriptTests : IDisposable
{
    private const string Chromium = "chromium fonts-dejavu-core", Prometheus = "prometheus prometheus-alertmanager";

    private static readonly string[] Tools =
        ["bash", "basename", "dirname", "find", "flock", "grep", "head", "mkdir", "mktemp", "mv", "readlink", "rm", "sed", "sort", "tail", "tee"];

    private readonly TemporaryFolder _folder = new();

    public ScriptTests()
    {
        File.Copy(Path.Combine(Tool.Root, "penstock"), _folder.In("penstock"));
        Directory.CreateDirectory(_folder.In("tests/Penstock.Tests"));
        Directory.CreateDirectory(_folder.In("bin"));
        foreach (var tool in Tools) File.CreateSymbolicLink(_folder.In("bin/" + tool), Find(tool));
        Write("dotnet", """
            case "$1" in
              --list-sdks) echo "10.0.100 [here]" ;;
              build) ;;
              *) echo "$PENSTOCK_LONG,$PENSTOCK_KILL_ROUNDS:" "$@" > "$0.said"
                 echo "   Penstock.Tests  Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s" ;;
            esac
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Root_gets_what_is_missing_from_apt_without_being_asked()
    {
        Id(0);
        Apt(exitCode: 0);
        var outcome = await TestAsync();
        Assert.Equal(
            ["update", $"install -y --no-install-recommends {Chromium}", "update", $"install -y --no-install-recommends {Prometheus}"], Asked());
        Assert.Contains("Installing chromium for the tests (once) ...", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("skipped", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_may_not_install_is_told_what_to_ask_for_and_the_tests_run()
    {
        Id(1000);
        Apt(exitCode: 0);
        var outcome = await TestAsync();
        Assert.Empty(Asked());
        Assert.Contains($"To have it: sudo apt-get install {Chromium}\n", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains($"To have it: sudo apt-get install {Prometheus}\n", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_apt_the_packages_are_named()
    {
        Id(0);
        var outcome = await TestAsync();
        Assert.Contains($"chromium is not here; what needs it is skipped. It comes with the packages (Debian names): {Chromium}\n", outcome.Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_that_fails_costs_its_tests_only_and_leaves_its_log()
    {
        Id(0);
        Apt(exitCode: 100);
        var outcome = await TestAsync();
        Assert.Equal(["update", "update"], Asked());
        Assert.Contains("chromium could not be installed; what needs it is skipped (", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("no route", await File.ReadAllTextAsync(_folder.In("artifacts/chromium.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_is_not_installed_again()
    {
        Id(0);
        Apt(exitCode: 0);
        Write("chromium", "");
        Write("promtool", "");
        var outcome = await TestAsync();
        Assert.Empty(Asked());
        Assert.DoesNotContain("Installing", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",:", "-noColor", "-class *Kill*", "-class", "*Kill*")]
    [InlineData("1,:", "-noColor", "", "--long")]
    [InlineData("1,1000:", "-noColor", "-class *Kill*", "--long=1000", "-class", "*Kill*")]
    public async Task Long_forms_and_the_number_of_kill_rounds_are_asked_for_by_one_word(
        string variables, string first, string rest, params string[] words)
    {
        Id(1000);
        await TestAsync(words);
        var said = (await File.ReadAllTextAsync(_folder.In("bin/dotnet.said"))).TrimEnd();
        Assert.StartsWith(variables, said, StringComparison.Ordinal);
        Assert.Contains(first, said, StringComparison.Ordinal);
        Assert.EndsWith(rest, said, StringComparison.Ordinal);
        Assert.DoesNotContain("--long", said, StringComparison.Ordinal);
        // The whole suite leaves what `venues` shows, long or not; a part of it does not.
        Assert.Equal(rest.Length == 0, said.Contains("-xml", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_number_of_rounds_that_is_none_is_refused_before_anything_is_built()
    {
        var outcome = await Tool.RunAsync(_folder.In("penstock"), ["test", "--long=many"], _folder.Path, environment: Variables());
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("'--long=many' is not a number of rounds", outcome.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("artifacts")));
    }

    /// <summary>Whatever became of the installations, the tests were run and their sum is told.</summary>
    private async Task<Outcome> TestAsync(params string[] words)
    {
        var outcome = await Tool.RunAsync(_folder.In("penstock"), ["test", .. words], _folder.Path, environment: Variables());
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        Assert.EndsWith("1 passed, 0 failed, 0 skipped\n", outcome.Output, StringComparison.Ordinal);
        return outcome;
    }

    /// <summary>The long forms are asked for here, not by who runs these tests.</summary>
    private Dictionary<string, string> Variables() => new()
    {
        ["PATH"] = _folder.In("bin"), ["DOTNET_ROOT"] = _folder.In("bin"), ["PENSTOCK_CHROMIUM"] = _folder.In("bin/chromium"), ["PENSTOCK_LONG"] = "",
        ["PENSTOCK_KILL_ROUNDS"] = "",
    };

    private string[] Asked() => File.Exists(_folder.In("asked")) ? File.ReadAllLines(_folder.In("asked")) : [];

    private void Id(int user) => Write("id", $"echo {user}");

    private void Apt(int exitCode) => Write("apt-get", $"echo \"$*\" >> {_folder.In("asked")}\necho no route\nexit {exitCode}");

    private void Write(string name, string text)
    {
        File.WriteAllText(_folder.In("bin/" + name), "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(_folder.In("bin/" + name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, tool)).First(File.Exists);
}
