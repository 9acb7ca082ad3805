using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Penstock.Infrastructure.Memory;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Control.ReadModels;

/// <summary>
/// Books, tapes and bars of the running session (R40). What happened before this process came is taken from the journal, which holds every
/// event; from there on the venue's ring is read directly. Both carry the ring's sequence, so the seam is provable: the first event taken from
/// a ring is the one after the last taken from the journal. A hole, or being lapped, makes <see cref="IsBroken"/> true: the models start again.
/// </summary>
internal sealed class MarketModel(string ringFolder, IMonotonicClock clock) : ITopic, IDisposable
{
    private const int EventsPerRead = 1_024;
    private const int ReadsPerPoll = 64;

    private readonly MarketEvent[] _buffer = new MarketEvent[EventsPerRead];
    private readonly List<InstrumentView> _views = [];
    private VenueRing[] _rings = [];
    private BookKeeper? _books;
    private InstrumentTable? _table;

    /// <summary>One venue's ring and how far it was taken.</summary>
    private sealed class VenueRing(string name)
    {
        public string Name => name;

        public long LastSequence { get; set; }

        public RingReader<MarketEvent>? Reader { get; set; }
    }

    public string Name => "bbo";

    public long Version { get; private set; }

    public int HzMax => 20;

    public bool IsList => false;

    public byte BinaryBody => 1;

    public IReadOnlyList<InstrumentView> Instruments => _views;

    /// <summary>Changes when <see cref="Instruments"/> are others.</summary>
    public int InstrumentsVersion { get; private set; }

    /// <summary>Reading the rings; before, the journal.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Events are missing that no ring has any more.</summary>
    public bool IsBroken { get; private set; }

    public long EventsFromJournal { get; private set; }

    public long EventsFromRings { get; private set; }

    public long EventsLost { get; private set; }

    public IEnumerable<(string Venue, long Lag, long Lost, long Laps)> Readers =>
        _rings.Where(r => r.Reader is not null).Select(r => (r.Name, r.Reader!.Lag, r.Reader.LostTotal, r.Reader.Laps));

    /// <summary>A session begins: other books, other rings.</summary>
    public void Begin(SessionBlueprint blueprint)
    {
        CloseRings();
        _table = blueprint.Instruments;
        _books = new BookKeeper(_table);
        _rings = [.. blueprint.Venues.Select(v => new VenueRing(v))];
        (IsLive, IsBroken) = (false, false);
        Keep(blueprint);
        Version++;
    }

    /// <summary>Until the next session record nothing is known.</summary>
    public void Forget() => (_books, IsBroken) = (null, false);

    /// <summary>A batch of the journal, for as long as the rings are not read.</summary>
    public void OnJournaled(ReadOnlySpan<MarketEvent> events)
    {
        if (IsLive || _books is null) return;
        EventsFromJournal += events.Length;
        foreach (ref readonly var e in events)
        {
            // A trading thread that was lapped says so with events of its own, without a number.
            if (e.Sequence > 0 && e.Venue.Value >= 1 && e.Venue.Value <= _rings.Length) _rings[e.Venue.Value - 1].LastSequence = e.Sequence;
            Apply(in e);
        }
    }

    /// <summary>The journal has been read to its end: go on with the rings, each behind what the journal had of it.</summary>
    public void GoLive(int producerPid)
    {
        if (_books is null || IsLive) return;
        foreach (var ring in _rings)
        {
            if (ring.Reader is not null) continue;
            if (Open(ring.Name) is not { } opened) return;
            if (opened.ProducerPid != producerPid || opened.ProducerGone)
            {
                // The ring of the process before: the session's own comes in a moment.
                opened.Dispose();
                return;
            }

            ring.Reader = opened;
        }

        IsLive = true;
    }

    /// <summary>Takes what the rings have; bounded, so that the thread comes to its other work.</summary>
    public int Poll()
    {
        if (!IsLive) return 0;
        var work = 0;
        foreach (var ring in _rings)
        {
            for (var i = 0; i < ReadsPerPoll && ring.Reader is not null; i++)
            {
                var count = ring.Reader.Read(_buffer, out var lost);
                if (lost > 0) Break(lost);
                if (count == 0) break;
                Take(ring, _buffer.AsSpan(0, count));
                work += count;
            }
        }

        return work;
    }

