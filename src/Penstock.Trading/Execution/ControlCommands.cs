using System.Globalization;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>What people tell risk: kill and resume, limits, breakers, the day. Text is parsed here, after it was journaled as it came.</summary>
public static class ControlCommands
{
    /// <summary>Applies one of the commands of risk.</summary>
    public static CommandResult Do(OrderDesk desk, EngineCommand command, long nowNs) => command.Kind switch
    {
        EngineCommandKind.Kill => Kill(desk, command.Text, nowNs),
        EngineCommandKind.Resume => Resume(desk, command.Text),
        EngineCommandKind.SetLimit => SetLimit(desk.Risk, command.Text),
        EngineCommandKind.ArmBreaker => Arm(desk, command.Text, nowNs),
        _ => BeginDay(desk, command.Text),
    };

    /// <summary>Sets one limit from <c>NAME SCOPE VALUE</c>.</summary>
    public static CommandResult SetLimit(RiskGate risk, string text)
    {
        if (LimitCatalog.TryParse(text, out var spec, out var scope, out var value) is { } malformed) return new CommandResult(false, malformed);
        var old = spec.Allows(scope.Kind) ? Shown(risk, spec, scope) : "";
        return risk.TrySetLimit(spec.Name, scope, value) is { } problem
            ? new CommandResult(false, problem)
            : new CommandResult(true, $"{spec.Text} {scope} is {LimitCatalog.Show(spec.Unit, value)}, was {old}.");
    }

    /// <summary>Killed, what still lives is cancelled again.</summary>
    public static void CancelWhatIsKilled(OrderDesk desk, long nowNs)
    {
        if (desk.Risk.IsKilled)
        {
            desk.CancelAll(LimitScope.Node, nowNs);
            return;
        }

        for (var order = desk.Orders.Live.First; order is not null;)
        {
            var following = Orders.OrderList.After(order);
            if (desk.Risk.Kills.Has(order.Venue) || desk.Risk.Kills.Has(order.Request.Strategy)) desk.Cancel(order, default, nowNs);
            order = following;
        }
    }

    private static string Shown(RiskGate risk, LimitSpec spec, LimitScope scope) => scope.Id > 0 && scope.Kind switch
    {
        LimitScopeKind.Strategy => scope.Id > risk.Caps.Strategies,
        LimitScopeKind.Venue => scope.Id > byte.MaxValue,
        _ => scope.Id > risk.Caps.Instruments,
    } ? "" : LimitCatalog.Show(spec.Unit, risk.Caps.At(spec.Name, scope));

    private static CommandResult Kill(OrderDesk desk, string text, long nowNs)
    {
        if (!LimitScope.TryParse(text, out var scope) || !desk.Risk.Kills.TrySet(scope, true)) return NoScope(text);
        return new CommandResult(true, $"Killed {scope}; {desk.CancelAll(scope, nowNs)} cancels sent.");
    }

    private static CommandResult Resume(OrderDesk desk, string text)
    {
        if (!LimitScope.TryParse(text, out var scope) || !desk.Risk.Kills.TrySet(scope, false)) return NoScope(text);
        var left = desk.Risk.Kills.List();
        return new CommandResult(true, left.Count == 0 ? $"Resumed {scope}." : $"Resumed {scope}; still killed: {string.Join(", ", left)}.");
    }

    private static CommandResult Arm(OrderDesk desk, string text, long nowNs)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 1 or > 2 || LimitCatalog.Find(words[0]) is not { } spec) return new CommandResult(false, $"Expected BREAKER [SCOPE], was '{text}'.");
        if (!LimitScope.TryParse(words.Length == 2 ? words[1] : "", out var scope)) return NoScope(words[^1]);
        return desk.Controls.TryArm(spec.Name, scope, nowNs) is { } problem
            ? new CommandResult(false, problem)
            : new CommandResult(true, $"Armed {spec.Text} {scope}; it measures anew from here.");
    }

    private static CommandResult BeginDay(OrderDesk desk, string text)
    {
        var isDay = DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        if (!isDay) return new CommandResult(false, $"Expected a day as yyyymmdd, was '{text}'.");
        return new CommandResult(true, desk.Controls.Profits.BeginDay(int.Parse(text, CultureInfo.InvariantCulture)) ? $"Day {text} begins." : $"It is day {text} already.");
    }

    private static CommandResult NoScope(string text) => new(false, $"There is no '{text}'; expected nothing for everything, venue:N or strategy:N.");
}
