using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Threads;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// An order session on a thread of its own, seen from the trading thread: for venues whose order entry is REST, which allocates and
/// takes its time (R88: a slow venue never slows the others). What is asked and what happens cross by two bounded queues:
/// <code>
///   trading thread                         the session's thread
///   TryPlace, TryCancel … ──▶ commands ──▶ session ──▶ venue
///   listener ◀── happenings ◀────────────── reports, balances, readiness
/// </code>
/// What the session cannot send after all comes back as a NotSent report. While the trading thread lets happenings pile up the
/// session is not stepped: nothing is dropped, and only this venue waits.
/// </summary>
public sealed class DetachedOrders : IAgent, IOrderGateway, IDisposable
{
    private const int CommandsMax = 1024;
    private const int HappeningsMax = 1 << 15;

    /// <summary>Room that one step of a session may need: several batches of reports.</summary>
    private const int HappeningsOfOneStep = 4 * ExecutionBatch.ReportsMax;

    private readonly OrderSession _session;
    private readonly IExecutionListener _listener;
    private readonly SpscQueue<DetachedCommand> _commands = new(CommandsMax);
    private readonly SpscQueue<DetachedEvent> _happenings = new(HappeningsMax);
    private bool _isReady;

    /// <param name="session">Not stepped by anybody else; this attaches itself as its listener.</param>
    /// <param name="listener">Called on the trading thread, from <see cref="DoWork"/>.</param>
    public DetachedOrders(OrderSession session, IExecutionListener listener)
    {
        _session = session;
        _listener = listener;
        Worker = new SessionAgent(this);
        session.Attach(Worker);
    }

    private enum CommandKind : byte
    {
        Place,
        Cancel,
        Amend,
        CancelAll,
        Query,
        Reconcile,
    }

    private struct DetachedCommand
    {
        public CommandKind Kind;
        public OrderRequest Order;
        public CancelRequest Cancel;
        public AmendRequest Amend;
        public InstrumentId Instrument;
        public ExchangeTime Since;
    }

    private enum HappeningKind : byte
    {
        Report,
        Balance,
        Funding,
        Session,
        Reconciled,
    }

    private struct DetachedEvent
    {
        public HappeningKind Kind;
        public ExecutionReport Report;
        public BalanceReport Balance;
        public FundingReport Funding;
        public VenueId Venue;
        public bool IsGood;
        public DisconnectReason Reason;
        public long NowNs;
    }

    /// <summary>Of the trading thread's side.</summary>
    public string Role => _session.Role;

    /// <summary>The session's side, for the thread it is to run on.</summary>
    public SessionAgent Worker { get; }

    /// <summary>As of the last happening taken: what is sent in between is refused later, by a NotSent report.</summary>
    public bool IsReady => _isReady;

    /// <summary>Commands refused because the session's thread is behind.</summary>
    public long CommandsRefused => _commands.Rejected;

    /// <summary>Trading thread: hands over what happened since.</summary>
    public int DoWork()
    {
        var work = 0;
        while (_happenings.TryDequeue(out var happening))
        {
            work++;
            switch (happening.Kind)
            {
                case HappeningKind.Report:
                    _listener.OnReport(in happening.Report);
                    break;
                case HappeningKind.Balance:
                    _listener.OnBalance(in happening.Balance);
                    break;
                case HappeningKind.Funding:
                    _listener.OnFunding(in happening.Funding);
                    break;
                case HappeningKind.Session:
                    _isReady = happening.IsGood;
                    _listener.OnSession(happening.Venue, happening.IsGood, happening.Reason, happening.NowNs);
                    break;
                default:
                    _listener.OnReconciled(happening.Venue, happening.IsGood, happening.NowNs);
                    break;
            }
        }

        return work;
    }

    /// <summary>Frees the queues; both threads must have stopped.</summary>
    public void Dispose()
    {
        _commands.Dispose();
        _happenings.Dispose();
    }

    public SendResult TryPlace(in OrderRequest order, out RejectReason reason) =>
        Hand(new DetachedCommand { Kind = CommandKind.Place, Order = order }, out reason);

    public SendResult TryCancel(in CancelRequest cancel, out RejectReason reason) =>
        Hand(new DetachedCommand { Kind = CommandKind.Cancel, Cancel = cancel }, out reason);

    public SendResult TryAmend(in AmendRequest amend, out RejectReason reason) =>
        Hand(new DetachedCommand { Kind = CommandKind.Amend, Amend = amend }, out reason);

    public SendResult TryCancelAll(InstrumentId instrument, out RejectReason reason) =>
        Hand(new DetachedCommand { Kind = CommandKind.CancelAll, Instrument = instrument }, out reason);