    public void Write(Utf8JsonWriter json, long since)
    {
        json.WriteStartArray();
        foreach (var view in _views)
        {
            json.WriteStartObject();
            json.WriteString("instrument"u8, view.Name);
            WriteBest(json, view, Side.Buy, "bid"u8, "bidQuantity"u8);
            WriteBest(json, view, Side.Sell, "ask"u8, "askQuantity"u8);
            if (view.LastPriceRaw == 0) json.WriteNull("last"u8);
            else json.Fixed("last"u8, view.LastPriceRaw, view.Instrument.PriceScale);
            InstrumentView.WriteFlags(json, view.Levels?.Flags ?? BookFlags.None);
            if (view.LastReceivedNs == 0) json.WriteNull("ageMs"u8);
            else json.WriteNumber("ageMs"u8, Math.Max(0, (clock.NowNs - view.LastReceivedNs) / 1_000_000));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public void WriteBinary(IBufferWriter<byte> to, long since)
    {
        const int RowBytes = 37;
        var span = to.GetSpan(2 + _views.Count * RowBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)_views.Count);
        var at = 2;
        foreach (var view in _views)
        {
            var row = span.Slice(at, RowBytes);
            row.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(row, view.Instrument.Id.Value);
            row[4] = (byte)(view.Levels?.Flags ?? BookFlags.None);
            for (var side = Side.Buy; side <= Side.Sell; side++)
            {
                if (view.Levels is null || !view.Levels.TryBest(side, out var level)) continue;
                BinaryPrimitives.WriteInt64LittleEndian(row[(side == Side.Buy ? 5 : 21)..], level.Price.Raw);
                BinaryPrimitives.WriteInt64LittleEndian(row[(side == Side.Buy ? 13 : 29)..], level.Quantity.Raw);
            }

            at += RowBytes;
        }

        to.Advance(at);
    }

    public void Dispose() => CloseRings();

    private static void WriteBest(Utf8JsonWriter json, InstrumentView view, Side side, ReadOnlySpan<byte> price, ReadOnlySpan<byte> quantity)
    {
        if (view.Levels is null || !view.Levels.TryBest(side, out var level))
        {
            json.WriteNull(price);
            json.WriteNull(quantity);
            return;
        }

        json.Fixed(price, level.Price.Raw, view.Instrument.PriceScale);
        json.Fixed(quantity, level.Quantity.Raw, view.Instrument.QuantityScale);
    }

    private void Take(VenueRing ring, ReadOnlySpan<MarketEvent> events)
    {
        foreach (ref readonly var e in events)
        {
            if (e.Sequence <= ring.LastSequence) continue;
            if (e.Sequence != ring.LastSequence + 1) Break(e.Sequence - ring.LastSequence - 1);
            ring.LastSequence = e.Sequence;
            EventsFromRings++;
            Apply(in e);
        }
    }

    private void Break(long lost)
    {
        EventsLost += lost;
        if (IsBroken) return;
        IsBroken = true;
        _books!.InvalidateAll();
        foreach (var view in _views) view.Book.Changed();
    }

    private void Apply(in MarketEvent e)
    {
        _books!.Apply(in e);
        Version++;
        if (e.Instrument.Value < 1 || e.Instrument.Value > _views.Count)
        {
            if (e.Kind == MarketEventKind.FeedHealth) TellAll(e.Venue);
            return;
        }

        var view = _views[e.Instrument.Value - 1];
        view.Sequence = e.Sequence;
        view.LastReceivedNs = e.Received.Ns;
        if (e.Kind == MarketEventKind.Trade) view.OnTrade(in e);
        else
        {
            view.Levels ??= _books[e.Instrument];
            if (e.IsLast || e.Kind is MarketEventKind.BookInvalid or MarketEventKind.FeedHealth) view.Book.Changed();
        }
    }

    private void TellAll(VenueId venue)
    {
        foreach (var view in _views)
        {
            if (view.Instrument.Venue == venue) view.Book.Changed();
        }
    }

    /// <summary>The same instruments keep their topics over a restart of the node: clients stay subscribed.</summary>
    private void Keep(SessionBlueprint blueprint)
    {
        var same = _views.Count == blueprint.Instruments.Count
            && blueprint.Instruments.All.All(i => _views[i.Id.Value - 1].Name == blueprint.NameOf(i));
        if (same)
        {
            foreach (var view in _views)
            {
                view.Levels = null;
                view.Sequence = 0;
                view.Book.Changed();
            }

            return;
        }

        _views.Clear();
        InstrumentsVersion++;
        foreach (var instrument in blueprint.Instruments.All)
        {
            var view = new InstrumentView(instrument, blueprint.NameOf(instrument));
            view.Book.NowNs = () => clock.NowNs;
            _views.Add(view);
        }
    }

    private RingReader<MarketEvent>? Open(string venue)
    {
        try
        {
            using var ring = BroadcastRing<MarketEvent>.Open(Path.Combine(ringFolder, venue + ".ring"));
            return ring.CreateReader(fromOldest: true);
        }
        catch (MappedFileException)
        {
            return null;
        }
    }

    private void CloseRings()
    {
        foreach (var ring in _rings)
        {
            ring.Reader?.Dispose();
            ring.Reader = null;
        }

        IsLive = false;
    }
}
