using System.Runtime.InteropServices;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <param name="Sequence">Journal record at which the replay left the recording.</param>
/// <param name="Recorded">What the journal says.</param>
/// <param name="Replayed">What the engine did.</param>
public sealed record ReplayDifference(long Sequence, string Recorded, string Replayed);

/// <summary>
/// Feeds a journal to an engine and compares every output with the recorded one (I9, P6). The engine journals into this class
/// as it would into a file; what it wants to send goes nowhere. Recovery is this, followed by a new session on
/// <see cref="Engine"/>.
/// </summary>
public sealed class EngineReplay : IJournalAppender, IOrderOutbox
{
    private static readonly bool[] Known = [.. Enumerable.Range(0, 256).Select(t => t != 0 && Enum.IsDefined((EngineRecordType)t))];

    private readonly Func<SessionInfo, TradingEngine> _create;
    private readonly MarketEvent[] _events = new MarketEvent[TradingEngine.EventsPerRecord];
    private readonly List<(EngineRecordType Type, int Start, int Length)> _outputs = [];
    private byte[] _bytes = new byte[4096];
    private int _used;
    private int _compared;
    private string? _swapRefused;
    private bool _hasSkipped;

    /// <param name="create">Builds the engine the journal's first session describes.</param>
    /// <param name="hung">Calls that are left out, see <see cref="HungCall.Load"/>.</param>
    public EngineReplay(Func<SessionInfo, TradingEngine> create, IReadOnlyList<HungCall>? hung = null) => (_create, Hung) = (create, hung ?? []);

    /// <summary>Goes on where another replay was when it saved its state.</summary>
    /// <param name="create">Builds the engine the state's session describes.</param>
    /// <param name="state">Of <see cref="Save"/>.</param>
    /// <param name="hung">Calls that are left out.</param>
    /// <exception cref="InvalidDataException">The state is damaged, of another setup, or of a newer build.</exception>
    public EngineReplay(Func<SessionInfo, TradingEngine> create, StateArchive state, IReadOnlyList<HungCall>? hung = null)
        : this(create, hung)
    {
        state.Part("session", 2, ArchiveSession);
        Engine = create(LastSession!);
        Engine.Calls.Hung = Hung;
        Engine.Load(state, this, this);
    }

    /// <summary>Why a recorded swap could not begin here: as a rule the file with that code is missing. Null when there was none.</summary>
    public string? SwapProblem { get; private set; }

    /// <summary>Calls that are left out, because they never returned.</summary>
    public IReadOnlyList<HungCall> Hung { get; }

    /// <summary>Outputs of such calls: what they had sent until then. Reconciliation finds those orders as anybody's, and cancels them.</summary>
    public long PassedOver { get; private set; }

    /// <summary>Null before the first session start was read.</summary>
    public TradingEngine? Engine { get; private set; }

    /// <summary>The first one; later ones follow from it and are not looked for.</summary>
    public ReplayDifference? FirstDifference { get; private set; }

    public SessionInfo? LastSession { get; private set; }

    public long Records { get; private set; }

    public long Inputs { get; private set; }

    /// <summary>Orders and cancels equal to the recorded ones.</summary>
    public long Intents { get; private set; }

    /// <summary>Records this version does not know, skipped.</summary>
    public long UnknownRecords { get; private set; }

    /// <summary>Checkpoints and final states whose hash was equal.</summary>
    public long Hashes { get; private set; }

    /// <summary>The last session was ended in order.</summary>
    public bool EndedOrderly { get; private set; }

    long IJournalAppender.Sequence => 0;

    /// <summary>Every output so far was compared: the state is that between two inputs.</summary>
    public bool IsBetweenInputs => Engine is not null && _compared == _outputs.Count;

    /// <summary>The engine and the session it is in. Between two inputs only.</summary>
    public void Save(StateArchive state)
    {
        if (!IsBetweenInputs) throw new InvalidOperationException("The state is in the middle of an input.");
        state.Part("session", 2, ArchiveSession);
        Engine!.Save(state);
    }

    /// <summary>
    /// Writes the outputs of the last input that a crash kept out of the journal, so that the next session follows on a whole
    /// one. They never left; orders among them are asked for like any other of unknown fate.
    /// </summary>
    public void CompleteTail(IJournalAppender journal)
    {
        for (; _compared < _outputs.Count; _compared++)
        {
            var output = _outputs[_compared];
            journal.Append((ushort)output.Type, _bytes.AsSpan(output.Start, output.Length));
        }
    }

