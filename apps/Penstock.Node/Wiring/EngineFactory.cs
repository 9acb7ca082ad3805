using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Connectivity.RateLimits;
using Penstock.MarketData.Books;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Node.Configuration;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Risk;
using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Wiring;

/// <summary>Builds the engine a blueprint describes: the same one in a live session, a recovery and a replay.</summary>
internal static class EngineFactory
{
    public static TradingEngine Create(EngineBlueprint blueprint) => Create(blueprint, out _);

    /// <param name="books">The engine's own, for those who look at them beside it.</param>
    public static TradingEngine Create(EngineBlueprint blueprint, out IBookSource books)
    {
        Catalogs.LoadPlugins("");
        var table = blueprint.Table();
        books = new BookKeeperSource(new BookKeeper(table));
        var strategies = new List<(StrategySetup, IStrategy)>();
        foreach (var configured in blueprint.Strategies) strategies.Add(Strategy(configured, blueprint, table, (ushort)(strategies.Count + 1)));
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = books, Strategies = strategies, Versions = Catalogs.Versions,
            Limits = Limits(blueprint.Risk), NamedLimits = NamedLimits(blueprint, strategies.Count),
            Fees = blueprint.Fees.ToDictionary(f => new VenueId(f.Venue), f => (f.MakerPpm, f.TakerPpm)),
            InstrumentFees = blueprint.InstrumentFees.ToDictionary(f => new InstrumentId(f.Instrument), f => new FeeRates(f.MakerE8, f.TakerE8)),
            OrderLimits = blueprint.OrderLimits.GroupBy(l => l.Venue).ToDictionary(
                g => new VenueId(g.Key), g => (IReadOnlyList<RateLimit>)[.. g.Select(l => l.ToLimit())]),
            Amends = blueprint.Amends.ToDictionary(a => new VenueId(a.Venue), a => a.ToRate()),
        });
    }

    private static (StrategySetup, IStrategy) Strategy(StrategyConfiguration configured, EngineBlueprint blueprint, InstrumentTable table, ushort id)
    {
        var recorded = blueprint.Versions.ElementAtOrDefault(id - 1) ?? StrategyVersion.BuiltIn;
        var version = recorded;
        var strategy = recorded.Sha256.Length > 0 ? Catalogs.Versions.Create(recorded, configured.Name, out _) : null;
        // A file that was replaced since is taken as it is now: its state of a snapshot passes over, and a replay says where it decides otherwise.
        strategy ??= Catalogs.Create(configured.Name, out version)
            ?? throw new Problem(ExitCode.NotFound, $"this build has no strategy '{configured.Name}'", "strategies",
                $"known: {string.Join(", ", Catalogs.Strategies.Names)}{Catalogs.PluginProblems()}",
                "use the build that wrote the journal, and PENSTOCK_PLUGINS for its plugins");
        var instruments = configured.AllInstruments().Select(name => Find(name, blueprint, table)).ToArray();
        var settings = Settings(configured.Settings);
        var setup = new StrategySetup
        {
            Id = id, Kind = configured.Name, Instruments = instruments, Configuration = settings, Version = version,
            SignalAgeMaxMs = configured.SignalAgeMaxMs, BudgetUs = configured.BudgetUs,
        };
        return Refusal(strategy, settings) is { } wrong
            ? throw new Problem(ExitCode.Configuration, $"strategy {configured.Name} refuses its settings", $"strategies, {string.Join(' ', configured.AllInstruments())}", wrong, "correct its settings")
            : (setup, strategy);
    }

    private static string? Refusal(IStrategy strategy, string settings)
    {
        try
        {
            return strategy.Configure(settings);
        }
        catch (Exception e)
        {
            return $"it threw when it was given its settings: {e.GetType().Name}: {e.Message}";
        }
    }

    /// <summary>Settings as people write them, as the JSON a strategy takes.</summary>
    public static string Settings(IEnumerable<KeyValuePair<string, string>> settings) =>
        JsonSerializer.Serialize(settings.ToDictionary(s => s.Key, s => Value(s.Value)));

    private static InstrumentId Find(string name, EngineBlueprint blueprint, InstrumentTable table)
    {
        var (symbol, venue) = Split(name);
        var index = blueprint.Venues.ToList().FindIndex(v => v.Equals(venue, StringComparison.OrdinalIgnoreCase));
        return table.FindSymbol(new VenueId((byte)(index + 1)), symbol)?.Id
            ?? throw new Problem(ExitCode.NotFound, $"there is no instrument {name}", "strategies", "the venue does not list it", "penstock config check FILE");
    }

    private static (string Symbol, string Venue) Split(string instrument)
    {
        var dot = instrument.LastIndexOf('.');
        return dot < 0 ? (instrument, "") : (instrument[..dot], instrument[(dot + 1)..]);
    }

    /// <summary>Settings are text in the configuration; numbers and truth values become JSON's own.</summary>
    private static JsonNode? Value(string text) =>
        decimal.TryParse(text, System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : bool.TryParse(text, out var truth) ? JsonValue.Create(truth) : JsonValue.Create(text);

    /// <summary>Tried on a gate of its own first: what is wrong is the configuration's fault and is told as such.</summary>
    private static List<string> NamedLimits(EngineBlueprint blueprint, int strategies)
    {
        var limits = blueprint.Risk.Limits.Select(l => l.Key.Contains(' ', StringComparison.Ordinal) ? $"{l.Key} {l.Value}" : $"{l.Key} node {l.Value}").ToList();
        var gate = new RiskGate(blueprint.Table(), Limits(blueprint.Risk), strategies);
        foreach (var limit in limits)
        {
            if (Trading.Execution.ControlCommands.SetLimit(gate, limit) is { Done: false } wrong)
                throw new Problem(ExitCode.Configuration, $"the limit '{limit}' cannot be set", "risk, limits", wrong.Message, "penstock ctl limits list shows every name");
        }

        return limits;
    }

    private static RiskLimits Limits(RiskConfiguration risk) => new()
    {
        OrderQuantityMax = Quantity.From(risk.OrderQuantityMax), OrderNotionalMax = Notional.From(risk.OrderNotionalMax), PositionMax = Quantity.From(risk.PositionMax),
        GrossExposureMax = Notional.From(risk.GrossNotionalMax), CollarBps = risk.PriceCollarBps, OpenOrdersMax = risk.OpenOrdersMax, MessagesMax = risk.MessagesPerSecondMax,
    };
}
