using System.CommandLine;
using System.Globalization;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock capture: what venues send, byte for byte, into files that can be inspected and replayed.</summary>
internal static class CaptureVerb
{
    public static Command Create()
    {
        var venues = new Argument<string[]>("venue") { Description = "Venues to record; penstock venues lists them. Without any: those of --config.", Arity = ArgumentArity.ZeroOrMore };
        var symbols = new Option<string?>("--symbols") { Description = "Instruments in our spelling, e.g. BTC-USDT,ETH-USDT. Without: those of --config." };
        var to = new Option<string>("--to") { Description = "Folder for the recordings.", Required = true };
        var duration = new Option<string?>("--duration") { Description = "How long: 30s, 10m, 8h. Without: until Ctrl-C." };
        var config = new Option<string?>("--config") { Description = "A node's configuration file: addresses other than the venues' own, venues and symbols." };
        var testnet = new Option<bool>("--testnet") { Description = "The venues' test networks." };
        var fileMiB = new Option<int?>("--file-mb") { Description = "MiB of lines, before compression, after which a new file begins (256)." };
        var files = new Option<int?>("--files") { Description = "Files kept per venue; older ones are deleted. Without: all." };
        var json = VerbOptions.Json();
        var command = new Command("capture", "Records raw exchange traffic and reports what is missing in it. No keys, no orders.")
        {
            venues, symbols, to, duration, config, testnet, fileMiB, files, json,
        };
        command.SetAction((parsed, cancel) =>
        {
            List<string> arguments = ["capture", "--to", Path.GetFullPath(parsed.GetValue(to)!)];
            foreach (var venue in parsed.GetValue(venues) ?? []) arguments.AddRange(["--venue", venue]);
            if (parsed.GetValue(symbols) is { } wanted) arguments.AddRange(["--symbols", wanted]);
            if (parsed.GetValue(duration) is { } text) arguments.AddRange(["--duration-ms", Milliseconds(text)]);
            if (parsed.GetValue(config) is { } file) arguments.AddRange(["--config", file]);
            if (parsed.GetValue(fileMiB) is { } size) arguments.AddRange(["--file-mb", size.ToString(CultureInfo.InvariantCulture)]);
            if (parsed.GetValue(files) is { } kept) arguments.AddRange(["--files", kept.ToString(CultureInfo.InvariantCulture)]);
            if (parsed.GetValue(testnet)) arguments.Add("--testnet");
            if (parsed.GetValue(json)) arguments.Add("--json");
            return NodeProgram.RunAsync(Programs.Node, arguments, cancel);
        });
        return command;
    }

    private static string Milliseconds(string text) => VerbOptions.TryParseDuration(text, out var duration)
        ? ((long)Math.Ceiling(duration.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture)
        : throw new Problem(ExitCode.Usage, $"'{text}' is no duration", "--duration", "expected 30s, 10m or 8h, of 31 days at most", "penstock capture --help");
}
