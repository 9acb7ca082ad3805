using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

/// <summary>What a frame on the private connection meant besides execution reports.</summary>
public enum OrderSignal : byte
{
    None,
    /// <summary>Logged in and subscribed: orders may be sent.</summary>
    SessionReady,
    LoginRefused,
    Pong,
    ReconnectRequested,
    /// <summary>The private stream lost messages: reconcile by REST.</summary>
    PrivateStreamGap,
}

/// <summary>
/// A venue's order entry and private stream on one connection: requests to bytes, bytes to reports. Never throws on foreign
/// input. Time is passed in (Unix nanoseconds) because signatures contain it.
/// </summary>
public interface IOrderProtocol
{
    /// <summary>Called for every new connection.</summary>
    void Reset();

    /// <summary>A REST call whose answer the login needs (a WebSocket token); null where none is needed.</summary>
    RestRequest? TokenRequest(long unixNs);

    /// <summary>False when the body holds no token.</summary>
    bool AcceptToken(ReadOnlySpan<byte> body);

    /// <summary>Path and query to append to the private stream URL; usually empty.</summary>
    string ConnectPath { get; }

    /// <summary>The frames to send first on a new connection (login, or the private subscriptions where no login exists).</summary>
    void WriteLogin(FrameWriter writer, long unixNs);

    /// <summary>Follow-up frames after a received one (subscribe after the login's ack); called after every decoded frame.</summary>
    void WritePending(FrameWriter writer, long unixNs);

    bool TryWritePing(FrameWriter writer);

    /// <summary>Encodes one order, or says why this venue cannot take it; then nothing was written. Allocates nothing.</summary>
    RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs);

    RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs);

    /// <summary>Encodes a change of price and quantity.</summary>
    RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    /// <summary>Encodes the cancellation of all of the account's orders on the instrument.</summary>
    RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer, long unixNs) => RejectReason.NotSupported;

    /// <summary>The conversation on the venue's separate socket for order entry; null where the private stream takes orders too.</summary>
    IEntryProtocol? Entry => null;

    /// <summary>One frame of the private connection. On a cause other than None nothing was added to the batch.</summary>
    QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch);

    /// <summary>What is asked by REST; the same object for the protocol's life.</summary>
    IAccountQueries Queries { get; }
}

/// <summary>
/// Order entry on a socket of its own (Bybit, HTX). What it sends for orders the <see cref="IOrderProtocol"/> writes; this is the rest of
/// the conversation. Its SessionReady means that orders may be sent.
/// </summary>
public interface IEntryProtocol
{
    /// <summary>Called for every new connection.</summary>
    void Reset();

    /// <summary>The frames to send first; nothing where the venue signs every request.</summary>
    void WriteLogin(FrameWriter writer, long unixNs);

    /// <summary>Follow-up frames; called after every decoded frame.</summary>
    void WritePending(FrameWriter writer, long unixNs);

    bool TryWritePing(FrameWriter writer);

    /// <summary>As <see cref="IOrderProtocol.Decode"/>.</summary>
    QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch);
}

/// <summary>
/// Order entry by REST, implemented beside <see cref="IOrderProtocol"/> where the venue has no other (Coinbase, KuCoin, Bitstamp). Forming
/// says why an order cannot be taken, then there is no request; it may be called more than once for one order, which is sent once.
/// Decoding is called for what the venue itself answered (below 500, not 429); whatever else happened is an unknown outcome.
/// </summary>
public interface IRestOrderEntry : IRestCancelAll
{
    RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request);

    QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request);

    QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request)
    {
        request = null;
        return RejectReason.NotSupported;
    }

    QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) => QuarantineCause.Malformed;
}

/// <summary>Cancel-all by REST; also for venues that take everything else on a socket (Bybit).</summary>
public interface IRestCancelAll
{
    RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request)
    {
        request = null;
        return RejectReason.NotSupported;
    }

    QuarantineCause DecodeCancelAll(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        QuarantineCause.Malformed;
}

/// <summary>How many reports and balances a batch held at a moment.</summary>
public readonly record struct BatchMark(int Reports, int Balances);

/// <summary>What one private frame or REST answer decoded to. Reused; receive stamps are filled by the caller.</summary>
public sealed class ExecutionBatch
{
    /// <summary>More reports than any one answer holds; the rest is cut and <see cref="IsFull"/> says so.</summary>
    public const int ReportsMax = 4096;

    private ExecutionReport[] _reports = new ExecutionReport[64];
    private BalanceReport[] _balances = new BalanceReport[64];
    private int _reportCount;
    private int _balanceCount;
    private FundingReport[] _fundings = new FundingReport[16];
    private int _fundingCount;
    private readonly InstrumentId[] _fillsWanted = new InstrumentId[64];
    private int _fillsWantedCount;

    public ReadOnlySpan<ExecutionReport> Reports => _reports.AsSpan(0, _reportCount);

