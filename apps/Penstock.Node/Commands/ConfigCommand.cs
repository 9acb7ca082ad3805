using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>config check|show|schema: the configuration as this build understands it.</summary>
internal static class ConfigCommand
{
    public static int Execute(Words words)
    {
        switch (words.Next("check, show or schema"))
        {
            case "schema":
                words.End();
                Console.WriteLine(ConfigurationSchema.Of<NodeConfiguration>());
                return (int)ExitCode.Ok;
            case "check":
                var (file, settings) = (words.Next("a file"), words.Values("--set"));
                words.End();
                ConfigurationFiles.Load(file, settings);
                Console.WriteLine($"{file}: ok");
                return (int)ExitCode.Ok;
            case "show":
                (file, settings) = (words.Next("a file"), words.Values("--set"));
                words.End();
                ConfigurationFiles.Load(file, settings);
                Console.WriteLine(ConfigurationText.Show(ConfigurationLoader.Load<NodeConfiguration>(file, new ConfigurationOptions { Overrides = settings, VersionMax = NodeConfiguration.VersionSupported })));
                return (int)ExitCode.Ok;
            default:
                throw new Problem(ExitCode.Usage, "config has three forms", "penstock config", "expected check, show or schema", "penstock config --help");
        }
    }
}
