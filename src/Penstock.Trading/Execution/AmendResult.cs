using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>What became of the wish to change an order: on its way (its outcome comes as a report), or the rule that refused it.</summary>
public readonly record struct AmendResult(RiskReject Reject)
{
    public bool IsSent => Reject.Rule == RiskRule.None;
}
