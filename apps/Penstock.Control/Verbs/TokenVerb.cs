using System.CommandLine;
using Penstock.Control.Nodes;
using Penstock.Control.Security;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Verbs;

/// <summary>penstock token add | list | rm: who may use the API of a node's control plane. Whoever can write the data folder may do this.</summary>
internal static class TokenVerb
{
    public static Command Create()
    {
        var command = new Command("token", "Tokens of the API: who may look, trade, administer.");
        command.Subcommands.Add(Add());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Remove());
        return command;
    }

    private static Command Add()
    {
        var (name, node, data) = (new Argument<string>("name") { Description = "Of a person or a program: it stands in the journal." },
            VerbOptions.Node(), Data());
        var role = new Option<string>("--role") { Description = "viewer, trader or admin.", Required = true };
        role.AcceptOnlyFromAmong("viewer", "trader", "admin");
        var command = new Command("add", "Makes a token and shows it once.") { name, role, node, data };
        command.SetAction(parsed =>
        {
            var token = Store(parsed.GetValue(data), parsed.GetValue(node)).Add(parsed.GetValue(name)!,
                Enum.Parse<AccessRole>(parsed.GetValue(role)!, ignoreCase: true));
            Console.WriteLine(token);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command List()
    {
        var (node, data) = (VerbOptions.Node(), Data());
        var command = new Command("list", "Names and roles.") { node, data };
        command.SetAction(parsed =>
        {
            foreach (var token in Store(parsed.GetValue(data),
                parsed.GetValue(node)).All) Console.WriteLine($"{token.Name,-32} {token.Role.ToString().ToLowerInvariant()}");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove()
    {
        var (name, node, data) = (new Argument<string>("name") { Description = "As token list shows it." }, VerbOptions.Node(), Data());
        var command = new Command("rm", "Takes a token away; whoever uses it is cut off.") { name, node, data };
        command.SetAction(parsed =>
        {
            var store = Store(parsed.GetValue(data), parsed.GetValue(node));
            return store.Remove(parsed.GetValue(name)!) ? (int)ExitCode.Ok
                : throw new Problem(ExitCode.NotFound, $"there is no token '{parsed.GetValue(name)}'", store.FilePath, "nothing was changed",
                    "penstock token list");
        });
        return command;
    }

    private static Option<string?> Data() => new("--data") { Description = "A node's data folder; not needed for a running node." };

    private static TokenStore Store(string? data, string? node)
    {
        var folder = Path.GetFullPath(data ?? NodeRegistry.Find(node).Data);
        return Directory.Exists(folder) ? new TokenStore(folder, MonotonicClock.Instance)
            : throw new Problem(ExitCode.NotFound, "there is no such data folder", folder, "the folder does not exist",
                "penstock token list --data DIR with the folder of a node");
    }
}
