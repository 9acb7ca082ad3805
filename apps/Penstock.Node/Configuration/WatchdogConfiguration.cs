using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Node.Configuration;

/// <summary>What becomes of a strategy that does not return (decision 23).</summary>
public sealed record WatchdogConfiguration
{
    [Description("Longest a call of a strategy may last, milliseconds: then nothing new leaves and live orders are cancelled past it; "
        + "0 for no limit. Ten times as long while the journal is replayed.")]
    [Range(0, 600_000)]
    public int CallMaxMs { get; init; } = 2_000;

    [Description("End the node then, with exit code 8, for its supervisor to start it again without that strategy. "
        + "false: it waits for the call to return.")]
    public bool Exit { get; init; } = true;
}
