using Penstock.Model.Instruments;

namespace Penstock.Trading.Risk;

/// <summary>What is killed: everything, single venues, single strategies. The engine's own, journaled state; the engine's thread.</summary>
public sealed class KillScopes
{
    private readonly bool[] _strategies;
    private readonly bool[] _venues = new bool[byte.MaxValue + 1];

    public KillScopes(int strategies) => _strategies = new bool[strategies + 1];

    public bool All { get; private set; }

    /// <summary>Something is killed: its orders are cancelled again and again until they have ended.</summary>
    public bool Any { get; private set; }

    /// <summary>Of every kill and resume since the start, in their order: part of the engine's state hash.</summary>
    public long ChangesHash { get; private set; }

    public bool Has(VenueId venue) => _venues[venue.Value];

    public bool Has(int strategy) => (uint)strategy < (uint)_strategies.Length && _strategies[strategy];

    /// <summary>False when there is no such strategy, or an instrument is named: those have limits.</summary>
    public bool TrySet(LimitScope scope, bool killed)
    {
        switch (scope.Kind)
        {
            case LimitScopeKind.Node:
                All = killed; // the kill of a venue or strategy is somebody else's: it needs its own resume
                break;
            case LimitScopeKind.Strategy when scope.Id > 0 && scope.Id < _strategies.Length:
                _strategies[scope.Id] = killed;
                break;
            case LimitScopeKind.Venue when scope.Id is > 0 and <= byte.MaxValue:
                _venues[scope.Id] = killed;
                break;
            default:
                return false;
        }

        ChangesHash = ChangesHash * 31 + scope.Id * 8 + (long)scope.Kind * 2 + (killed ? 2 : 1);
        Any = All || Array.IndexOf(_strategies, true) >= 0 || Array.IndexOf(_venues, true) >= 0;
        return true;
    }

    /// <summary>The scopes killed, for people and the last hop. Allocates.</summary>
    public IReadOnlyList<LimitScope> List()
    {
        var list = new List<LimitScope>();
        if (All) list.Add(LimitScope.Node);
        for (var i = 1; i < _venues.Length; i++) if (_venues[i]) list.Add(new LimitScope(LimitScopeKind.Venue, i));
        for (var i = 1; i < _strategies.Length; i++) if (_strategies[i]) list.Add(LimitScope.OfStrategy(i));
        return list;
    }
}
