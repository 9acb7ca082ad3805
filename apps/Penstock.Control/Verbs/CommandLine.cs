using System.CommandLine;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>Turns what the parser found wrong into one clear message with the nearest right spelling.</summary>
internal static class CommandLine
{
    public static void Check(RootCommand root, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;

        // An optional file argument would swallow a misspelt option, so options are looked for among the values too.
        var stray = parsed.UnmatchedTokens.FirstOrDefault()
            ?? parsed.CommandResult.Tokens.Select(t => t.Value).FirstOrDefault(v => v.StartsWith("--", StringComparison.Ordinal));
        if (stray is not null) throw Unknown(root, command, stray);
        if (parsed.Errors.Count == 0) return;
        throw new Problem(ExitCode.Usage, Words(parsed.Errors[0].Message), $"penstock {Path(command)}",
            "the command line does not fit the verb", $"penstock {Path(command)} --help".Replace("  ", " "));
    }

    private static Problem Unknown(RootCommand root, Command command, string stray)
    {
        var isOption = stray.StartsWith('-');
        var names = isOption
            ? command.Options.Concat(root.Options).Where(o => !o.Hidden).Select(o => o.Name).ToList()
            : [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
        var nearest = Suggestions.Nearest(stray.Split('=')[0], names);
        var what = isOption ? $"'{stray}' is not an option of penstock {Path(command)}" : command == root ? $"there is no verb '{stray}'"
            : $"'{stray}' is not understood";
        return new Problem(ExitCode.Usage, what.Trim(), "", names.Count > 0 ? $"known: {string.Join(", ", names)}" : "nothing more is expected here",
            nearest is null ? $"penstock {Path(command)} --help".Replace("  ", " ") : $"did you mean '{nearest}'?");
    }

    /// <summary>The parser writes lists over several lines; a problem is one.</summary>
    private static string Words(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private static string Path(Command command) => command is RootCommand
        ? ""
        : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } above ? Path(above) : "")} {command.Name}".TrimStart();
}
