using System.Runtime;
using Penstock.Infrastructure.Journal;
using Penstock.Node.Wiring;

namespace Penstock.Node.Lifecycle;

/// <summary>The vitals of a running pipeline.</summary>
internal sealed class PipelineVitals(Pipeline pipeline, JournalWriter journal) : INodeVitals
{
    public long Window => pipeline.Trading.Window.Number;

    public ReadinessSample Sample()
    {
        var window = pipeline.Trading.Window;
        return new ReadinessSample(
            BooksReady(), OrdersReconciled(), window.P50Ns, window.P99Ns, window.Count, GC.CollectionCount(2), JitInfo.GetCompiledMethodCount())
        {
            JournalWorks = !journal.Failed, EngineFault = pipeline.Engine.Faults > 0 ? pipeline.Engine.LastFault : null,
        };
    }

    private bool BooksReady()
    {
        foreach (var venue in pipeline.Venues)
        {
            if (venue.Ingest.IsStale || venue.Ingest.BooksSynced < venue.InstrumentCount) return false;
        }

        return true;
    }

    private bool OrdersReconciled()
    {
        foreach (var venue in pipeline.Venues)
        {
            if (venue.Orders is null && !venue.IsOnPaper) continue;
            if (venue.Orders is { IsReady: false } || !pipeline.Engine.Desk.Venues.IsResolved(venue.Id)) return false;
        }

        return true;
    }
}
