using System.CommandLine;
using System.Globalization;
using Penstock.Control.Nodes;
using Penstock.Control.Templates;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock new strategy|venue NAME: a plugin project that builds and passes its own tests against this build of Penstock (R96, R104).</summary>
internal static class NewVerb
{
    public static Command Create() => new("new", "A project for a strategy or venue of your own.")
    {
        Of("strategy", "A strategy as a plugin, with tests.", StrategyTemplate.Code, StrategyTemplate.Tests),
        Of("venue", "A venue as a plugin, with tests; market data to start with.", VenueTemplate.Code, VenueTemplate.Tests),
    };

    private static Command Of(string kind, string description, string code, string tests)
    {
        var name = new Argument<string>("name") { Description = "Small letters and hyphens, as typed in a configuration: my-maker." };
        var to = new Option<string?>("--to") { Description = "The new folder; the name, here, unless given." };
        var command = new Command(kind, description) { name, to };
        command.SetAction(parsed =>
        {
            var kebab = parsed.GetValue(name)!;
            if (kebab.Length > 32 || !char.IsAsciiLetterLower(kebab[0]) || kebab.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') || kebab.EndsWith('-'))
                throw new Problem(ExitCode.Usage, $"'{kebab}' cannot be a name", $"penstock new {kind}", "small letters, digits and hyphens make one, a letter first", $"penstock new {kind} my-{kind}");
            var folder = Path.GetFullPath(parsed.GetValue(to) ?? kebab);
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw new Problem(ExitCode.Usage, "the folder is not empty", folder, "nothing is overwritten", "choose another with --to DIR");
            Write(folder, kind, kebab, code, tests);
            Console.WriteLine($"{folder}: a {kind} of the name {kebab}");
            Console.WriteLine("  next: dotnet build -c Release tests; README.md says how to go on");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Write(string folder, string kind, string kebab, string code, string tests)
    {
        var name = string.Concat(kebab.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpper(w[0], CultureInfo.InvariantCulture) + w[1..]));
        var bin = Path.GetDirectoryName(Programs.Node)!;
        string Fill(string text) => text.Replace("NAMESPACE", $"{name}Plugin", StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal)
            .Replace("KEBAB", kebab, StringComparison.Ordinal).Replace("BIN", bin, StringComparison.Ordinal).Replace("KIND", kind, StringComparison.Ordinal);
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "tests"));
            File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), Fill(ProjectTemplate.Project));
            File.WriteAllText(Path.Combine(folder, $"{name}{char.ToUpper(kind[0], CultureInfo.InvariantCulture)}{kind[1..]}.cs"), Fill(code));
            File.WriteAllText(Path.Combine(folder, "tests", $"{name}.Tests.csproj"), Fill(ProjectTemplate.Tests));
            File.WriteAllText(Path.Combine(folder, "tests", $"{name}Tests.cs"), Fill(tests));
            File.WriteAllText(Path.Combine(folder, "README.md"), Fill(ProjectTemplate.Readme));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the project cannot be written", folder, e.Message, "choose another with --to DIR");
        }
    }
}
