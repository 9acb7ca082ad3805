using Penstock.Model.Markets;

namespace Penstock.Node.Backtesting;

/// <summary>Recorded markets as a back test reads them: what a node's strategies would have been given, in order of time.</summary>
internal interface IMarketSource : IDisposable
{
    /// <summary>The next events that belong together, or the next payment; false at the end.</summary>
    bool TryRead();

    /// <summary>Null where events were read; then <see cref="Events"/> is empty.</summary>
    PaidFunding? Funding => null;

    /// <summary>Valid until the next read.</summary>
    ReadOnlySpan<MarketEvent> Events { get; }

    /// <summary>When they were received, ns; never goes back.</summary>
    long TimeNs { get; }

    /// <summary>The same as time of day, ns since the Unix epoch; 0 where nobody knows.</summary>
    long UnixNs { get; }

    /// <summary>What was found missing in the recording itself: holes in the venue's numbering.</summary>
    long Gaps { get; }

    /// <summary>Books a message left crossed.</summary>
    long Crossed { get; }

    /// <summary>Null when everything could be read.</summary>
    string? Problem { get; }
}
