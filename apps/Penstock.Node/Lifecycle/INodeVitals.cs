namespace Penstock.Node.Lifecycle;

/// <summary>What the lifecycle looks at. Read from the admin thread while the others run.</summary>
internal interface INodeVitals
{
    /// <summary>Number of the last complete window of the trading thread; 0 before the first.</summary>
    long Window { get; }

    /// <summary>That window, and how things stand now.</summary>
    ReadinessSample Sample();
}
