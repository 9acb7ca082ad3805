using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Inspection;

/// <summary>
/// Replays a recording through the very ingest and books the node uses and reports what they saw: the figures come from
/// their counters and events, there is no second implementation. A broken rule is reported and the reading goes on, as a
/// recording cannot be asked for a new book. One pass over one recording. Offline: may allocate.
/// </summary>
internal sealed class RecordingInspector : IEventPublisher, IIngestObserver, IFeedControl
{
    private readonly IVenue _venue;
    private readonly FeedContext _context;
    private readonly BookSyncRule _rule;
    private readonly ExactNumbers _exact;
    private readonly BookKeeper _keeper;
    private readonly BookOracle _oracle = new();
    private readonly SortedSet<int> _built = [];
    private readonly SortedDictionary<int, RecordedConnection> _connections = [];
    private readonly List<(InstrumentId Instrument, byte[] Body)> _restBeforeOpen = [];
    private readonly List<RecordingAnomaly> _anomalies = [];
    private RecordedConnection? _current;
    private long _sequence;
    private long _nowNs;
    private long _event = -1;
    private int _epoch;
    private long _crossed, _sent, _rest, _opened, _frames, _backwards;
    private MarketEvent _bid;

    /// <param name="venue">Makes a decoder for every connection.</param>
    /// <param name="context">Its instruments are discovered, unless those of the recording are known.</param>
    /// <param name="rule">The venue's book rule for the recording's market.</param>
    /// <param name="exact">Takes what the instruments' scales cannot hold.</param>
    public RecordingInspector(IVenue venue, FeedContext context, BookSyncRule rule, ExactNumbers exact)
    {
        _venue = venue;
        _context = context;
        _rule = rule;
        _exact = exact;
        _keeper = new BookKeeper(context.Instruments);
    }

    private sealed record RecordedConnection(int Number, IFeedProtocol Protocol, FeedIngest Ingest)
    {
        /// <summary>The event each of its frames was, by the frame's number from 1.</summary>
        public List<long> EventOfFrame { get; } = [];

        public bool IsOpen { get; set; }
    }

    /// <summary>Books came by REST: where the venue's rule takes them from the socket, its other rule has to be used.</summary>
    public bool SawRestBook { get; private set; }

    /// <summary>In the order of their events, as far as held-back deltas allow.</summary>
    public IReadOnlyList<RecordingAnomaly> Anomalies => _anomalies;

    /// <summary>Zero unless an input was lost in here.</summary>
    public long Unaccounted => Sum(s => s.Unaccounted);

