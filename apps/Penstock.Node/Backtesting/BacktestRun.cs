using System.Diagnostics;
using System.Globalization;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.MarketData.Books;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Trading;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Backtesting;

/// <summary>A back test from its sources to its result, journaled into a session folder like a live run.</summary>
internal static class BacktestRun
{
    public static BacktestResult Run(BacktestOrder order)
    {
        var range = new BacktestRange(order.From, order.To);
        var folder = Path.Combine(order.Data, "journal");
        var (source, blueprint) = Open(order);
        using (source)
        {
            if (Run(order, range, source, blueprint, folder) is { } result) return result;
        }

        // Nothing was traded: what was begun of a session goes again, so that the same folder may be named with a better range.
        Directory.Delete(folder, recursive: true);
        throw range.Nothing(order.Sources[0]);
    }

    private static BacktestResult? Run(BacktestOrder order, BacktestRange range, IMarketSource source, EngineBlueprint blueprint, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new Problem(ExitCode.Usage, "the session folder holds a journal already", folder, "a back test is a session of its own", "choose another --data DIR, or leave it out");
        Folders.Create(order.Data);
        using var writer = JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = $"penstock {typeof(BacktestRun).Assembly.GetName().Version} backtest" });
        var helper = new AgentRunner("journal", [new JournalPreparer(writer), new JournalCommitter(writer)], IdleStrategies.Create(IdleStrategies.Park)!);
        helper.Start();
        try
        {
            using var journal = new DigestJournal(writer);
            var result = Run(order, range, source, blueprint, journal, folder);
            return writer.Failed
                ? throw new Problem(ExitCode.Error, "the journal cannot be written", folder, writer.FailureText ?? "", "free space; or choose another --data DIR")
                : result;
        }
        finally
        {
            helper.Stop(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>Null when nothing of the source lies within the range.</summary>
    private static BacktestResult? Run(BacktestOrder order, BacktestRange range, IMarketSource source, EngineBlueprint blueprint,
        DigestJournal journal, string folder)
    {
        var engine = EngineFactory.Create(blueprint, out var books);
        var simulation = order.Simulation with
        {
            FeesByVenue = Fees(order, blueprint),
            FeesByInstrument = blueprint.InstrumentFees.ToDictionary(f => new InstrumentId(f.Instrument), f => new FeeRates(f.MakerE8, f.TakerE8)),
        };
        var execution = new SimulatedExecution(new SimulatedExchange(engine.Instruments, books, simulation), simulation);
        var watch = Stopwatch.StartNew();
        long startNs = 0, events = 0, stale = 0, crossed = 0, fundings = 0, fundingsLeftOut = 0;
        Backtest? backtest = null;
        while (source.TryRead())
        {
            var place = range.See(source.TimeNs, source.UnixNs);
            if (place == RangePlace.After)
            {
                if (range.Within > 0) break;
                // Read on, to be able to say what there is.
                backtest ??= new Backtest(engine, execution);
                continue;
            }

            long? unixAtZeroNs = source.UnixNs > 0 ? source.UnixNs - source.TimeNs : null;
            if (backtest is null)
            {
                startNs = source.TimeNs;
                backtest = new Backtest(engine, execution) { MayTrade = false, UnixAtZeroNs = unixAtZeroNs };
                var session = new SessionInfo(1, simulation.Seed, startNs, blueprint.ToJson()) { UnixNs = source.UnixNs };
                backtest.Begin(session, journal);
            }

            if (unixAtZeroNs is not null && unixAtZeroNs != backtest.UnixAtZeroNs) backtest.UnixAtZeroNs = unixAtZeroNs;
            backtest.MayTrade |= place == RangePlace.Within;
            if (order.Pace > 0) Keep(watch, source.TimeNs - startNs, order.Pace);
            if (source.Funding is { } paid)
            {
                var held = engine.Positions.Total(paid.Report.Instrument).Raw;
                if (paid.For(held) is not { } mine) fundingsLeftOut++;
                else if (held != 0) backtest.OnFunding(mine, source.TimeNs);
                if (held != 0 && paid.PositionRaw != 0) fundings++;
                continue;
            }

            backtest.OnMarketEvents(source.Events, source.TimeNs);
            events += source.Events.Length;
            Look(source.Events, books, ref stale, ref crossed);
        }

        if (backtest is null)
            throw new Problem(ExitCode.Error, "the source holds no market data", order.Sources[0], source.Problem ?? "not one event came out of it", $"penstock inspect recording {order.Sources[0]}");
        if (range.Within == 0) return null;
        var spanNs = backtest.NowNs - startNs;
        var hash = backtest.End();
        return new BacktestResult
        {
            Engine = engine, Blueprint = blueprint, Simulation = execution.Exchange.Statistics, StateHash = hash, OrdersDigest = journal.Digest, Events = events,
            Elapsed = watch.Elapsed, SpanNs = spanNs, Gaps = source.Gaps, Crossed = Math.Max(crossed, source.Crossed), Stale = stale, Journal = folder, Problem = source.Problem,
            Fundings = fundings, FundingsLeftOut = fundingsLeftOut,
        };
    }

    private static void Look(ReadOnlySpan<MarketEvent> events, IBookSource books, ref long stale, ref long crossed)
    {
        ref readonly var last = ref events[^1];
        if (last.Kind is MarketEventKind.BookDelta or MarketEventKind.BookSnapshot && books.Find(last.Instrument) is { } book && (book.Flags & BookFlags.Crossed) != 0) crossed++;
        foreach (ref readonly var e in events)
        {
            if (e.Kind == MarketEventKind.FeedHealth && (e.Flags & MarketEventFlags.Stale) != 0) stale++;
        }
    }

    private static void Keep(Stopwatch watch, long sinceStartNs, double pace)
    {
        var ahead = TimeSpan.FromTicks((long)(sinceStartNs / pace / 100)) - watch.Elapsed;
        if (ahead > TimeSpan.FromMilliseconds(1)) Thread.Sleep(ahead);
    }

    private static (IMarketSource Source, EngineBlueprint Blueprint) Open(BacktestOrder order)
    {
        if (order.Sources.Any(Directory.Exists))
        {
            if (order.Sources.Count > 1)
                throw new Problem(ExitCode.Usage, "a journal is replayed alone", string.Join(' ', order.Sources), "its clock is not that of other sources", $"penstock replay {order.Sources.First(Directory.Exists)} --strategy NAME");
            var journaled = JournaledMarkets.Open(order.Sources[0]);
            var own = journaled.Blueprint;
            var strategies = order.Strategy is null && order.Configuration is null ? own.Strategies : Strategies(order, own);
            return (journaled, Described(own with { Strategies = strategies, Risk = Limited(order.Configuration?.Risk ?? own.Risk, order) }, order));
        }

        var markets = order.Sources.Select(RecordedMarket.Load).ToList();
        var names = markets.Select(m => m.Name).Distinct(StringComparer.Ordinal).ToList();
        var blueprint = Blueprint(markets, names, order);
        blueprint = blueprint with { Strategies = Strategies(order, blueprint) };
        return (new RecordedMarkets([.. markets.Select(m => (m, IdOf(names, m)))], blueprint.Table()), Described(blueprint, order));
    }

    /// <summary>A limit named for the run counts before the same one of the configuration.</summary>
    private static RiskConfiguration Limited(RiskConfiguration risk, BacktestOrder order)
    {
        var limits = new Dictionary<string, string>(risk.Limits, StringComparer.Ordinal);
        foreach (var (name, value) in order.Limits) limits[name] = value;
        return risk with { Limits = limits };
    }

    private static EngineBlueprint Blueprint(List<RecordedMarket> markets, List<string> names, BacktestOrder order)
    {
        var table = new InstrumentTable();
        foreach (var market in markets)
        {
            foreach (var instrument in market.Instruments) table.Add(instrument with { Venue = IdOf(names, market) });
        }

        if (table.Count == 0)
            throw new Problem(ExitCode.Error, "the recordings hold no instrument", markets[0].File, "no book and no trade came out of them", $"penstock inspect recording {markets[0].File}");
        return new EngineBlueprint
        {
            Venues = names, Instruments = [.. table.All.Select(InstrumentEntry.Of)], Strategies = [],
            Risk = Limited(order.Configuration?.Risk ?? new RiskConfiguration(), order),
            OrderLimits = [.. markets.DistinctBy(m => m.Name).SelectMany(m => OrderLimitEntry.Of(IdOf(names, m).Value, m.Profile.OrderLimits))],
            Amends = [.. markets.DistinctBy(m => m.Name).SelectMany(m => VenueAmendEntry.Of(IdOf(names, m).Value, m.Profile))],
        };
    }

    private static VenueId IdOf(List<string> names, RecordedMarket market) => new((byte)(names.IndexOf(market.Name) + 1));

    private static EngineBlueprint Described(EngineBlueprint blueprint, BacktestOrder order)
    {
        var s = order.Simulation;
        // What the strategies believe a fill costs is what the simulation takes for it.
        var rates = Fees(order, blueprint);
        var entries = blueprint.Venues.Select((_, i) => (Id: (byte)(i + 1), Rates: rates.GetValueOrDefault(new VenueId((byte)(i + 1)), s.Fees)))
            .Select(v => new VenueFeeEntry(v.Id, (int)decimal.Round(v.Rates.MakerBps * 100), (int)decimal.Round(v.Rates.TakerBps * 100)));
        var fees = order.FeesByVenue.Count == 0 ? "" : string.Concat(order.FeesByVenue.Select(f => string.Create(CultureInfo.InvariantCulture, $", {f.Key} {f.Value.MakerBps}/{f.Value.TakerBps}")));
        return blueprint with
        {
            Fees = [.. entries], InstrumentFees = order.HasFees ? [] : blueprint.InstrumentFees,
            Simulation = string.Create(CultureInfo.InvariantCulture,
                $"{s.ToText()}, fees {s.Fees.MakerBps}/{s.Fees.TakerBps} bps{fees}, seed {s.Seed}"),
        };
    }

    private static Dictionary<VenueId, FeeRates> Fees(BacktestOrder order, EngineBlueprint blueprint)
    {
        var fees = new Dictionary<VenueId, FeeRates>();
        foreach (var (name, rates) in order.FeesByVenue)
        {
            var index = blueprint.Venues.ToList().FindIndex(v => v.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (index < 0) throw Unknown("venue", name, "--fees", blueprint.Venues);
            fees[new VenueId((byte)(index + 1))] = rates;
        }

        return fees;
    }

    /// <summary>Instances of the strategy as it wants its instruments: one each, one per pair on all venues, one per two of a venue.</summary>
    private static IReadOnlyList<StrategyConfiguration> Strategies(BacktestOrder order, EngineBlueprint blueprint)
    {
        var configured = order.Configuration?.Strategies.Where(s => order.Strategy is null || s.Name == order.Strategy).ToList() ?? [];
        if (configured.Count > 0) return [.. configured.Select(s => Configured(s, order, blueprint))];
        if (order.Strategy is null)
            throw new Problem(ExitCode.Configuration, "the configuration has no strategy", "strategies", "a back test needs one",
                "name one with --strategy NAME, or add it to the file");
        if (!Catalogs.Strategies.Names.Contains(order.Strategy)) throw Unknown("strategy", order.Strategy ?? "", "--strategy", Catalogs.Strategies.Names);
        var all = AllOf(blueprint);
        var wanted = order.Instruments.Count == 0 ? all : [.. order.Instruments.Select(w => all.Find(a => Same(a, w)) ?? throw Unknown("instrument", w, "--instrument", all))];
        var groups = Grouped(wanted, Catalogs.Strategies.GroupingOf(order.Strategy!), named: order.Instruments.Count > 0);
        return [.. groups.Select(g => new StrategyConfiguration { Name = order.Strategy!, Instruments = g, Settings = order.Settings })];
    }

    private static List<string> AllOf(EngineBlueprint blueprint) =>
        [.. blueprint.Instruments.Select(i => $"{i.Symbol}.{blueprint.Venues[i.Venue - 1].ToUpperInvariant()}")];

    /// <summary>A node's strategy on the source's instruments; a setting named for the run counts before its own.</summary>
    private static StrategyConfiguration Configured(StrategyConfiguration strategy, BacktestOrder order, EngineBlueprint blueprint)
    {
        var all = AllOf(blueprint);
        var settings = new Dictionary<string, string>(strategy.Settings, StringComparer.Ordinal);
        foreach (var (key, value) in order.Settings) settings[key] = value;
        return strategy with
        {
            Instrument = "", Settings = settings,
            Instruments = [.. strategy.AllInstruments().Select(w =>
                all.Find(a => Same(a, w)) ?? throw Unknown("instrument", w, $"strategies, {strategy.Name}", all))],
        };
    }

    /// <param name="all">As in BTC-USDT.OKX.</param>
    /// <param name="grouping">As the strategy asks.</param>
    /// <param name="named">A person named them: two instruments are the pair then, whatever their venues are.</param>
    private static List<string[]> Grouped(IReadOnlyList<string> all, InstrumentGrouping grouping, bool named)
    {
        List<string[]> groups = grouping switch
        {
            InstrumentGrouping.SamePair => [.. all.GroupBy(i => i[..i.LastIndexOf('.')]).Select(g => g.ToArray()).Where(g => g.Length > 1)],
            InstrumentGrouping.Pair when named && all.Count == 2 => [[.. all]],
            InstrumentGrouping.Pair => [.. all.GroupBy(i => i[(i.LastIndexOf('.') + 1)..]).Where(g => g.Count() > 1).Select(g => g.Take(2).ToArray())],
            _ => [.. all.Select(i => new[] { i })],
        };
        return groups.Count > 0 ? groups : throw new Problem(
            ExitCode.Usage, "no instruments belong together", string.Join(' ', all),
            grouping == InstrumentGrouping.Pair ? "the strategy trades two instruments" : "the strategy trades the same pair on two venues or more",
            "name recordings of both; or --instrument A --instrument B");
    }

    private static bool Same(string known, string wanted) => known.Equals(wanted, StringComparison.OrdinalIgnoreCase)
        || known.Replace("-", "", StringComparison.Ordinal).Equals(wanted.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

    private static Problem Unknown(string what, string name, string where, IEnumerable<string> known)
    {
        var nearest = Suggestions.Nearest(name, known);
        return new Problem(ExitCode.NotFound, $"there is no {what} '{name}'", where, $"known: {string.Join(", ", known)}", nearest is null ? "name one of these" : $"did you mean '{nearest}'?");
    }
}
