namespace Penstock.Strategies;

/// <summary>Where an engine finds the code a swap names. Live it was loaded before; a replay loads it when it meets the command.</summary>
public interface IStrategyVersions
{
    /// <summary>A new instance, not configured. Null when there is no such code: the problem says which file with which hash is missing.</summary>
    /// <param name="version">Found by its hash.</param>
    /// <param name="strategy">The name in that file's catalogue.</param>
    /// <param name="problem">Empty when there is an instance.</param>
    IStrategy? Create(StrategyVersion version, string strategy, out string problem);
}