    public InspectionFigures Inspect(RecordingReader reader)
    {
        long last = 0;
        while (reader.TryRead(out var recorded))
        {
            _event++;
            if (recorded.TimeNs < last) _backwards++;
            last = recorded.TimeNs;
            // The recording's clock may step back; the ingest is promised one that does not.
            _nowNs = Math.Max(_nowNs, recorded.TimeNs);
            Take(in recorded);
        }

        if (reader.Problem is { } problem) Report("container", "", problem, reader.EventsRead);
        return Figures(reader);
    }

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        foreach (ref var e in events)
        {
            e.Sequence = ++_sequence;
            _keeper.Apply(in e);
            if (e.Kind != MarketEventKind.BestBidAsk) continue;
            if (e.Side == Side.Buy) _bid = e;
            else if (_bid.Instrument == e.Instrument) _oracle.OnBest(in _bid, in e, _keeper[e.Instrument]);
        }
    }

    void IIngestObserver.OnApplied(in FeedMessage message)
    {
        if (message.Kind is not (FeedMessageKind.BookDelta or FeedMessageKind.BookSnapshot or FeedMessageKind.FullBook)) return;
        // Published at once, so that the book can be looked at exactly as this message left it.
        _current!.Ingest.OnReadComplete(_nowNs);
        if (message.Kind != FeedMessageKind.BookDelta) _built.Add(message.Instrument.Value);
        if (message.Kind == FeedMessageKind.BookSnapshot)
        {
            _oracle.OnSnapshot(message.Instrument, message.LastUpdateId);
        }
        else if (_keeper.TryGet(message.Instrument, out var book))
        {
            if ((book.Flags & BookFlags.Crossed) != 0)
            {
                _crossed++;
                Report("crossed", SymbolOf(message.Instrument), "best bid at or above best ask", EventOf(in message));
            }

            var wrong = _oracle.Wrong;
            _oracle.OnDelta(message.Instrument, message.LastUpdateId, book);
            if (_oracle.Wrong > wrong) Report("oracle_bad", SymbolOf(message.Instrument), $"update {message.LastUpdateId}", EventOf(in message));
        }
    }

    void IIngestObserver.OnInvalidated(InstrumentId instrument)
    {
    }

    void IIngestObserver.OnAnomaly(IngestAnomaly anomaly, in FeedMessage message, long expected)
    {
        // A crossed snapshot is no update: the figures count those alone.
        if (anomaly == IngestAnomaly.Crossed) return;
        var symbol = message.Instrument == InstrumentId.None ? $"connection {_current!.Number}" : SymbolOf(message.Instrument);
        var got = message.FirstUpdateId != FeedMessage.NoId ? message.FirstUpdateId : message.LastUpdateId;
        var detail = expected == FeedMessage.NoId ? $"checksum {message.Checksum}" : $"got {got}, expected {expected}";
        Report(anomaly switch { IngestAnomaly.Gap => "gaps", IngestAnomaly.Repeat => "repeats", _ => "checksum_bad" }, symbol, detail, EventOf(in message));
    }

    // A recording cannot be asked for anything: what it has arrives by itself.
    void IFeedControl.RequestSnapshot(InstrumentId instrument)
    {
    }

    void IFeedControl.Resubscribe(InstrumentId instrument)
    {
    }

    void IFeedControl.Reconnect(DisconnectReason reason)
    {
    }

    private void Take(in RecordedEvent recorded)
    {
        switch (recorded.Kind)
        {
            case RecordedKind.Open:
                _opened++;
                Open(recorded.Connection);
                break;
            case RecordedKind.Close:
                if (_connections.TryGetValue(recorded.Connection, out var closed) && closed.IsOpen) Close(closed);
                break;
            case RecordedKind.Sent:
                _sent++;
                break;
            case RecordedKind.Rest:
                _rest++;
                TakeRest(in recorded);
                break;
            case RecordedKind.Received:
                _frames++;
                TakeFrame(in recorded);
                break;
        }
    }

    private RecordedConnection Open(int number)
    {
        if (!_connections.TryGetValue(number, out var connection)) _connections[number] = connection = Connect(number);
        // The same connection again: it was lost in between, and everything it fed with it.
        if (connection.IsOpen) Close(connection);
        connection.IsOpen = true;
        connection.Protocol.Reset();
        _current = connection;
        connection.Ingest.OnConnected(++_epoch, _nowNs);
        foreach (var (instrument, body) in _restBeforeOpen) connection.Ingest.OnSnapshot(instrument, succeeded: true, body, _nowNs);
        _restBeforeOpen.Clear();
        return connection;
    }

    private void Close(RecordedConnection connection)
    {
        _current = connection;
        connection.IsOpen = false;
        connection.Ingest.OnDisconnected(DisconnectReason.ClosedByVenue, _nowNs);
    }

    private RecordedConnection Connect(int number)
    {
        var protocol = _venue.CreateFeed(_context);
        var ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = _context.Venue, Protocol = protocol, Instruments = _context.Instruments, Rule = _rule, Control = this,
                Publisher = this, Observer = this, ScaleObserver = _exact, Options = new IngestOptions { OnBroken = BrokenRule.ReportOnly },
            },
            []);
        return new RecordedConnection(number, protocol, ingest);
    }

    private void TakeFrame(in RecordedEvent recorded)
    {
        // A recording that continues another file has no open line.
        if (!_connections.TryGetValue(recorded.Connection, out var connection) || !connection.IsOpen) connection = Open(recorded.Connection);
        _current = connection;
        connection.EventOfFrame.Add(_event);
        var statistics = connection.Ingest.Statistics;
        var (undecodable, wrong) = (statistics.FramesUndecodable, _oracle.Wrong);
        var quarantined = (long[])statistics.QuarantinedByCause.Clone();
        var found = _anomalies.Count;
        connection.Ingest.OnFrame(recorded.Data, _nowNs);
        connection.Ingest.OnReadComplete(_nowNs);
        if (_oracle.Wrong > wrong && _anomalies.Count == found) Report("oracle_bad", "", "best bid and ask differ from the venue's", _event);
        for (var cause = 1; cause < quarantined.Length; cause++)
        {
            if (statistics.QuarantinedByCause[cause] == quarantined[cause]) continue;
            var kind = (QuarantineCause)cause;
            if (kind is QuarantineCause.UnknownChannel or QuarantineCause.ChecksumMismatch) continue;
            Report(statistics.FramesUndecodable > undecodable ? "bad_frames" : "quarantined", "", kind.ToString(), _event);
        }
    }

    private void TakeRest(in RecordedEvent recorded)
    {
        if (recorded.Url is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var uri)) return;
        if (!_venue.CreateFeed(_context).TrySnapshotInstrument(uri, out var instrument)) return;
        SawRestBook = true;
        var open = _connections.Values.Where(c => c.IsOpen).ToList();
        if (open.Count == 0)
        {
            _restBeforeOpen.Add((instrument, recorded.Data.ToArray()));
            return;
        }

        _current = open.Find(c => c.Ingest.Knows(instrument)) ?? open[0];
        _current.Ingest.OnSnapshot(instrument, succeeded: true, recorded.Data, _nowNs);
    }

    private void Report(string kind, string symbol, string detail, long at) => _anomalies.Add(new RecordingAnomaly(at, kind, symbol, detail));

    private long EventOf(in FeedMessage message) =>
        message.Frame > 0 && message.Frame <= _current!.EventOfFrame.Count ? _current.EventOfFrame[(int)message.Frame - 1] : _event;

    private string SymbolOf(InstrumentId instrument) => _context.Instruments[instrument].VenueSymbol;

    private long Sum(Func<IngestStatistics, long> field) => _connections.Values.Sum(c => field(c.Ingest.Statistics));

    private InspectionFigures Figures(RecordingReader reader)
    {
        var books = Books();
        var unknown = Sum(s => s.QuarantinedByCause[(int)QuarantineCause.UnknownChannel]);
        return new InspectionFigures
        {
            Events = reader.EventsRead, Sent = _sent, Rest = _rest, Connections = _opened, Frames = _frames,
            BadFrames = Sum(s => s.FramesUndecodable) - unknown,
            Books = books.Count, Snapshots = Sum(s => s.Snapshots), BookUpdates = Sum(s => s.Deltas),
            Bridged = Sum(s => s.Bridged), Stale = Sum(s => s.DeltasCovered), Buffered = Sum(s => s.DeltasBuffered),
            Unsynchronised = Sum(s => s.DeltasUnsynchronised + s.Pending),
            Trades = Sum(s => s.Trades), TradeIdGaps = Sum(s => s.TradeIdGaps),
            Crossed = _crossed, Gaps = Sum(s => s.Gaps), Repeats = Sum(s => s.DeltasRepeated),
            ChecksumOk = Sum(s => s.ChecksumsMatched), ChecksumOkSnapshots = Sum(s => s.SnapshotChecksumsMatched),
            ChecksumBad = Sum(s => s.ChecksumsMismatched),
            OracleOk = _oracle.Right, OracleBad = _oracle.Wrong, UnknownChannel = unknown,
            ReceiveTimeBackwards = _backwards, Container = reader.Problem,
            BookDigest = BookDigest.Of(books, _exact),
            Final = [.. books.Select(b => new KeyValuePair<string, FinalBook>(b.Key.VenueSymbol, FinalOf(b.Key, b.Value)))],
            Quarantined = [.. Enum.GetValues<QuarantineCause>()
                .Select(cause => new KeyValuePair<QuarantineCause, long>(cause, Sum(s => s.QuarantinedByCause[(int)cause])))
                .Where(pair => pair.Value > 0)],
            Inputs = new InputCounts(
                Sum(s => s.Received), Sum(s => s.Applied), Sum(s => s.Duplicate), Sum(s => s.Stale), Sum(s => s.Quarantined),
                Sum(s => s.Shed + s.Pending)),
        };
    }

    private List<KeyValuePair<Instrument, IOrderBook>> Books() =>
        [.. _built.Select(id => new KeyValuePair<Instrument, IOrderBook>(_context.Instruments[new InstrumentId(id)], _keeper[new InstrumentId(id)]!))
            .OrderBy(pair => pair.Key.VenueSymbol, StringComparer.Ordinal)];

    private FinalBook FinalOf(Instrument instrument, IOrderBook book) => new(
        Top(book, Side.Buy, instrument), Top(book, Side.Sell, instrument), book.Count(Side.Buy), book.Count(Side.Sell));

    private string[]? Top(IOrderBook book, Side side, Instrument instrument) => book.TryBest(side, out var level)
        ? [FixedPoint.ToText(level.Price.Raw, instrument.PriceScale), _exact.QuantityText(instrument, side, level)]
        : null;
}
