namespace Penstock.MarketData.Ingest;

/// <summary>What one of several connections of a venue brought, beside the others. Single writer: the feed's thread.</summary>
public sealed class FeedLineStatistics
{
    /// <summary>Frames this connection delivered.</summary>
    public long Frames;

    /// <summary>Updates and trades this connection brought before any other.</summary>
    public long Won;

    /// <summary>Updates and trades another connection had brought before.</summary>
    public long Late;

    /// <summary>How much later these came, in nanoseconds, together: divided by <see cref="Late"/> it is how far this connection is behind.</summary>
    public long LateNsTotal;

    /// <summary>How much later one of them came at most, in nanoseconds.</summary>
    public long LateNsMax;

    /// <summary>Holes in this connection's data that another connection filled.</summary>
    public long GapsFilled;

    /// <summary>Books of this connection that became unusable while another connection carried them on.</summary>
    public long BooksCarried;

    /// <summary>Books this connection carried on after another one had lost them or fallen behind.</summary>
    public long TakeOvers;
}
