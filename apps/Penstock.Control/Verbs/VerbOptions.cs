using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>Options several verbs share, so that they are spelled and described once.</summary>
internal static class VerbOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Machine-readable output; the last line is one JSON object." };

    public static Option<string?> Node() =>
        new("--node") { Description = "Which node: name, process id or data folder. Not needed while only one runs." };

    /// <summary>A TCP port; what is none is refused before anything starts.</summary>
    public static Option<int> Port(string description, int usual)
    {
        var port = new Option<int>("--port") { Description = description, DefaultValueFactory = _ => usual };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var one] && int.TryParse(one.Value, out var number) && number is < 0 or > 65_535)
                result.AddError($"'{one.Value}' is no port: 0 to 65535, 0 picks a free one");
        });
        return port;
    }

    /// <summary>For servers beside a node: whether they run as any other process.</summary>
    public static Option<bool> KeepPace() => new("--keep-pace")
    {
        Description = "Does not give way to the node: normal priority, on all cores. For a machine of its own.",
    };

    public static Option<bool> Supervised() => new("--supervised") { Hidden = true };

    /// <summary>"20s", "5m", "1h", "250ms" or plain seconds.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.AsSpan().TrimEnd("hms");
        if (!double.TryParse(
            digits, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture,
            out var value)) return false;
        double? seconds = text[digits.Length..] switch { "" or "s" => value, "ms" => value / 1000, "m" => value * 60, "h" => value * 3600,
            _ => null };
        if (seconds is not (> 0 and <= 31 * 86_400)) return false;
        duration = TimeSpan.FromSeconds(seconds.Value);
        return true;
    }
}
