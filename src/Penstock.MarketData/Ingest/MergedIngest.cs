using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Ingest;

/// <summary>One connection of a venue, as a <see cref="MergedIngest"/> takes it.</summary>
/// <param name="Protocol">Fresh, for this connection alone.</param>
/// <param name="Control">Of this connection.</param>
public sealed record IngestLine(IFeedProtocol Protocol, IFeedControl Control);

/// <summary>
/// One venue's market data from one or several connections (R9): each has its own decoder and follows its own book rule, and every
/// update is published once, by the first that brings it or by the one that leads, as the venue's <see cref="BookSyncRule.Merge"/> says. Any
/// of them may die without a trace in the stream as long as another is well. With one connection nothing is added. One thread.
/// </summary>
public sealed class MergedIngest
{
    /// <summary>More connections of one venue than that help nobody.</summary>
    public const int LinesMax = 4;

    private const long StepIntervalNs = 50_000_000;

    private readonly LineMerge? _merge;
    private readonly InstrumentId[] _instruments;
    private long _nextStepNs;

    /// <param name="setup">The parts of the venue; its protocol and control are not used.</param>
    /// <param name="lines">One per connection, at least one; the first leads until it fails.</param>
    /// <param name="expected">What every one of them subscribes.</param>
    public MergedIngest(IngestSetup setup, IReadOnlyList<IngestLine> lines, IReadOnlyList<Instrument> expected)
    {
        if (lines.Count is < 1 or > LinesMax) throw new ArgumentException($"Expected 1 to {LinesMax} connections, found {lines.Count}.", nameof(lines));
        if (lines.Count > 1)
        {
            var statistics = new IngestStatistics();
            _merge = new LineMerge(setup.Rule, new EventOutbox(setup.Venue, setup.Publisher, statistics, setup.Options.BatchEventsMax), statistics);
        }

        _instruments = [.. expected.Select(i => i.Id)];
        Lines = [.. lines.Select((l, i) => new FeedIngest(setup with { Protocol = l.Protocol, Control = l.Control, Path = i == 0 ? setup.Path : null }, expected, _merge))];
    }

    /// <summary>In the order given; each is the listener of its connection.</summary>
    public IReadOnlyList<FeedIngest> Lines { get; }

    /// <summary>Of the venue: every input of every line is in one of its outcomes.</summary>
    public IngestStatistics Statistics => Lines[0].Statistics;

    /// <summary>Books of which at least one line's is right.</summary>
    public int BooksSynced
    {
        get
        {
            if (_merge is null) return Lines[0].BooksSynced;
            var count = 0;
            foreach (var id in _instruments) count += _merge.RightLineBut(-1, id) >= 0 ? 1 : 0;
            return count;
        }
    }

    /// <summary>True while every connection is gone or silent.</summary>
    public bool IsStale
    {
        get
        {
            for (var i = 0; i < Lines.Count; i++)
            {
                if (!Lines[i].IsStale) return false;
            }

            return true;
        }
    }

    /// <summary>Timers of all lines. Call often.</summary>
    public void Step(long nowNs)
    {
        for (var i = 0; i < Lines.Count; i++) Lines[i].Step(nowNs);
        if (_merge is null || nowNs < _nextStepNs) return;
        _nextStepNs = nowNs + StepIntervalNs;
        _merge.Step(nowNs);
        _merge.Outbox.Flush();
    }

    /// <summary>The operator's resync command: the book of one instrument starts over (P2).</summary>
    public void Resync(InstrumentId instrument, long nowNs)
    {
        if (_merge is null)
        {
            Lines[0].Resync(instrument, nowNs);
            return;
        }

        _merge.Restart(instrument, nowNs);
        _merge.Outbox.Flush();
    }

    /// <summary>A reader of the stream lost events: every book of the venue starts over, at the pace the venue allows.</summary>
    public void ResyncAll(long nowNs)
    {
        if (_merge is null)
        {
            Lines[0].ResyncAll(nowNs);
            return;
        }

        foreach (var id in _instruments) _merge.Restart(id, nowNs);
        _merge.Outbox.Flush();
    }

    /// <summary>The feed ends: deltas still held back will never be used, and are counted as shed.</summary>
    public void ShedPending() => Lines[0].ShedPending();
}