    /// <summary>The next record of the journal, in order.</summary>
    public void OnRecord(long sequence, ushort recordType, ReadOnlySpan<byte> payload)
    {
        var type = (EngineRecordType)recordType;
        Records++;
        if (!IsKnown(type))
        {
            UnknownRecords++;
            // An unknown output may be passed over; an input that is passed over would leave another state than the recorded one.
            if (EngineRecords.IsInput(type)) Differ(sequence, $"input of type {recordType}", EngineRecords.Newer);
            return;
        }

        // Of the outside world, and in the middle of the outputs of an input.
        if (type is EngineRecordType.OrderSent or EngineRecordType.Incident) return;
        if (!EngineRecords.IsInput(type))
        {
            Compare(sequence, type, payload);
            return;
        }

        // Outputs of a torn end were never handed over; the next session starts from the state that includes them, as it did live.
        if (_compared < _outputs.Count && type != EngineRecordType.SessionStart)
            Differ(sequence, $"{type}", Text(_outputs[_compared]));
        _outputs.Clear();
        _used = _compared = 0;
        _swapRefused = null;
        Inputs++;
        if (!TryFeed(type, payload)) Differ(sequence, EngineRecords.Describe(type, payload), EngineRecords.Newer);
        _hasSkipped = Engine?.Calls.TakeSkipped() == true;
    }

