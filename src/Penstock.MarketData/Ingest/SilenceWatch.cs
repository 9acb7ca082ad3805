using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Quality;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// Finds the feed that stays open and says nothing (P1): per instrument and over the venue, by the rate the data itself has
/// shown. Silence becomes a FeedHealth event, so STALE travels with the data (R7); longer silence asks for the data again,
/// at last by a new connection. The first data afterwards takes it back.
/// </summary>
internal sealed class SilenceWatch(EventOutbox outbox, IngestStatistics statistics, IFeedControl control, LivenessOptions options, FeedLine? line)
{
    private ArrivalRate _arrivals;
    private bool _askedReconnect;

    /// <summary>The venue as a whole is silent or not connected.</summary>
    public bool IsVenueStale { get; private set; }

    public void OnConnected(long nowNs)
    {
        _arrivals.Start(nowNs);
        _askedReconnect = false;
    }

    public void OnConnected(InstrumentFeed feed, long nowNs)
    {
        feed.Arrivals.Start(nowNs);
        feed.IsSilent = false;
        feed.AskedForData = false;
    }

    public void OnDisconnected(long nowNs)
    {
        if (IsVenueStale) return;
        IsVenueStale = true;
        AppendHealth(InstrumentId.None, stale: true, nowNs);
    }

    /// <summary>Application data of an instrument came.</summary>
    public void OnData(InstrumentFeed feed, bool isBook, ReadOnlySpan<InstrumentFeed?> feeds, long nowNs)
    {
        _arrivals.OnArrival(nowNs);
        if (IsVenueStale) RecoverVenue(feeds, nowNs);
        if (isBook && !feed.SeesBook)
        {
            // From here on only its book proves an instrument alive: trades may go on while the book channel is dead.
            feed.SeesBook = true;
            feed.Arrivals = default;
            feed.Arrivals.Start(nowNs);
        }

        if (isBook != feed.SeesBook) return;
        feed.Arrivals.OnArrival(nowNs);
        if (!feed.IsSilent) return;
        feed.IsSilent = false;
        feed.AskedForData = false;
        AppendHealth(feed.Id, stale: false, nowNs);
    }

    public void StepVenue(long nowNs)
    {
        var silence = nowNs - _arrivals.LastNs;
        var bound = _arrivals.SilenceMaxNs(options);
        if (silence <= bound) return;
        if (!IsVenueStale)
        {
            IsVenueStale = true;
            statistics.VenueSilences++;
            AppendHealth(InstrumentId.None, stale: true, nowNs);
        }

        if (_askedReconnect || silence <= bound * options.ReconnectFactor) return;
        _askedReconnect = true;
        statistics.SilenceReconnects++;
        control.Reconnect(DisconnectReason.DataSilent);
    }

    public void Step(InstrumentFeed feed, long nowNs)
    {
        if (IsVenueStale) return;
        var silence = nowNs - feed.Arrivals.LastNs;
        var bound = feed.Arrivals.SilenceMaxNs(options);
        if (silence <= bound) return;
        if (!feed.IsSilent)
        {
            feed.IsSilent = true;
            statistics.InstrumentSilences++;
            AppendHealth(feed.Id, stale: true, nowNs);
        }

        if (feed.AskedForData || silence <= bound * options.ReconnectFactor) return;
        feed.AskedForData = true;
        statistics.Resyncs++;
        control.Resubscribe(feed.Id);
    }

    private void RecoverVenue(ReadOnlySpan<InstrumentFeed?> feeds, long nowNs)
    {
        IsVenueStale = false;
        _askedReconnect = false;
        AppendHealth(InstrumentId.None, stale: false, nowNs);
        // The venue's recovery clears every book's flag; those silent on their own account keep it.
        foreach (var feed in feeds)
        {
            if (feed is { IsSilent: true }) AppendHealth(feed.Id, stale: true, nowNs);
        }
    }

    private void AppendHealth(InstrumentId instrument, bool stale, long nowNs)
    {
        if (line is not null)
        {
            line.OnHealth(instrument, stale, nowNs);
            return;
        }

        ref var e = ref outbox.Append(MarketEventKind.FeedHealth, instrument, nowNs);
        if (stale) e.Flags |= MarketEventFlags.Stale;
    }
}
