using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Controls;

/// <summary>One breaker that has tripped.</summary>
/// <param name="Name">The limit that was passed.</param>
/// <param name="Scope">Whose.</param>
/// <param name="Used">How far, at that moment.</param>
/// <param name="Cap">The limit then.</param>
/// <param name="AtNs">Engine time of the session in which it tripped.</param>
public readonly record struct TrippedBreaker(LimitName Name, LimitScope Scope, Int128 Used, Int128 Cap, long AtNs);

/// <summary>
/// The breakers that latch (R88): volatility per instrument, daily loss of the node and of strategies, error rate, repeated executions
/// of a strategy. What has tripped stays tripped, over restarts too, until a person arms it again. The engine's thread.
/// </summary>
public sealed partial class CircuitBreakers
{
    private readonly TrippedBreaker[] _tripped;
    private int _count;

    public CircuitBreakers(int instruments, int strategies) => _tripped = new TrippedBreaker[instruments + 2 * strategies + 2];

    /// <summary>For readers on other threads: <see cref="Tripped"/> is whole within one read of it.</summary>
    public SequenceLock Changes { get; } = new();

    /// <summary>In the order they tripped. Few, so they are searched, not indexed.</summary>
    public ReadOnlySpan<TrippedBreaker> Tripped => _tripped.AsSpan(0, _count);

    /// <summary>Since the first session.</summary>
    public long Trips { get; private set; }

    public bool IsTripped(LimitName name, LimitScope scope) => IndexOf(name, scope) >= 0;

    /// <summary>The first tripped breaker that stops an order of this strategy on this instrument.</summary>
    public bool TryFind(InstrumentId instrument, int strategy, out TrippedBreaker tripped)
    {
        foreach (ref readonly var one in Tripped)
        {
            var concerns = one.Scope.Kind switch
            {
                LimitScopeKind.Instrument => one.Scope.Id == instrument.Value,
                LimitScopeKind.Strategy => one.Scope.Id == strategy,
                _ => true,
            };
            if (!concerns) continue;
            tripped = one;
            return true;
        }

        tripped = default;
        return false;
    }

    /// <summary>False when it has tripped already.</summary>
    internal bool Trip(LimitName name, LimitScope scope, Int128 used, Int128 cap, long nowNs)
    {
        if (IndexOf(name, scope) >= 0) return false;
        Changes.BeginWrite();
        _tripped[_count++] = new TrippedBreaker(name, scope, used, cap, nowNs);
        Changes.EndWrite();
        Trips++;
        return true;
    }

    /// <summary>False when it has not tripped.</summary>
    internal bool Arm(LimitName name, LimitScope scope)
    {
        var index = IndexOf(name, scope);
        if (index < 0) return false;
        Changes.BeginWrite();
        _tripped.AsSpan(index + 1, _count - index - 1).CopyTo(_tripped.AsSpan(index));
        _tripped[--_count] = default;
        Changes.EndWrite();
        return true;
    }

    internal void AddTo(ref StateHasher hash)
    {
        foreach (ref readonly var one in Tripped)
        {
            hash.Add((long)one.Name, (long)one.Scope.Kind, one.Scope.Id);
            hash.Add(one.Used);
        }
    }

    private int IndexOf(LimitName name, LimitScope scope)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_tripped[i].Name == name && _tripped[i].Scope == scope) return i;
        }

        return -1;
    }
}
