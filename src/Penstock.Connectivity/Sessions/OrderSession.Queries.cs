using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// The REST half: the login's token, queries of single orders, and reconciliation. A call that fails is repeated with back-off until it
/// is answered: only the answer settles what an order became. Not the hot path; it may allocate.
/// </summary>
public sealed partial class OrderSession
{
    private const int QueriesMax = 1024;
    private const long TokenToken = 1;
    private const long ReconciliationToken = 2;
    private const long FirstQueryToken = 16;

    private readonly Dictionary<ClientOrderId, OutstandingQuery> _queries = [];
    private readonly Dictionary<long, OutstandingQuery> _queriesByToken = [];
    private readonly Backoff _retryBackoff;
    private long _nextToken = FirstQueryToken;
    private long _nextQueryNs = long.MaxValue;
    private ExchangeTime _fillsSince;
    private bool _reconciling;
    private bool _reconciliationAsked;
    private bool _reconciliationDue;
    private int _reconciliationStep;
    private long _reconciliationNextNs;

    private sealed class OutstandingQuery(ClientOrderId id, Text40 venueOrderId, Instrument instrument, Backoff backoff)
    {
        public ClientOrderId Id { get; } = id;

        public Text40 VenueOrderId { get; } = venueOrderId;

        public Instrument Instrument { get; } = instrument;

        public Backoff Backoff { get; } = backoff;

        public bool Asked { get; set; }

        public long NextNs { get; set; } = long.MinValue;
    }

    /// <summary>Order queries not answered yet.</summary>
    public int QueriesOpen => _queries.Count;

    public bool IsReconciling => _reconciling;

    public void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
        // A query of the same order is already under way, and will be answered.
        if (_queries.ContainsKey(id)) return;
        if (_queries.Count >= QueriesMax || !_instruments.TryGetValue(instrument.Value, out var known))
        {
            Statistics.QueriesDropped++;
            return;
        }

