namespace Penstock.Strategies;

/// <summary>A strategy sent more in one call than any needs: a loop. It is switched off when the call ends, also when it catches this.</summary>
public sealed class RunawayStrategyException(int actions)
    : InvalidOperationException($"It sent {actions} orders, changes and cancels in one call; at most {StrategyContext.ActionsPerCallMax} are taken.");
