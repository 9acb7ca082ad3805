namespace Penstock.Venues.Kraken;

/// <summary>
/// The `sequence` of private messages. The venue's page says it counts by one per private message of the connection; its
/// examples also fit one count per channel. The second channel's first message decides: it either continues the first
/// channel's count, or starts its own. From then on a message out of step is a gap.
/// </summary>
internal sealed class KrakenSequence
{
    private long _executions;
    private long _balances;
    private long _connection;
    private bool _perChannel;

    public void Reset()
    {
        _executions = _balances = _connection = 0;
        _perChannel = false;
    }

    /// <returns>False when something before this message is missing or the order is wrong.</returns>
    public bool Accept(bool isExecutions, long sequence)
    {
        ref var own = ref isExecutions ? ref _executions : ref _balances;
        var isFirstOfChannel = own == 0;
        var isFirst = _connection == 0;
        if (isFirstOfChannel && !isFirst && sequence != _connection + 1) _perChannel = true;
        var follows = isFirst || (_perChannel ? isFirstOfChannel || sequence == own + 1 : sequence == _connection + 1);
        own = _connection = sequence;
        return follows;
    }
}
