namespace Penstock.Strategies;

/// <summary>A strategy did not return from a call, in the run that left this journal; the call is not made again.</summary>
public sealed class HungStrategyException()
    : InvalidOperationException("It did not return from a call; the node ended for it, and the call is left out.");
