using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Quality;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// The way of one venue's data from bytes to published events (DESIGN §3, steps 3 to 5): decode, follow the venue's book
/// rule, filter what is repeated, old or implausible, stamp, publish one batch per socket read. Nothing is dropped without
/// a cause and a counter; nothing here waits or, in the steady state, allocates. One thread: the feed's.
/// </summary>
public sealed partial class FeedIngest : IFeedListener
{
    private const long StepIntervalNs = 50_000_000;

    private readonly VenueId _venue;
    private readonly IFeedProtocol _protocol;
    private readonly InstrumentTable _instruments;
    private readonly BookSyncRule _rule;
    private readonly IngestOptions _options;
    private readonly IFeedControl _control;
    private readonly IQuarantineSink? _quarantine;
    private readonly IIngestObserver? _observer;
    private readonly PathObserver? _path;
    private readonly FeedBatch _batch;
    private readonly EventOutbox _outbox;
    private readonly ResyncPacer _pacer;
    private readonly BookSynchroniser _books;
    private readonly TickFilter _ticks;
    private readonly SilenceWatch _silence;
    private readonly FeedLine? _line;
    private InstrumentFeed?[] _feeds;
    private bool _connected;
    private long _nextStepNs;
    private long _connectionSequence = FeedMessage.NoId;

    /// <param name="setup">The parts of one venue.</param>
    /// <param name="expected">What is subscribed: only these can be missed when they stay silent.</param>
    public FeedIngest(IngestSetup setup, IReadOnlyList<Instrument> expected)
        : this(setup, expected, merge: null)
    {
    }

    /// <param name="setup">The parts of one venue.</param>
    /// <param name="expected">What is subscribed.</param>
    /// <param name="merge">What this connection shares with the others of the venue; null where it is the only one.</param>
    internal FeedIngest(IngestSetup setup, IReadOnlyList<Instrument> expected, LineMerge? merge)
    {
        _venue = setup.Venue;
        _protocol = setup.Protocol;
        _instruments = setup.Instruments;
        _rule = setup.Rule;
        _options = setup.Options;
        _control = setup.Control;
        _quarantine = setup.Quarantine;
        _observer = setup.Observer;
        _path = setup.Path;
        _batch = new FeedBatch(setup.Instruments)
        {
            CutsQuantities = _rule.QuantitiesAreDoubles || _options.OnBroken == BrokenRule.ReportOnly, ScaleObserver = setup.ScaleObserver,
        };
        _feeds = new InstrumentFeed?[Math.Max(16, setup.Instruments.Count + 1)];
        _line = merge?.Add(this);
        Statistics = merge?.Statistics ?? new IngestStatistics();
        _outbox = merge?.Outbox ?? new EventOutbox(_venue, setup.Publisher, Statistics, _options.BatchEventsMax);
        _pacer = new ResyncPacer(_rule, _options, Statistics, _control);
        _books = new BookSynchroniser(_rule, _outbox, Statistics, _pacer, _observer, _options.OnBroken, _line);
        _ticks = new TickFilter(_outbox, Statistics, _rule, _line);
        _silence = new SilenceWatch(_outbox, Statistics, _control, _options.Liveness, _line);
        foreach (var instrument in expected) FeedOf(instrument.Id, 0);
    }

    public IngestStatistics Statistics { get; }

    /// <summary>What this connection did beside the others of the venue; null where it is the only one.</summary>
    public FeedLineStatistics? LineStatistics => _line?.Statistics;

    internal bool IsConnected => _connected;

    /// <summary>Whether a message of the instrument came, or was expected.</summary>
    public bool Knows(InstrumentId instrument) => (uint)instrument.Value < (uint)_feeds.Length && _feeds[instrument.Value] is not null;

    /// <summary>Books right now Live or loaded and waiting for their first delta.</summary>
    public int BooksSynced
    {
        get
        {
            var count = 0;
            foreach (var feed in _feeds)
            {
                if (feed is { State: SyncState.Live or SyncState.Unbridged }) count++;
            }

            return count;
        }
    }

