namespace Penstock.Infrastructure.Threads;

/// <summary>Several agents as one, stepped in order: how the inline plan puts a whole pipeline on the network thread.</summary>
public sealed class CompositeAgent(string role, params IAgent[] agents) : IAgent
{
    public string Role => role;

    public IReadOnlyList<IAgent> Agents => agents;

    public int DoWork()
    {
        var work = 0;
        foreach (var agent in agents)
        {
            work += agent.DoWork();
        }

        return work;
    }

    /// <summary>Every agent hears it, even if one before it throws; then the errors are thrown together.</summary>
    public void OnStop()
    {
        List<Exception>? errors = null;
        foreach (var agent in agents)
        {
            try
            {
                agent.OnStop();
            }
            catch (Exception e)
            {
                (errors ??= []).Add(e);
            }
        }

        if (errors is not null)
        {
            throw new AggregateException($"OnStop of {role}", errors);
        }
    }
}
