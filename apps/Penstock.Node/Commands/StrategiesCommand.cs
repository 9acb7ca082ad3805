using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>strategies list | describe NAME: the strategies of this build and of its plugins, and how each wants its instruments.</summary>
internal static class StrategiesCommand
{
    public static int Execute(Words words)
    {
        var form = words.Next("list or describe");
        if (form is not ("list" or "describe"))
            throw new Problem(ExitCode.Usage, $"strategies has no form '{form}'", "penstock-node strategies", "expected list, or describe NAME", "penstock-node strategies list");
        var name = form == "describe" ? words.Next("a strategy's name") : null;
        words.End();
        Catalogs.LoadPlugins("");
        if (name is not null && !Catalogs.Strategies.Names.Contains(name)) throw Unknown(name);
        foreach (var known in name is null ? Catalogs.Strategies.Names : [name]) Describe(known);
        return (int)ExitCode.Ok;
    }

    /// <summary>One line for programs: the name, and how it wants its instruments.</summary>
    public static void Describe(string name) => Console.WriteLine($"{name} {Catalogs.Strategies.GroupingOf(name)}");

    private static Problem Unknown(string name)
    {
        var nearest = Suggestions.Nearest(name, Catalogs.Strategies.Names);
        return new Problem(ExitCode.NotFound, $"there is no strategy '{name}'", "--strategy", $"known: {string.Join(", ", Catalogs.Strategies.Names)}{Catalogs.PluginProblems()}",
            nearest is null ? "name one of these, or a .cs file" : $"did you mean '{nearest}'?");
    }
}