    /// <remarks>A full queue drops the question: the caller's own timer asks again.</remarks>
    public void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument) => _commands.TryEnqueue(new DetachedCommand
    {
        Kind = CommandKind.Query,
        Cancel = new CancelRequest { ClientOrderId = id, VenueOrderId = venueOrderId, Instrument = instrument },
    });

    public void RequestReconciliation(ExchangeTime fillsSince) =>
        _commands.TryEnqueue(new DetachedCommand { Kind = CommandKind.Reconcile, Since = fillsSince });

    private SendResult Hand(in DetachedCommand command, out RejectReason reason)
    {
        reason = RejectReason.None;
        if (!_isReady) return SendResult.NotConnected;
        return _commands.TryEnqueue(in command) ? SendResult.Sent : SendResult.Backlogged;
    }

    /// <summary>The session's thread.</summary>
    public sealed class SessionAgent : IAgent, IExecutionListener
    {
        private readonly DetachedOrders _owner;

        internal SessionAgent(DetachedOrders owner) => _owner = owner;

        public OrderSession Session => _owner._session;

        public string Role => $"rest-{_owner._session.Role}";

        public int DoWork()
        {
            if (HappeningsMax - _owner._happenings.Count < HappeningsOfOneStep) return 0;
            var work = 0;
            while (HappeningsMax - _owner._happenings.Count >= HappeningsOfOneStep && _owner._commands.TryDequeue(out var command))
            {
                work++;
                Obey(in command);
            }

            return work + _owner._session.DoWork();
        }

        public void OnStop() => _owner._session.OnStop();

        void IExecutionListener.OnReport(in ExecutionReport report) =>
            _owner._happenings.TryEnqueue(new DetachedEvent { Kind = HappeningKind.Report, Report = report });

        void IExecutionListener.OnBalance(in BalanceReport balance) =>
            _owner._happenings.TryEnqueue(new DetachedEvent { Kind = HappeningKind.Balance, Balance = balance });

        void IExecutionListener.OnFunding(in FundingReport funding) =>
            _owner._happenings.TryEnqueue(new DetachedEvent { Kind = HappeningKind.Funding, Funding = funding });

        void IExecutionListener.OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs) =>
            _owner._happenings.TryEnqueue(new DetachedEvent { Kind = HappeningKind.Session, Venue = venue, IsGood = ready, Reason = reason, NowNs = nowNs });

        void IExecutionListener.OnReconciled(VenueId venue, bool succeeded, long nowNs) =>
            _owner._happenings.TryEnqueue(new DetachedEvent { Kind = HappeningKind.Reconciled, Venue = venue, IsGood = succeeded, NowNs = nowNs });

        private void Obey(in DetachedCommand command)
        {
            var session = _owner._session;
            RejectReason reason;
            switch (command.Kind)
            {
                case CommandKind.Place:
                    Answer(session.TryPlace(in command.Order, out reason), reason, ExecutionKind.NotSent, command.Order.ClientOrderId, command.Order.Instrument);
                    break;
                case CommandKind.Cancel:
                    Answer(session.TryCancel(in command.Cancel, out reason), reason, ExecutionKind.CancelRejected, command.Cancel.ClientOrderId, command.Cancel.Instrument);
                    break;
                case CommandKind.Amend:
                    Answer(session.TryAmend(in command.Amend, out reason), reason, ExecutionKind.AmendRejected, command.Amend.ClientOrderId, command.Amend.Instrument);
                    break;
                case CommandKind.CancelAll:
                    session.TryCancelAll(command.Instrument, out _);
                    break;
                case CommandKind.Query:
                    session.RequestQuery(command.Cancel.ClientOrderId, command.Cancel.VenueOrderId, command.Cancel.Instrument);
                    break;
                default:
                    session.RequestReconciliation(command.Since);
                    break;
            }
        }

        /// <summary>What could not be sent after all is said in a report, as the caller was told "sent".</summary>
        private void Answer(SendResult result, RejectReason reason, ExecutionKind kind, ClientOrderId id, InstrumentId instrument)
        {
            if (result == SendResult.Sent) return;
            IExecutionListener self = this;
            self.OnReport(new ExecutionReport
            {
                Kind = kind, Venue = _owner._session.Venue, Instrument = instrument, ClientOrderId = id,
                Reason = result switch
                {
                    SendResult.NotEncodable => reason,
                    SendResult.Throttled => RejectReason.RateLimited,
                    SendResult.Killed => RejectReason.Killed,
                    _ => RejectReason.Transient,
                },
            });
        }
    }
}