        // The pause after a failure is at least a second: a venue in trouble is not helped by questions.
        _queries.Add(id, new OutstandingQuery(id, venueOrderId, known, new Backoff(new SeededGenerator(_options.Link.Seed ^ (ulong)id.Value))));
        _nextQueryNs = long.MinValue;
    }

    public void RequestReconciliation(ExchangeTime fillsSince)
    {
        // Asked again while one runs: that one may have read too early; a fresh one follows, from the earlier time. It runs to its end first: where
        // a round takes longer than the asker's patience, none would ever get beyond its first question.
        _fillsSince = _reconciling && _fillsSince.CompareTo(fillsSince) < 0 ? _fillsSince : fillsSince;
        BeginFundings(fillsSince);
        _reconciliationDue = _reconciling;
        if (_reconciling) return;
        _reconciling = true;
        _reconciliationStep = 0;
        _reconciliationNextNs = long.MinValue;
    }

    private int StepRest(long nowNs)
    {
        if (nowNs >= _nextQueryNs) AskQueries(nowNs);
        if (_fillsWanted.Count > 0) AskFills(nowNs);
        if (nowNs >= _nextFundingNs) AskFundings(nowNs);
        if (_reconciling && !_reconciliationAsked && nowNs >= _reconciliationNextNs) AskReconciliation(nowNs);
        if (_rest.PendingCount == 0) return 0;
        var work = _rest.Step(nowNs);
        while (_rest.TryTake(out var completion))
        {
            work++;
            Complete(completion, nowNs);
            completion.Release();
        }

        return work;
    }

    private void AskQueries(long nowNs)
    {
        _nextQueryNs = long.MaxValue;
        foreach (var query in _queries.Values)
        {
            if (query.Asked) continue;
            if (query.NextNs > nowNs)
            {
                _nextQueryNs = Math.Min(_nextQueryNs, query.NextNs);
                continue;
            }

            var token = _nextToken++;
            if (!_rest.TryBegin(() => _account.QueryOrder(query.Id, query.VenueOrderId, query.Instrument, _wall.UnixNs), token))
            {
                Retry(query, nowNs);
                continue;
            }

            query.Asked = true;
            _queriesByToken.Add(token, query);
        }
    }

    private void Complete(RestCompletion completion, long nowNs)
    {
        if (completion.Token == TokenToken)
        {
            _token = completion.IsSuccess && _protocol.AcceptToken(completion.Body) ? TokenState.Here : TokenState.Failed;
            if (_token == TokenState.Failed) Statistics.LoginsRefused++;
        }
        else if (completion.Token == ReconciliationToken)
        {
            CompleteReconciliation(completion, nowNs);
        }
        else if (completion.Token == FundingToken)
        {
            CompleteFundings(completion, nowNs);
        }
        else if (_queriesByToken.Remove(completion.Token, out var query))
        {
            CompleteQuery(query, completion, nowNs);
        }
        else if (_entryCalls.Remove(completion.Token, out var call))
        {
            CompleteEntry(call, completion);
        }
        else if (_fillCalls.Remove(completion.Token, out var instrument))
        {
            CompleteFills(instrument, completion, nowNs);
        }
    }

    private void CompleteQuery(OutstandingQuery query, RestCompletion completion, long nowNs)
    {
        _batch.Reset();
        var cause = IsAnswer(completion)
            ? _account.DecodeQuery(query.Id, query.Instrument, completion.Status, completion.Body, _batch)
            : QuarantineCause.VenueError;
        if (cause != QuarantineCause.None || _batch.Reports.IsEmpty)
        {
            if (IsAnswer(completion) && cause != QuarantineCause.None) Quarantine(cause, completion.ReceivedNs, completion.Body);
            Statistics.QueriesFailed++;
            query.Asked = false;
            Retry(query, nowNs);
            return;
        }

        Statistics.QueriesAnswered++;
        // Removed first: the listener may ask again at once.
        _queries.Remove(query.Id);
        Deliver(completion.ReceivedNs);
    }

    private void Retry(OutstandingQuery query, long nowNs)
    {
        query.NextNs = nowNs + Math.Max(1_000_000_000, query.Backoff.NextDelayNs());
        _nextQueryNs = Math.Min(_nextQueryNs, query.NextNs);
    }

    /// <summary>Two for each instrument, or for all at once; then the balances.</summary>
    private int ReconciliationSteps =>
        2 * (_account.AnswersForAllInstruments ? Math.Min(1, _options.Instruments.Count) : _options.Instruments.Count);

    /// <summary>Per instrument open orders, then fills; at the end the balances.</summary>
    private void AskReconciliation(long nowNs)
    {
        var step = _reconciliationStep;
        var begun = _rest.TryBegin(
            () => step == ReconciliationSteps ? _account.Balances(_wall.UnixNs)
                : step % 2 == 0 ? _account.OpenOrders(_options.Instruments[step / 2], _wall.UnixNs)
                : _account.Fills(_options.Instruments[step / 2], _fillsSince, _wall.UnixNs),
            ReconciliationToken);
        _reconciliationAsked = begun;
        if (!begun) _reconciliationNextNs = nowNs + _retryBackoff.NextDelayNs();
    }

    private void CompleteReconciliation(RestCompletion completion, long nowNs)
    {
        _reconciliationAsked = false;
        if (!TryDecodeReconciliation(completion))
        {
            Statistics.ReconciliationsFailed++;
            _reconciliationNextNs = nowNs + Math.Max(1_000_000_000, _retryBackoff.NextDelayNs());
            _listener!.OnReconciled(_options.Venue, succeeded: false, nowNs);
            return;
        }

        var last = _reconciliationStep == ReconciliationSteps;
        _reconciliationStep = last ? 0 : _reconciliationStep + 1;
        if (last) (_reconciling, _reconciliationDue) = (_reconciliationDue, false);
        Deliver(completion.ReceivedNs);
        // Reports may make the listener ask anew; then this round does not count as the end.
        if (!last || _reconciling) return;
        _retryBackoff.Reset();
        Statistics.Reconciliations++;
        WantFundings(isTold: false);
        _listener!.OnReconciled(_options.Venue, succeeded: true, nowNs);
    }

    private bool TryDecodeReconciliation(RestCompletion completion)
    {
        if (!IsAnswer(completion)) return false;
        _batch.Reset();
        var cause = QuarantineCause.None;
        if (_reconciliationStep == ReconciliationSteps)
        {
            cause = _account.DecodeBalances(completion.Status, completion.Body, _batch);
        }
        else if (_account.AnswersForAllInstruments)
        {
            for (var i = 0; i < _options.Instruments.Count && cause == QuarantineCause.None; i++)
                cause = DecodeReconciliation(_options.Instruments[i], completion);
        }
        else
        {
            cause = DecodeReconciliation(_options.Instruments[_reconciliationStep / 2], completion);
        }

        if (cause == QuarantineCause.None) return true;
        Quarantine(cause, completion.ReceivedNs, completion.Body);
        return false;
    }

    private QuarantineCause DecodeReconciliation(Instrument instrument, RestCompletion completion) => _reconciliationStep % 2 == 0
        ? _account.DecodeOpenOrders(instrument, completion.Status, completion.Body, _batch)
        : _account.DecodeFills(instrument, completion.Status, completion.Body, _batch);

    /// <summary>The venue itself has spoken: a 4xx may well be the answer ("no such order"); trouble and throttling are not.</summary>
    private static bool IsAnswer(RestCompletion completion) =>
        completion.Error == RestError.None && completion.Status is < 500 and not (429 or 418);
}
