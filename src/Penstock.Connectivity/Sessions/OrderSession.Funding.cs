using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Sessions;

/// <summary>
/// Funding payments (R83), from the venue's history: asked for when the stream tells of one, and after every reconciliation, for those that
/// nobody told. What comes twice is applied once.
/// </summary>
public sealed partial class OrderSession
{
    private const long FundingToken = 3;
    private const long FundingRetryNs = 1_000_000_000;

    /// <summary>A payment may be listed later than the stream tells of it, and those of several contracts one after the other.</summary>
    private static readonly long[] FundingPausesNs = [5_000_000_000, 55_000_000_000];

    private readonly IFundingHistory? _fundingHistory;
    private ExchangeTime _fundingSince;
    private long _nextFundingNs = long.MaxValue;
    private int _fundingAsks;
    private bool _fundingAsked;

    /// <param name="fillsSince">
    /// Of the process's first reconciliation: what came after it is ours. An account that never filled an order begins now, and what was paid
    /// before is in the balance it begins with.
    /// </param>
    private void BeginFundings(ExchangeTime fillsSince)
    {
        if (_fundingSince.UnixNs == 0) _fundingSince = fillsSince.UnixNs > 0 ? fillsSince : new ExchangeTime(_wall.UnixNs);
    }

    private void WantFundings(bool isTold)
    {
        if (_fundingHistory is null) return;
        _fundingAsks = isTold ? 0 : FundingPausesNs.Length;
        _nextFundingNs = long.MinValue;
    }

    private void AskFundings(long nowNs)
    {
        if (_fundingAsked || nowNs < _nextFundingNs || _fundingSince.UnixNs == 0) return;
        _fundingAsked = _rest.TryBegin(() => _fundingHistory!.Fundings(_fundingSince, _wall.UnixNs), FundingToken);
        _nextFundingNs = !_fundingAsked ? nowNs + FundingRetryNs
            : _fundingAsks < FundingPausesNs.Length ? nowNs + FundingPausesNs[_fundingAsks++] : long.MaxValue;
    }

    private void CompleteFundings(RestCompletion completion, long nowNs)
    {
        _fundingAsked = false;
        _batch.Reset();
        var cause = IsAnswer(completion)
            ? _fundingHistory!.DecodeFundings(completion.Status, completion.Body, _batch)
            : QuarantineCause.VenueError;
        if (cause == QuarantineCause.None)
        {
            Deliver(completion.ReceivedNs);
            return;
        }

        if (IsAnswer(completion)) Quarantine(cause, completion.ReceivedNs, completion.Body);
        _nextFundingNs = Math.Min(_nextFundingNs, nowNs + FundingRetryNs);
    }
}
