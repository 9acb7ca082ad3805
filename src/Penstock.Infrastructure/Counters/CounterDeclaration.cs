namespace Penstock.Infrastructure.Counters;

public enum CounterKind : byte
{
    None,
    /// <summary>Only grows; its rate is what matters.</summary>
    Total,
    /// <summary>The present value of something.</summary>
    Gauge,
    /// <summary>The largest value seen: a high-water mark.</summary>
    Maximum,
    /// <summary>A distribution of nanoseconds (see <see cref="Histogram"/>).</summary>
    Histogram,
}

/// <summary>
/// What a counter is called and means, said once for the whole product; each instance adds a label (a venue, an agent).
/// </summary>
/// <param name="Id">Unique in its file, from 1.</param>
/// <param name="Name">The name on the dashboard: lower case, digits, underscores; the unit last.</param>
/// <param name="Sentence">One sentence for the person at 3 a.m.</param>
public sealed record CounterDeclaration(int Id, string Name, string Sentence, CounterKind Kind);
