using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;

namespace Penstock.Strategies.Backtesting;

/// <summary>
/// The way between engine and simulated venues: requests arrive after the order latency, reports after the ack latency, each in the
/// order it left. Time is the recording's; the distribution comes from the seed, so two runs are the same run. One thread.
/// </summary>
public sealed class SimulatedExecution(SimulatedExchange exchange, SimulationOptions options) : IOrderOutbox
{
    private readonly Queue<PendingRequest> _requests = new(256);
    private readonly Queue<PendingAnswer> _answers = new(256);
    private readonly SeededRandom _random = new(options.Seed);
    private long _lastArrivalNs;
    private long _lastAnswerNs;

    private enum RequestKind : byte
    {
        Place,
        Cancel,
        Amend,
        Query,
        Reconcile,
    }

    private readonly record struct PendingRequest(RequestKind Kind, long DueNs, OrderRequest Order, CancelRequest Cancelled, AmendRequest Amended, VenueId Venue);

    /// <summary>A report, or the end of a reconciliation when it names a venue.</summary>
    private readonly record struct PendingAnswer(long DueNs, ExecutionReport Report, VenueId Reconciled);

    public SimulatedExchange Exchange => exchange;

    /// <summary>Recording's time while the engine acts; set by the loop.</summary>
    public long NowNs { get; set; }

    /// <summary>When the next thing is due; long.MaxValue when nothing is under way.</summary>
    public long NextDueNs => Math.Min(
        _requests.Count > 0 ? _requests.Peek().DueNs : long.MaxValue,
        _answers.Count > 0 ? _answers.Peek().DueNs : long.MaxValue);

    /// <summary>Requests that have not arrived yet.</summary>
    public int UnderWay => _requests.Count;

    public void Place(in RiskApproved<OrderRequest> order) => Send(RequestKind.Place, order: order.Value);

    public void Place(in OrderRequest order) => Send(RequestKind.Place, order: order);

    public void Cancel(in CancelRequest cancel) => Send(RequestKind.Cancel, cancel: cancel);

    public void Amend(in RiskApproved<AmendRequest> amend) => Send(RequestKind.Amend, amend: amend.Value);

    public void Amend(in AmendRequest amend) => Send(RequestKind.Amend, amend: amend);

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument) =>
        Send(RequestKind.Query, order: new OrderRequest { ClientOrderId = id, Instrument = instrument });

    public void Reconcile(VenueId venue, ExchangeTime fillsSince) => Send(RequestKind.Reconcile, venue: venue);

    /// <summary>
    /// Does what is due next, and gives the engine, or who else listens, what has reached it. Requests before answers of the same instant.
    /// </summary>
    /// <returns>The report of an order that reached us, if that was it.</returns>
    public bool Step(IExecutionListener? engine, out ExecutionReport report)
    {
        report = default;
        if (_requests.TryPeek(out var request) && (_answers.Count == 0 || request.DueNs <= _answers.Peek().DueNs))
        {
            _requests.Dequeue();
            Arrive(request);
            return false;
        }

        if (!_answers.TryDequeue(out var answer)) return false;
        NowNs = Math.Max(NowNs, answer.DueNs);
        if (answer.Reconciled != default)
        {
            engine?.OnReconciled(answer.Reconciled, succeeded: true, answer.DueNs);
            return false;
        }

        report = answer.Report;
        report.Received = new MonotonicTime(answer.DueNs);
        engine?.OnReport(report);
        return true;
    }

    /// <summary>Fetches what the venues said because of the market.</summary>
    public void Collect(long nowNs)
    {
        while (exchange.Reports.TryDequeue(out var report)) AnswerAt(nowNs, report, default);
    }

    private void Arrive(in PendingRequest request)
    {
        NowNs = Math.Max(NowNs, request.DueNs);
        switch (request.Kind)
        {
            case RequestKind.Place:
                exchange.Place(request.Order, request.DueNs);
                break;
            case RequestKind.Cancel:
                exchange.Cancel(request.Cancelled, request.DueNs);
                break;
            case RequestKind.Amend:
                exchange.Amend(request.Amended, request.DueNs);
                break;
            case RequestKind.Query:
                exchange.Query(request.Order.ClientOrderId, request.Order.Instrument, request.DueNs);
                break;
            default:
                exchange.QueryAll(request.Venue, request.DueNs);
                break;
        }

        Collect(request.DueNs);
        if (request.Kind == RequestKind.Reconcile) AnswerAt(request.DueNs, default, request.Venue);
    }

    private void Send(RequestKind kind, in OrderRequest order = default, in CancelRequest cancel = default, in AmendRequest amend = default, VenueId venue = default)
    {
        _lastArrivalNs = Math.Max(_lastArrivalNs, NowNs + Latency(options.OrderLatencyNs));
        _requests.Enqueue(new PendingRequest(kind, _lastArrivalNs, order, cancel, amend, venue));
    }

    private void AnswerAt(long nowNs, in ExecutionReport report, VenueId reconciled)
    {
        _lastAnswerNs = Math.Max(_lastAnswerNs, nowNs + Latency(options.AckLatencyNs));
        _answers.Enqueue(new PendingAnswer(_lastAnswerNs, report, reconciled));
    }

    /// <summary>In integers, so that every machine gets the same.</summary>
    private long Latency(long fixedNs)
    {
        if (options.JitterNs == 0) return fixedNs;
        const int Steps = 1_000;
        long u = _random.Next(Steps + 1);
        return fixedNs + (long)((Int128)options.JitterNs * u * u * u / ((long)Steps * Steps * Steps));
    }
}