    long IJournalAppender.Append(ushort recordType, ReadOnlySpan<byte> payload)
    {
        var type = (EngineRecordType)recordType;
        if (EngineRecords.IsInput(type)) return 0; // the echo of what was fed
        if (_used + payload.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + payload.Length));
        payload.CopyTo(_bytes.AsSpan(_used));
        _outputs.Add((type, _used, payload.Length));
        _used += payload.Length;
        return 0;
    }

    void IOrderOutbox.Place(in RiskApproved<OrderRequest> order)
    {
    }

    void IOrderOutbox.Cancel(in CancelRequest cancel)
    {
    }

    void IOrderOutbox.Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    void IOrderOutbox.Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    private void ArchiveSession(StateArchive state)
    {
        var last = LastSession ?? new SessionInfo(0, 0, 0, "");
        LastSession = new SessionInfo(state.Value(last.Session), state.Value(last.Seed), state.Value(last.NowNs), state.Text(last.Configuration))
        {
            Format = state.Value(last.Format),
        };
        EndedOrderly = state.Value(EndedOrderly);
        Inputs = state.Value(Inputs);
        Intents = state.Value(Intents);
        Hashes = state.Value(Hashes);
        if (state.Version >= 2) LastSession = LastSession with { UnixNs = state.Value(last.UnixNs) };
    }

    private bool TryFeed(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        if (type == EngineRecordType.SessionStart) return TryBegin(payload);
        if (Engine is not { } engine) return false;
        switch (type)
        {
            case EngineRecordType.MarketBatch:
                return TryFeedMarket(engine, payload);
            case EngineRecordType.Report when EngineRecords.TryRead<ExecutionReport>(payload, out var report):
                engine.OnReport(report);
                return true;
            case EngineRecordType.Balance when EngineRecords.TryRead<BalanceReport>(payload, out var balance):
                engine.OnBalance(balance);
                return true;
            case EngineRecordType.Funding when EngineRecords.TryRead<FundingReport>(payload, out var funding):
                engine.OnFunding(funding);
                return true;
            case EngineRecordType.Timer when EngineRecords.TryRead<long>(payload, out var nowNs):
                engine.OnTimer(nowNs);
                return true;
            case EngineRecordType.Command or EngineRecordType.StateChange when EngineRecords.DecodeCommand(payload) is { } command:
                var result = engine.OnCommand(command);
                _swapRefused = command.Kind == EngineCommandKind.SwapStrategy && !result.Done ? result.Message : null;
                return true;
            case EngineRecordType.VenueSession when EngineRecords.TryRead<VenueRecord>(payload, out var venue):
                engine.OnSession(new VenueId(venue.Venue), venue.Flag == 1, (DisconnectReason)venue.Reason, venue.NowNs);
                return true;
            case EngineRecordType.VenueReconciled when EngineRecords.TryRead<VenueRecord>(payload, out var venue):
                engine.OnReconciled(new VenueId(venue.Venue), venue.Flag == 1, venue.NowNs);
                return true;
            case EngineRecordType.SessionEnd:
                engine.EndSession();
                EndedOrderly = true;
                return true;
            default:
                return false;
        }
    }

    private bool TryBegin(ReadOnlySpan<byte> payload)
    {
        if (EngineRecords.DecodeSession(payload) is not { } session) return false;
        if (session.Session <= (Engine?.Session ?? 0)) return false;
        if (Engine is null)
        {
            Engine = _create(session);
            Engine.Calls.Hung = Hung;
        }

        LastSession = session;
        EndedOrderly = false;
        Engine.BeginSession(session, this, this);
        return true;
    }

    private bool TryFeedMarket(TradingEngine engine, ReadOnlySpan<byte> payload)
    {
        var count = payload.Length / MarketEvent.SizeBytes;
        if (count == 0 || count > _events.Length || payload.Length % MarketEvent.SizeBytes != 0) return false;
        payload.CopyTo(MemoryMarshal.AsBytes(_events.AsSpan())); // the journal's memory need not be aligned for the struct
        engine.OnMarketEvents(_events.AsSpan(0, count));
        return true;
    }

    /// <summary>A table, because this is asked of every one of ten million records.</summary>
    private static bool IsKnown(EngineRecordType type) => (uint)type < (uint)Known.Length && Known[(int)type];

    private void Compare(long sequence, EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        if (_hasSkipped && (_compared == _outputs.Count || !IsNext(type, payload)))
        {
            PassedOver++;
            return;
        }

        if (_compared == _outputs.Count)
        {
            Differ(sequence, Text(type, payload), "nothing");
            return;
        }

        var isSame = IsNext(type, payload);
        var output = _outputs[_compared++];
        if (!isSame)
        {
            Differ(sequence, Text(type, payload), Text(output));
            return;
        }

        if (type is EngineRecordType.Checkpoint or EngineRecordType.FinalState) Hashes++;
        else if (type is EngineRecordType.OrderIntent or EngineRecordType.CancelIntent or EngineRecordType.AmendIntent) Intents++;
    }

    private bool IsNext(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        var output = _outputs[_compared];
        return output.Type == type && payload.SequenceEqual(_bytes.AsSpan(output.Start, output.Length));
    }

    private void Differ(long sequence, string recorded, string replayed)
    {
        if (FirstDifference is not null) return;
        FirstDifference = new ReplayDifference(sequence, recorded, replayed);
        SwapProblem = _swapRefused;
    }

    private string Text((EngineRecordType Type, int Start, int Length) output) =>
        Text(output.Type, _bytes.AsSpan(output.Start, output.Length));

    private static string Text(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        if (type == EngineRecordType.OrderIntent && EngineRecords.TryRead<OrderIntentRecord>(payload, out var order)) return $"{type} {order}";
        if (type == EngineRecordType.AmendIntent && EngineRecords.TryRead<AmendIntentRecord>(payload, out var amend)) return $"{type} {amend}";
        if (type == EngineRecordType.OrderHeld && EngineRecords.TryRead<HeldOrderRecord>(payload, out var held)) return $"{type} {held}";
        if (type == EngineRecordType.StopMoved && EngineRecords.TryRead<StopMovedRecord>(payload, out var moved)) return $"{type} {moved}";
        if (type == EngineRecordType.HeldEnded && EngineRecords.TryRead<HeldEndRecord>(payload, out var ended)) return $"{type} {ended}";
        if (type == EngineRecordType.ParentOrder && EngineRecords.TryRead<ParentOrderRecord>(payload, out var parent)) return $"{type} {parent}";
        if (type == EngineRecordType.CancelIntent && EngineRecords.TryRead<CancelIntentRecord>(payload, out var cancel))
            return $"{type} {new ClientOrderId(cancel.ClientOrderId)}";
        if (type == EngineRecordType.Audit && payload.Length >= 24) return $"{type} number {BitConverter.ToInt64(payload[16..])}";
        if (type == EngineRecordType.OrderRefused && EngineRecords.TryRead<OrderRefusedRecord>(payload, out var refused)) return $"{type} {refused}";
        if (type is EngineRecordType.BreakerTripped or EngineRecordType.LimitBreach && EngineRecords.TryRead<LimitPassedRecord>(payload, out var passed)) return $"{type} {passed}";
        return EngineRecords.TryRead<StateRecord>(payload, out var state) ? $"{type} {state.StateHash:x16} after {state.Inputs} inputs" : $"{type}";
    }
}
