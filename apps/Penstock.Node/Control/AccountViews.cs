using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Node.Wiring;
using Penstock.Trading.Positions;

namespace Penstock.Node.Control;

/// <summary>Positions, balances, profit and loss as JSON (R83), read beside the running engine. Amounts are text: they have 16 decimals.</summary>
internal static class AccountViews
{
    public static JsonObject Positions(Pipeline pipeline)
    {
        var engine = pipeline.Engine;
        var positions = new JsonArray();
        foreach (var instrument in engine.Instruments.All)
        {
            for (var strategy = 0; strategy <= engine.Positions.Strategies; strategy++)
            {
                var position = engine.Positions.Of(strategy, instrument.Id);
                if (position.Fills == 0 && position.Funding.Raw == 0) continue;
                var mid = engine.Desk.MidTwice(instrument.Id);
                var otherFees = engine.Positions.OtherFees(strategy, instrument.Id);
                positions.Add(new JsonObject
                {
                    ["instrument"] = PeoplesNames.Of(pipeline, instrument), ["kind"] = instrument.Kind.ToString(), ["strategy"] = strategy, ["quantity"] = position.Quantity.ToString(),
                    ["averagePrice"] = position.AveragePriceOf(instrument.ContractSize).ToString(), ["realised"] = Text(position.Realised),
                    ["unrealised"] = Text(position.Unrealised(mid, instrument.ContractSize)), ["fees"] = Text(position.FeesQuote), ["feesBase"] = position.FeesBase.ToString(),
                    ["feesOther"] = Text(otherFees),
                    ["funding"] = Text(position.Funding), ["net"] = Text(position.Net(mid, instrument.ContractSize) - otherFees), ["currency"] = instrument.PaidIn.ToString(), ["fills"] = position.Fills,
                });
            }
        }

        return new JsonObject { ["positions"] = positions };
    }

    /// <summary>The ledger against what the venues say; a difference is listed with what rounding may explain, and how long it has been there.</summary>
    public static JsonObject Balances(Pipeline pipeline, long nowNs)
    {
        var balances = new JsonArray();
        var positions = pipeline.Engine.Positions;
        for (var index = 0; index < positions.Accounts.Length; index++)
            Add(balances, positions.Accounts[index], positions.Expected(index), pipeline, nowNs);
        for (var id = 1; id < positions.ContractAccounts.Length; id++)
        {
            var contract = positions.ContractAccounts[id];
            Add(balances, contract, contract.Opening + contract.Cash, pipeline, nowNs);
        }

        return new JsonObject { ["balances"] = balances, ["balanced"] = pipeline.Engine.Positions.IsBalanced };
    }

    private static void Add(JsonArray balances, AssetAccount account, Notional expected, Pipeline pipeline, long nowNs)
    {
        if (!account.IsReported && account.Postings == 0) return;
        balances.Add(new JsonObject
        {
            ["venue"] = PeoplesNames.Of(pipeline, account.Venue), ["asset"] = account.Asset.ToString(),
            ["opening"] = account.IsReported ? Text(account.Opening) : null,
            ["change"] = Text(account.Cash), ["fees"] = Text(account.Fees), ["funding"] = Text(-account.Funding), ["market"] = Text(account.Market),
            ["expected"] = account.IsReported ? Text(expected) : null,
            ["free"] = account.IsReported ? Text(account.Free) : null, ["locked"] = account.IsReported ? Text(account.Locked) : null,
            ["difference"] = Text(account.Difference), ["tolerance"] = Text(account.Tolerance), ["withinTolerance"] = account.IsWithinTolerance,
            ["differenceAgeMs"] = account.Difference.Raw == 0 ? 0 : Math.Max(0, (nowNs - account.DifferenceSinceNs) / 1_000_000),
            ["balanced"] = account.IsBalanced,
        });
    }

    /// <summary>Per strategy, venue and currency, and the day's.</summary>
    public static JsonObject ProfitAndLoss(Pipeline pipeline)
    {
        var engine = pipeline.Engine;
        var sums = new SortedDictionary<(int Strategy, byte Venue, string Currency), ProfitSum>();
        foreach (var instrument in engine.Instruments.All)
        {
            for (var strategy = 0; strategy <= engine.Positions.Strategies; strategy++)
            {
                var position = engine.Positions.Of(strategy, instrument.Id);
                if (position.Fills == 0 && position.Funding.Raw == 0) continue;
                var mid = engine.Desk.MidTwice(instrument.Id);
                var key = (strategy, instrument.Venue.Value, instrument.PaidIn.ToString());
                var unrealised = position.Quantity.Raw == 0 || mid <= 0 ? Notional.Zero : position.Unrealised(mid, instrument.ContractSize);
                var sum = sums.GetValueOrDefault(key);
                var fees = position.FeesQuote + engine.Positions.OtherFees(strategy, instrument.Id);
                sums[key] = new ProfitSum(sum.Realised + position.Realised, sum.Unrealised + unrealised, sum.Fees + fees, sum.Funding + position.Funding);
            }
        }

        var profits = engine.Desk.Controls.Profits;
        var isWhole = profits.Changes.TryRead(() => (profits.Total, profits.DayLoss), out var now);
        return new JsonObject
        {
            ["pnl"] = new JsonArray([.. sums.Select(s => (JsonNode)new JsonObject
            {
                ["strategy"] = s.Key.Strategy, ["venue"] = PeoplesNames.Of(pipeline, new VenueId(s.Key.Venue)), ["currency"] = s.Key.Currency, ["realised"] = Text(s.Value.Realised),
                ["unrealised"] = Text(s.Value.Unrealised), ["fees"] = Text(s.Value.Fees), ["funding"] = Text(s.Value.Funding),
                ["net"] = Text(s.Value.Realised + s.Value.Unrealised - s.Value.Fees + s.Value.Funding),
            })]),
            ["uncountedFees"] = engine.Positions.Statistics.FeesUncounted,
            ["total"] = isWhole ? Text(now.Total) : null, ["day"] = profits.Day, ["today"] = isWhole ? Text(-now.DayLoss) : null,
        };
    }

    private static string Text(Notional value) => (value.ToDecimal() / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private readonly record struct ProfitSum(Notional Realised, Notional Unrealised, Notional Fees, Notional Funding);
}
