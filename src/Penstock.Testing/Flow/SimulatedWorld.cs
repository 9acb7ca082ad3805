namespace Penstock.Testing.Flow;

/// <summary>How the prices of several simulated venues belong together.</summary>
public enum SimulatedWorld
{
    /// <summary>Not at all: each market walks alone.</summary>
    Apart,
    /// <summary><see cref="FlowOptions.Shocked"/>.</summary>
    Shocked,
    /// <summary><see cref="FlowOptions.Swaying"/>.</summary>
    Swaying,
}