    /// <summary>True while the venue is disconnected or silent.</summary>
    public bool IsStale => _silence.IsVenueStale;

    public void OnConnected(int connectionEpoch, long nowNs)
    {
        _connected = true;
        if (_line is null) _outbox.ConnectionEpoch = connectionEpoch;
        else _line.OnConnected();
        _connectionSequence = FeedMessage.NoId;
        _silence.OnConnected(nowNs);
        foreach (var feed in _feeds)
        {
            if (feed is not null) Connect(feed, nowNs);
        }
    }

    public void OnDisconnected(DisconnectReason reason, long nowNs)
    {
        if (!_connected) return;
        _connected = false;
        Statistics.Disconnects++;
        DropBooks(nowNs);
        _line?.OnDisconnected();
        _silence.OnDisconnected(nowNs);
        _outbox.Flush();
    }

    public void OnFrame(ReadOnlySpan<byte> frame, long receivedNs)
    {
        Statistics.Frames++;
        if (_line is not null) _line.Statistics.Frames++;
        _batch.Reset();
        var cause = _protocol.Decode(frame, _batch);
        Statistics.QuantitiesCut = _batch.QuantitiesCut;
        var isRepeat = _batch.ConnectionSequence != FeedMessage.NoId && !FollowConnection(_batch.ConnectionSequence, receivedNs);
        if (cause != QuarantineCause.None)
        {
            Statistics.Received++;
            Statistics.FramesUndecodable++;
            Account(InputOutcome.Quarantined, cause, receivedNs, frame);
            return;
        }

        var messages = _batch.Messages;
        if (messages.IsEmpty)
        {
            // Understood, and nothing in it for us.
            Statistics.Received++;
            Account(isRepeat ? InputOutcome.Duplicate : InputOutcome.Applied, cause, receivedNs, frame);
            return;
        }

        foreach (ref var message in messages)
        {
            Statistics.Received++;
            message.Frame = Statistics.Frames;
            var outcome = isRepeat ? InputOutcome.Duplicate : Take(in message, receivedNs, out cause);
            Account(outcome, cause, receivedNs, frame);
            _outbox.FlushIfLarge();
        }
    }

    public void OnSnapshot(InstrumentId instrument, bool succeeded, ReadOnlySpan<byte> body, long receivedNs)
    {
        if (!_instruments.Contains(instrument)) return;
        var feed = FeedOf(instrument, receivedNs);
        if (!succeeded || body.IsEmpty)
        {
            _books.OnSnapshotFailed(feed, receivedNs);
            return;
        }

        Statistics.Received++;
        _batch.Reset();
        var cause = _protocol.DecodeSnapshot(_instruments[instrument], body, _batch);
        if (cause == QuarantineCause.None && (_batch.Messages.Length != 1 || _batch.Messages[0].Kind != FeedMessageKind.BookSnapshot))
            cause = QuarantineCause.Malformed;
        if (cause != QuarantineCause.None)
        {
            _books.OnSnapshotFailed(feed, receivedNs);
            Account(InputOutcome.Quarantined, cause, receivedNs, body);
            return;
        }

        ref readonly var snapshot = ref _batch.Messages[0];
        var (wasRight, position) = (feed.IsRight, _outbox.Position);
        var outcome = _books.OnRestSnapshot(feed, in snapshot, _batch.EventsOf(in snapshot), receivedNs, out cause);
        if (_line is not null) outcome = _line.Settle(feed, wasRight, position, outcome, receivedNs);
        Account(outcome, cause, receivedNs, body);
        _outbox.Flush();
    }

    public void OnReadComplete(long nowNs) => _outbox.Flush();

    /// <summary>Timers: silence, and resyncs that had to wait. Call often; it looks at the books every 50 ms.</summary>
    public void Step(long nowNs)
    {
        if (nowNs < _nextStepNs || !_connected) return;
        _nextStepNs = nowNs + StepIntervalNs;
        _silence.StepVenue(nowNs);
        foreach (var feed in _feeds)
        {
            if (feed is null) continue;
            _pacer.Step(feed, nowNs);
            if (feed.State == SyncState.Bridging) _books.GiveUpBridging(feed, nowNs);
            if (_rule.RefreshEvery is not null && _books.WantsRefresh(feed, nowNs)) _control.RequestSnapshot(feed.Id);
            _silence.Step(feed, nowNs);
        }

        _outbox.Flush();
    }