    public ReadOnlySpan<BalanceReport> Balances => _balances.AsSpan(0, _balanceCount);

    public ReadOnlySpan<FundingReport> Fundings => _fundings.AsSpan(0, _fundingCount);

    public OrderSignal Signal { get; set; }

    /// <summary>The stream told of a funding payment without its contract: the session fetches the payments.</summary>
    public bool FundingsWanted { get; set; }

    /// <summary>Instruments whose fills are to be fetched by REST.</summary>
    public ReadOnlySpan<InstrumentId> FillsWanted => _fillsWanted.AsSpan(0, _fillsWantedCount);

    public bool IsFull { get; private set; }

    public void Reset()
    {
        _reportCount = _balanceCount = _fillsWantedCount = _fundingCount = 0;
        FundingsWanted = false;
        Signal = OrderSignal.None;
        IsFull = false;
    }

    /// <summary>Takes back what was added after these counts: a decoder that fails midway leaves the batch as it found it.</summary>
    public void CutTo(int reports, int balances)
    {
        _reportCount = Math.Min(_reportCount, reports);
        _balanceCount = Math.Min(_balanceCount, balances);
        IsFull = false;
    }

    /// <summary>Where the batch stands, for <see cref="Finish"/>.</summary>
    public BatchMark Mark() => new(_reportCount, _balanceCount);

    /// <summary>Ends a message of several rows: all of them, or none since the mark where a cause was found or a limit reached.</summary>
    public QuarantineCause Finish(QuarantineCause cause, BatchMark start)
    {
        if (IsFull) cause.KeepFirst(QuarantineCause.TooLarge);
        if (cause != QuarantineCause.None) CutTo(start.Reports, start.Balances);
        return cause;
    }

    /// <summary>The stream told of a fill without its trade (Coinbase): the session fetches the instrument's fills.</summary>
    public void RequestFills(InstrumentId instrument)
    {
        if (!FillsWanted.Contains(instrument) && _fillsWantedCount < _fillsWanted.Length) _fillsWanted[_fillsWantedCount++] = instrument;
    }

    /// <summary>The venue refused a request, or cannot say what became of it.</summary>
    public ref ExecutionReport AddRefusal(RequestKind kind, VenueId venue, ClientOrderId id, RejectReason reason, long rawCode)
    {
        ref var report = ref AddReport(
            reason == RejectReason.UnknownOutcome ? ExecutionKind.OutcomeUnknown
            : kind switch
            {
                RequestKind.Place => ExecutionKind.Rejected,
                RequestKind.Amend => ExecutionKind.AmendRejected,
                _ => ExecutionKind.CancelRejected,
            });
        if (report.Kind == ExecutionKind.Rejected) report.State = OrderState.Rejected;
        report.Venue = venue;
        report.ClientOrderId = id;
        report.Reason = reason;
        report.RawCode = (int)Math.Clamp(rawCode, int.MinValue, int.MaxValue);
        return ref report;
    }

    /// <summary>The venue knows no such order.</summary>
    public void AddOrderNotFound(VenueId venue, InstrumentId instrument, ClientOrderId id, long rawCode = 0)
    {
        ref var report = ref AddReport(ExecutionKind.OrderNotFound);
        report.Venue = venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Reason = RejectReason.OrderNotFound;
        report.RawCode = (int)Math.Clamp(rawCode, int.MinValue, int.MaxValue);
    }

    public void AddBalance(VenueId venue, Text16 asset, long freeRaw, long lockedRaw)
    {
        ref var balance = ref AddBalance();
        balance.Venue = venue;
        balance.Asset = asset;
        balance.FreeRaw = freeRaw;
        balance.LockedRaw = lockedRaw;
    }

    public void AddFunding(in FundingReport funding)
    {
        if (_fundingCount == _fundings.Length && _fundingCount < ReportsMax) Array.Resize(ref _fundings, _fundingCount * 2);
        if (_fundingCount == _fundings.Length) IsFull = true;
        else _fundings[_fundingCount++] = funding;
    }

    public ref ExecutionReport AddReport(ExecutionKind kind) => ref Add(ref _reports, ref _reportCount, kind);

    public ref BalanceReport AddBalance()
    {
        if (_balanceCount == _balances.Length && _balanceCount < ReportsMax) Array.Resize(ref _balances, _balanceCount * 2);
        if (_balanceCount == _balances.Length)
        {
            IsFull = true;
            _balanceCount--;
        }

        ref var added = ref _balances[_balanceCount++];
        added = default;
        return ref added;
    }

    private ref ExecutionReport Add(ref ExecutionReport[] items, ref int count, ExecutionKind kind)
    {
        if (count == items.Length && count < ReportsMax) Array.Resize(ref items, count * 2);
        if (count == items.Length)
        {
            IsFull = true;
            count--;
        }

        ref var added = ref items[count++];
        added = default;
        added.Kind = kind;
        return ref added;
    }
}
