using System.Text;
using Penstock.Node.Configuration;
using Penstock.Strategies;

namespace Penstock.Node;

/// <summary>
/// The entry of a program that is one strategy: <c>return App.Run&lt;EmaCross&gt;(args);</c>. The program is then a node that knows this
/// strategy besides its own: `replay SOURCE` tests it on recordings, `run --config FILE` trades it, and
/// `penstock demo --strategy FILE.cs` builds such a file and trades it on the simulated venues.
/// </summary>
public static class App
{
    /// <summary>Runs one verb of the node and returns its exit code.</summary>
    /// <typeparam name="T">Known to configurations under its name in lower case with hyphens: EmaCross is ema-cross.</typeparam>
    public static int Run<T>(params string[] arguments)
        where T : IStrategy, new()
    {
        var name = NameOf(typeof(T));
        Catalogs.Strategies.Add(new StrategyAttribute<T>(name));
        if (arguments is ["describe"]) arguments = ["strategies", "describe", name];
        return Program.Run(arguments is ["replay", ..] && !arguments.Contains("--strategy") ? [.. arguments, "--strategy", name] : arguments);
    }

    /// <summary>EmaCross → ema-cross.</summary>
    internal static string NameOf(Type strategy)
    {
        var name = new StringBuilder();
        foreach (var letter in strategy.Name)
        {
            if (char.IsUpper(letter) && name.Length > 0) name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