    /// <summary>The operator's resync command: the book of one instrument starts over (P2).</summary>
    public void Resync(InstrumentId instrument, long nowNs)
    {
        if (!_connected || !_instruments.Contains(instrument)) return;
        _books.Invalidate(FeedOf(instrument, nowNs), nowNs);
        _outbox.Flush();
    }

    /// <summary>A reader of the stream lost events: every book of the venue starts over, at the pace the venue allows.</summary>
    public void ResyncAll(long nowNs)
    {
        if (!_connected) return;
        foreach (var feed in _feeds)
        {
            if (feed is not null) _books.Invalidate(feed, nowNs);
        }

        _outbox.Flush();
    }

    /// <summary>The feed ends: deltas still held back for a snapshot will never be used, and are counted as shed.</summary>
    public void ShedPending()
    {
        Statistics.Shed += Statistics.Pending;
        Statistics.Pending = 0;
    }

    private InputOutcome Take(in FeedMessage message, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        switch (message.Kind)
        {
            case FeedMessageKind.BookDelta:
            case FeedMessageKind.BookSnapshot:
            case FeedMessageKind.FullBook:
            case FeedMessageKind.BookChecksum:
            case FeedMessageKind.Trade:
            case FeedMessageKind.BestBidAsk:
            case FeedMessageKind.Status:
                break;
            case FeedMessageKind.SubscribeRejected:
                Statistics.SubscribeRejected++;
                return InputOutcome.Applied;
            case FeedMessageKind.ReconnectRequested:
                _control.Reconnect(DisconnectReason.Requested);
                return InputOutcome.Applied;
            case FeedMessageKind.Pong:
                _path?.OnVenuePong(nowNs);
                return InputOutcome.Applied;
            default:
                return InputOutcome.Applied;
        }

        if (!_instruments.Contains(message.Instrument))
        {
            cause = QuarantineCause.UnknownInstrument;
            return InputOutcome.Quarantined;
        }

        var feed = FeedOf(message.Instrument, nowNs);
        NoteTime(feed, in message, nowNs);
        return TakeData(feed, in message, nowNs, out cause);
    }

    private InputOutcome TakeData(InstrumentFeed feed, in FeedMessage message, long nowNs, out QuarantineCause cause)
    {
        var events = _batch.EventsOf(in message);
        var isBook = message.Kind is FeedMessageKind.BookDelta or FeedMessageKind.BookSnapshot or FeedMessageKind.FullBook;
        _silence.OnData(feed, isBook, _feeds, nowNs);
        cause = QuarantineCause.None;
        InputOutcome outcome;
        switch (message.Kind)
        {
            case FeedMessageKind.BookDelta or FeedMessageKind.BookSnapshot or FeedMessageKind.FullBook or FeedMessageKind.BookChecksum:
                var (wasRight, position) = (feed.IsRight, _outbox.Position);
                if (isBook) feed.LastBookNs = nowNs;
                outcome = TakeBook(feed, in message, events, nowNs, out cause);
                return _line is null ? outcome : _line.Settle(feed, wasRight, position, outcome, nowNs);
            case FeedMessageKind.Trade:
                outcome = _ticks.OnTrades(feed, events, nowNs, out cause);
                break;
            case FeedMessageKind.BestBidAsk:
                outcome = _ticks.OnBestBidAsk(feed, events, nowNs, out cause);
                break;
            case FeedMessageKind.Status when _line is not null && !_line.Leads(feed):
                return InputOutcome.Duplicate;
            default:
                _outbox.AppendMessage(events, nowNs);
                outcome = InputOutcome.Applied;
                break;
        }

        if (outcome == InputOutcome.Applied) _observer?.OnApplied(in message);
        return outcome;
    }

