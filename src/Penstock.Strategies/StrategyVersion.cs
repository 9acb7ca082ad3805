using System.Text.Json;

namespace Penstock.Strategies;

/// <summary>Which code a strategy runs: what the file says of itself, and its bytes. Empty for what is part of this build.</summary>
/// <param name="File">The assembly's file, without its folder.</param>
/// <param name="Number">The assembly's version.</param>
/// <param name="Sha256">Of the file, 64 lower-case hexadecimal digits. What a replay looks for; the names are for people.</param>
public sealed record StrategyVersion(string File, string Number, string Sha256)
{
    /// <summary>Of the node itself.</summary>
    public static StrategyVersion BuiltIn { get; } = new("", "", "");

    public override string ToString() => Sha256.Length == 0 ? "built in" : $"{Number} ({File}, sha256 {Sha256[..Math.Min(12, Sha256.Length)]})";
}

/// <summary>What is wanted of a swap; the text of its command, so that the journal and the audit trail hold all of it.</summary>
public sealed record SwapOrder
{
    /// <summary>A new version that has to see more than this before it trades belongs into a back test.</summary>
    public const long WarmUpMsMax = 24 * 3_600_000L;

    public required StrategyVersion Version { get; init; }

    /// <summary>The name the strategy has in the new file's catalogue.</summary>
    public required string Strategy { get; init; }

    /// <summary>All settings of the new version, a JSON object.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Engine time from the first event it sees until it may take over, milliseconds.</summary>
    public long WarmUpMs { get; init; }

    /// <summary>Books and trades it must have seen until then.</summary>
    public long WarmUpEvents { get; init; } = 1;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>Null when the text is no order of a swap.</summary>
    public static SwapOrder? TryParse(string json)
    {
        try
        {
            var order = JsonSerializer.Deserialize<SwapOrder>(json, JsonSerializerOptions.Web);
            return order is { Version: not null, Strategy.Length: > 0, Settings: not null, WarmUpMs: >= 0 and <= WarmUpMsMax, WarmUpEvents: >= 0 }
                ? order : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
