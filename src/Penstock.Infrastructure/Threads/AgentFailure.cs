namespace Penstock.Infrastructure.Threads;

/// <summary>An agent threw. The runner goes on; who hears of it decides what that means.</summary>
/// <param name="Role">Whose duty cycle it was.</param>
/// <param name="Error">The first of its kind in a row is the one worth reading.</param>
/// <param name="ErrorsInARow">How many cycles of this agent have thrown without one that did not.</param>
/// <param name="Retired">The agent is not stepped any more.</param>
public readonly record struct AgentFailure(string Role, Exception Error, int ErrorsInARow, bool Retired);
