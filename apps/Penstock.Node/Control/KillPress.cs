using System.Globalization;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Logging;
using Penstock.Model.Instruments;
using Penstock.Node.Logging;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Control;

/// <summary>
/// One press, whatever it comes from: command, signal or file (R88). The word at the last hop first, which needs no other thread; then
/// the engine's own kill, journaled, which cancels what is live.
/// </summary>
internal sealed class KillPress
{
    private readonly KillWord _word;
    private readonly IReadOnlyList<string> _venues;
    private readonly int _strategies;
    private readonly Func<EngineCommand, Task<CommandResult>> _enqueue;
    private readonly LogRing _log;
    private long _presses;

    /// <param name="word">Read by every order session.</param>
    /// <param name="venues">Names in the order of their ids, from 1.</param>
    /// <param name="strategies">How many there are.</param>
    /// <param name="killed">What was killed when the journal was left: it stays so.</param>
    /// <param name="enqueue">Hands a command to the trading thread.</param>
    /// <param name="log">Each press is a line.</param>
    public KillPress(
        KillWord word, IReadOnlyList<string> venues, int strategies, IEnumerable<LimitScope> killed, Func<EngineCommand, Task<CommandResult>> enqueue, LogRing log)
    {
        (_word, _venues, _strategies, _enqueue, _log) = (word, venues, strategies, enqueue, log);
        foreach (var scope in killed) Write(scope, true);
    }

    /// <summary>Any thread. No order begins to leave after this returns.</summary>
    /// <returns>The engine's answer, when it comes.</returns>
    public Task<CommandResult> Press(LimitScope scope, string who, string why)
    {
        Interlocked.Increment(ref _presses);
        Write(scope, true);
        _log.Write(NodeMessages.Killed, scope.ToString(), who, why);
        return _enqueue(new EngineCommand { Kind = EngineCommandKind.Kill, Text = scope == LimitScope.Node ? "" : scope.ToString(), Who = who, Why = why, NowNs = 0 });
    }

    /// <summary>The engine decides first; the word follows, unless somebody pressed meanwhile.</summary>
    public CommandResult? Release(LimitScope scope, string who, string why, Func<EngineCommand, CommandResult?> send)
    {
        var presses = Interlocked.Read(ref _presses);
        var result = send(new EngineCommand { Kind = EngineCommandKind.Resume, Text = scope == LimitScope.Node ? "" : scope.ToString(), Who = who, Why = why, NowNs = 0 });
        if (result is not { Done: true }) return result;
        if (presses != Interlocked.Read(ref _presses)) return new CommandResult(false, "The kill switch was pressed again meanwhile; it stays.");
        Write(scope, false);
        return result;
    }

    /// <summary>A scope in a person's words: nothing or <c>all</c>, <c>venue NAME</c>, <c>strategy NUMBER</c>. Null when there is no such.</summary>
    public LimitScope? Parse(string text)
    {
        var words = text.Split([' ', ':', '=', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [] or ["all"] or ["node"] => LimitScope.Node,
            ["venue", var name] => Venue(name),
            ["strategy", var number] => Strategy(number),
            _ => null,
        };
    }

    public LimitScope? Venue(string name)
    {
        for (var i = 0; i < _venues.Count; i++)
        {
            if (_venues[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return LimitScope.Of(new VenueId((byte)(i + 1)));
        }

        return null;
    }

    public LimitScope? Strategy(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= 1 && id <= _strategies ? LimitScope.OfStrategy(id) : null;

    private void Write(LimitScope scope, bool killed)
    {
        switch (scope.Kind)
        {
            case LimitScopeKind.Venue:
                _word.SetVenue(new VenueId((byte)scope.Id), killed);
                break;
            case LimitScopeKind.Strategy:
                _word.SetStrategy(scope.Id, killed);
                break;
            default:
                _word.Set(killed);
                break;
        }
    }
}