    /// <summary>
    /// A counter over the whole connection (Coinbase, Bitfinex): after a hole no book of it can be trusted, and only a new connection
    /// brings them back. False for a frame that came before.
    /// </summary>
    private bool FollowConnection(long sequence, long nowNs)
    {
        var last = _connectionSequence;
        _connectionSequence = Math.Max(last, sequence);
        if (last == FeedMessage.NoId || sequence == last + 1) return true;
        var message = new FeedMessage { LastUpdateId = sequence, FirstUpdateId = sequence, Frame = Statistics.Frames };
        if (sequence <= last)
        {
            Statistics.DeltasRepeated++;
            _observer?.OnAnomaly(IngestAnomaly.Repeat, in message, last + 1);
            return _options.OnBroken == BrokenRule.ReportOnly;
        }

        if (IsCarried()) _line!.Statistics.GapsFilled++;
        else Statistics.Gaps++;
        _observer?.OnAnomaly(IngestAnomaly.Gap, in message, last + 1);
        if (_options.OnBroken == BrokenRule.ReportOnly) return true;
        DropBooks(nowNs);
        _control.Reconnect(DisconnectReason.SequenceGap);
        return true;
    }

    private InputOutcome TakeBook(InstrumentFeed feed, in FeedMessage message, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause) => message.Kind switch
    {
        FeedMessageKind.BookDelta => _books.OnDelta(feed, in message, events, nowNs, out cause),
        FeedMessageKind.BookSnapshot when _rule.Source == SnapshotSource.Socket => _books.OnSocketSnapshot(feed, in message, events, nowNs, out cause),
        FeedMessageKind.BookSnapshot => _books.OnRestSnapshot(feed, in message, events, nowNs, out cause),
        FeedMessageKind.FullBook => _books.OnFullBook(feed, in message, events, nowNs, out cause),
        _ => _books.OnChecksum(feed, in message, nowNs, out cause),
    };

    private void DropBooks(long nowNs)
    {
        foreach (var feed in _feeds)
        {
            if (feed is null) continue;
            var (wasRight, position) = (feed.IsRight, _outbox.Position);
            _books.OnDisconnected(feed, nowNs);
            _line?.Settle(feed, wasRight, position, InputOutcome.Stale, nowNs);
        }
    }

    private void NoteTime(InstrumentFeed feed, in FeedMessage message, long receivedNs)
    {
        var time = message.Time.UnixNs;
        if (time == 0) return;
        _path?.OnExchangeStamp(time, receivedNs);
        if (time < feed.LastExchangeTimeNs) Statistics.ExchangeTimeBackwards++;
        else feed.LastExchangeTimeNs = time;
    }

    private void Account(InputOutcome outcome, QuarantineCause cause, long receivedNs, ReadOnlySpan<byte> bytes)
    {
        switch (outcome)
        {
            case InputOutcome.Applied: Statistics.Applied++; break;
            case InputOutcome.Duplicate: Statistics.Duplicate++; break;
            case InputOutcome.Stale: Statistics.Stale++; break;
            case InputOutcome.Shed: Statistics.Shed++; break;
            case InputOutcome.Pending: Statistics.Pending++; break;
            case InputOutcome.Quarantined:
                Statistics.Quarantined++;
                Statistics.QuarantinedByCause[(int)cause]++;
                _quarantine?.Add(cause, receivedNs, bytes);
                break;
        }
    }

    private InstrumentFeed FeedOf(InstrumentId id, long nowNs)
    {
        if ((uint)id.Value < (uint)_feeds.Length && _feeds[id.Value] is { } known) return known;
        if (id.Value >= _feeds.Length) Array.Resize(ref _feeds, Math.Max(_feeds.Length * 2, id.Value + 1));
        var feed = _feeds[id.Value] = new InstrumentFeed(id, _rule, _options, _line);
        if (_connected) Connect(feed, nowNs);
        return feed;
    }

    private void Connect(InstrumentFeed feed, long nowNs)
    {
        feed.LastBestBidAskId = 0;
        _books.OnConnected(feed, nowNs);
        _silence.OnConnected(feed, nowNs);
    }
}
