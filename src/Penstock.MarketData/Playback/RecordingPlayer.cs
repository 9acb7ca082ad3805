using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Inspection;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Playback;

/// <summary>
/// Plays a recording through the very decoders and ingest a node uses and hands out the canonical events line by line, at their
/// recorded receive times (R118): one line is in memory at a time, whatever the length. Offline: may allocate. One thread.
/// </summary>
public sealed class RecordingPlayer : IEventPublisher, IFeedControl, IDisposable
{
    /// <summary>Several recordings of one venue must not look like one connection.</summary>
    private const int EpochsPerRecording = 1_000_000;

    private readonly IVenue _venue;
    private readonly FeedContext _context;
    private readonly BookSyncRule _rule;
    private readonly RecordingReader _reader;
    private readonly Dictionary<int, RecordedConnection> _connections = [];
    private readonly List<RecordedConnection> _open = [];
    private readonly List<(InstrumentId Instrument, byte[] Body)> _restBeforeOpen = [];
    private MarketEvent[] _events = new MarketEvent[1024];
    private int _count;
    private int _epoch;
    private long _sequence;

    /// <param name="venue">Of the recording's header.</param>
    /// <param name="context">The id the recording's venue gets, and the instruments: known ones, or discovered.</param>
    /// <param name="rule">The venue's book rule for the recording's market.</param>
    /// <param name="reader">Owned from here on.</param>
    /// <param name="number">0, 1, 2 … over the recordings played together.</param>
    public RecordingPlayer(IVenue venue, FeedContext context, BookSyncRule rule, RecordingReader reader, int number = 0)
    {
        _venue = venue;
        _context = context;
        _rule = rule;
        _reader = reader;
        _epoch = number * EpochsPerRecording;
    }

    private sealed class RecordedConnection(IFeedProtocol protocol, FeedIngest ingest)
    {
        public IFeedProtocol Protocol => protocol;

        public FeedIngest Ingest => ingest;

        public bool IsOpen { get; set; }
    }

    /// <summary>Receive time of the last line, ns since the Unix epoch; never goes back.</summary>
    public long NowNs { get; private set; }

    /// <summary>The events of the last line; valid until the next read.</summary>
    public ReadOnlySpan<MarketEvent> Events => _events.AsSpan(0, _count);

    /// <summary>Null while nothing is wrong with the container.</summary>
    public string? Problem => _reader.Problem;

    public VenueId Venue => _context.Venue;

    /// <summary>Books came by REST: where the venue's rule takes them from the socket, its other rule has to be used.</summary>
    public bool SawRestBook { get; private set; }

    /// <summary>Takes REST answers that are no books, instrument lists perhaps: URL and body. Null for none.</summary>
    public Action<Uri, byte[]>? OnRest { get; init; }

    /// <summary>Reads to the next line that leads to events. False at the end, or where the recording is damaged.</summary>
    public bool TryRead()
    {
        _count = 0;
        while (_count == 0)
        {
            if (!_reader.TryRead(out var recorded)) return false;
            if (recorded.TimeNs < NowNs) Statistics.TimeBackwards++;
            NowNs = Math.Max(NowNs, recorded.TimeNs);
            foreach (var connection in _open) connection.Ingest.Step(NowNs);
            Take(in recorded);
        }

        Statistics.Events += _count;
        return true;
    }

    /// <summary>Brought up to date by <see cref="Sum"/>, apart from what the playback itself counts.</summary>
    public PlaybackStatistics Statistics { get; } = new();

    /// <summary>Adds up what the connections' ingests have counted so far.</summary>
    public PlaybackStatistics Sum()
    {
        long gaps = 0, crossed = 0, quarantined = 0, silences = 0;
        foreach (var connection in _connections.Values)
        {
            var ingest = connection.Ingest.Statistics;
            gaps += ingest.Gaps;
            crossed += ingest.BooksCrossed;
            quarantined += ingest.Quarantined;
            silences += ingest.InstrumentSilences + ingest.VenueSilences;
        }

        (Statistics.Gaps, Statistics.Crossed, Statistics.Quarantined, Statistics.Silences) = (gaps, crossed, quarantined, silences);
        return Statistics;
    }

    public void Dispose() => _reader.Dispose();

    void IEventPublisher.Publish(Span<MarketEvent> events)
    {
        if (_count + events.Length > _events.Length) Array.Resize(ref _events, Math.Max(_events.Length * 2, _count + events.Length));
        foreach (ref var e in events) e.Sequence = ++_sequence;
        events.CopyTo(_events.AsSpan(_count));
        _count += events.Length;
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
                Open(recorded.Connection);
                break;
            case RecordedKind.Close when _connections.TryGetValue(recorded.Connection, out var closed) && closed.IsOpen:
                Close(closed);
                break;
            case RecordedKind.Rest:
                Statistics.Frames++;
                TakeRest(in recorded);
                break;
            case RecordedKind.Received:
                Statistics.Frames++;
                // A recording that continues another file has no open line.
                if (!_connections.TryGetValue(recorded.Connection, out var connection) || !connection.IsOpen) connection = Open(recorded.Connection);
                connection.Ingest.OnFrame(recorded.Data, NowNs);
                connection.Ingest.OnReadComplete(NowNs);
                break;
            default:
                break;
        }
    }

    private RecordedConnection Open(int number)
    {
        if (!_connections.TryGetValue(number, out var connection)) _connections[number] = connection = Connect();
        // The same connection again: it was lost in between, and everything it fed with it.
        if (connection.IsOpen) Close(connection);
        connection.IsOpen = true;
        _open.Add(connection);
        connection.Protocol.Reset();
        connection.Ingest.OnConnected(++_epoch, NowNs);
        foreach (var (instrument, body) in _restBeforeOpen) connection.Ingest.OnSnapshot(instrument, succeeded: true, body, NowNs);
        _restBeforeOpen.Clear();
        connection.Ingest.OnReadComplete(NowNs);
        return connection;
    }

    private void Close(RecordedConnection connection)
    {
        connection.IsOpen = false;
        _open.Remove(connection);
        connection.Ingest.OnDisconnected(DisconnectReason.ClosedByVenue, NowNs);
        connection.Ingest.OnReadComplete(NowNs);
    }

    private RecordedConnection Connect()
    {
        var protocol = _venue.CreateFeed(_context);
        return new RecordedConnection(protocol, new FeedIngest(
            new IngestSetup { Venue = _context.Venue, Protocol = protocol, Instruments = _context.Instruments, Rule = _rule, Control = this, Publisher = this }, []));
    }

    private void TakeRest(in RecordedEvent recorded)
    {
        if (recorded.Url is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var uri)) return;
        if (!_venue.CreateFeed(_context).TrySnapshotInstrument(uri, out var instrument))
        {
            OnRest?.Invoke(uri, recorded.Data.ToArray());
            return;
        }

        SawRestBook = true;
        if (_open.Count == 0)
        {
            _restBeforeOpen.Add((instrument, recorded.Data.ToArray()));
            return;
        }

        var connection = _open.Find(c => c.Ingest.Knows(instrument)) ?? _open[0];
        connection.Ingest.OnSnapshot(instrument, succeeded: true, recorded.Data, NowNs);
        connection.Ingest.OnReadComplete(NowNs);
    }
}
