using System.Text.Json.Nodes;
using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Node.Wiring;
using Penstock.Trading.Controls;
using Penstock.Trading.Risk;

namespace Penstock.Node.Control;

/// <summary>
/// Limits with their use, and breakers, as JSON. Read beside the running engine without stopping it: each figure is whole, and right for a
/// moment; what changes too fast to be read whole is left out.
/// </summary>
internal static class LimitViews
{
    public static JsonObject List(Pipeline pipeline, long nowNs)
    {
        var limits = new JsonArray();
        var table = pipeline.Engine.Risk.Caps;
        foreach (var (spec, scope, cap) in table.Changes.TryRead(() => table.All().ToList(), out var caps) ? caps : [])
        {
            var used = Used(pipeline, spec.Name, scope, nowNs);
            limits.Add(new JsonObject
            {
                ["name"] = spec.Text, ["scope"] = scope.ToString(), ["of"] = PeoplesNames.Of(pipeline, scope), ["unit"] = spec.Unit.ToString(),
                ["used"] = used is { } value ? LimitCatalog.Show(spec.Unit, value) : null, ["cap"] = LimitCatalog.Show(spec.Unit, cap), ["meaning"] = spec.Meaning,
            });
        }

        return new JsonObject
        {
            ["limits"] = limits,
            ["killed"] = new JsonArray([.. pipeline.Engine.Risk.Kills.List().Select(s => (JsonNode)s.ToString())]),
            ["rejects"] = new JsonArray([.. pipeline.Engine.Desk.Controls.Refusals.Last().Select(r => (JsonNode)Reject(pipeline, r, nowNs))]),
        };
    }

    public static JsonObject Breakers(Pipeline pipeline, long nowNs)
    {
        var controls = pipeline.Engine.Desk.Controls;
        var tripped = new JsonArray();
        foreach (var one in controls.Breakers.Changes.TryRead(() => controls.Breakers.Tripped.ToArray(), out var all) ? all : [])
        {
            var unit = LimitCatalog.Of(one.Name).Unit;
            tripped.Add(new JsonObject
            {
                ["name"] = LimitCatalog.Of(one.Name).Text, ["scope"] = one.Scope.ToString(), ["of"] = PeoplesNames.Of(pipeline, one.Scope),
                ["used"] = LimitCatalog.Show(unit, one.Used), ["cap"] = LimitCatalog.Show(unit, one.Cap), ["ageMs"] = (nowNs - one.AtNs) / 1_000_000,
            });
        }

        return new JsonObject
        {
            ["tripped"] = tripped,
            ["venues"] = new JsonArray([.. pipeline.Venues.Select(v => (JsonNode)new JsonObject
            {
                ["venue"] = v.Name, ["state"] = controls.Venues.StateOf(v.Id).ToString().ToLowerInvariant(), ["failures"] = controls.Venues.FailuresOf(v.Id),
                ["openings"] = controls.Venues.OpeningsOf(v.Id),
            })]),
        };
    }

    private static JsonObject Reject(Pipeline pipeline, OrderRefusedRecord refused, long nowNs) => new()
    {
        ["ageMs"] = (nowNs - refused.NowNs) / 1_000_000, ["strategy"] = refused.Strategy,
        ["instrument"] = pipeline.Engine.Instruments.Contains(new InstrumentId(refused.Instrument)) ? PeoplesNames.Of(pipeline, pipeline.Engine.Instruments[new InstrumentId(refused.Instrument)]) : $"{refused.Instrument}",
        ["side"] = refused.Side.ToString().ToLowerInvariant(), ["rule"] = refused.Rule.ToString(), ["text"] = refused.ToString(),
    };

    /// <summary>Null where the limit is about one order, or about a window's length. Of a limit that holds for each of many: the largest use.</summary>
    private static Int128? Used(Pipeline pipeline, LimitName name, LimitScope scope, long nowNs)
    {
        var desk = pipeline.Engine.Desk;
        var (exposures, profits) = (desk.Controls.Exposures, desk.Controls.Profits);
        var instrument = new InstrumentId(scope.Id);
        var venue = new VenueId((byte)scope.Id);
        return name switch
        {
            LimitName.Position => Over(pipeline, scope, i => Position(pipeline, i, scope)),
            LimitName.GrossExposure => Whole(exposures.Changes, () => scope.Kind switch
            {
                LimitScopeKind.Instrument => exposures.Of(instrument).Raw,
                LimitScopeKind.Strategy => exposures.OfStrategy(scope.Id).Raw,
                LimitScopeKind.Venue => exposures.Of(venue).Raw,
                _ => exposures.Total.Raw,
            }),
            LimitName.OpenOrders => scope.Kind switch
            {
                LimitScopeKind.Strategy => desk.Orders.InFlight.OrdersOf(scope.Id),
                LimitScopeKind.Venue => desk.Orders.InFlight.OrdersOf(venue),
                _ => Over(pipeline, scope, i => desk.Orders.OpenOrders(i.Id)),
            },
            LimitName.MessageRate => desk.Risk.MessagesUsed(nowNs, scope.Kind == LimitScopeKind.Strategy ? scope.Id : 0),
            LimitName.PriceMove => Over(pipeline, scope, i => desk.Controls.MoveBps(i.Id)),
            LimitName.Volatility => Over(pipeline, scope, i => desk.Controls.VolatilityBps(i.Id)),
            LimitName.DailyLoss => Whole(
                profits.Changes, () => Int128.Max(0, (scope.Kind == LimitScopeKind.Strategy ? profits.DayLossOf(scope.Id) : profits.DayLoss).Raw)),
            LimitName.ErrorRate => desk.Controls.Outcomes is { Orders: > 0 } outcomes ? (outcomes.Errors * 10_000 + outcomes.Orders - 1) / outcomes.Orders : 0,
            LimitName.VenueFailures => scope.Kind == LimitScopeKind.Venue ? desk.Controls.Venues.FailuresOf(venue)
                : pipeline.Venues.Count == 0 ? 0 : pipeline.Venues.Max(v => desk.Controls.Venues.FailuresOf(v.Id)),
            _ => null,
        };
    }

    private static Int128? Whole(SequenceLock changes, Func<Int128> read) => changes.TryRead(read, out var value) ? value : null;

    private static Int128 Over(Pipeline pipeline, LimitScope scope, Func<Instrument, Int128> use)
    {
        Int128 most = 0;
        foreach (var instrument in pipeline.Engine.Instruments.All)
        {
            if (scope.Kind == LimitScopeKind.Instrument && instrument.Id.Value != scope.Id) continue;
            if (scope.Kind == LimitScopeKind.Venue && instrument.Venue.Value != scope.Id) continue;
            most = Int128.Max(most, use(instrument));
        }

        return most;
    }

    /// <summary>The worst it can become if everything of one side fills.</summary>
    private static Int128 Position(Pipeline pipeline, Instrument instrument, LimitScope scope)
    {
        var (orders, positions) = (pipeline.Engine.Orders, pipeline.Engine.Positions);
        if (scope.Kind != LimitScopeKind.Strategy)
        {
            Int128 total = positions.Total(instrument.Id).Raw;
            return Int128.Max(total + orders.OpenBuy(instrument.Id).Raw, orders.OpenSell(instrument.Id).Raw - total);
        }

        Int128 own = positions.Of(scope.Id, instrument.Id).Quantity.Raw;
        return Int128.Max(own + orders.InFlight.Buy(scope.Id, instrument.Id).Raw, orders.InFlight.Sell(scope.Id, instrument.Id).Raw - own);
    }
}
