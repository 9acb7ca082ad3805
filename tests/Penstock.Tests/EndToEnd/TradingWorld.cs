using System.Runtime.Versioning;
using System.Diagnostics;
using Penstock.Connectivity;
using Penstock.Connectivity.Signing;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node.Configuration;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using Penstock.Tests.Venues;

namespace Penstock.Tests.EndToEnd;

/// <summary>What a world is made of.</summary>
internal sealed record WorldOptions
{
    public required IReadOnlyList<string> Venues { get; init; }

    public IReadOnlyList<string> Symbols { get; init; } = ["BTC-USDT"];

    public NodeEnvironment Environment { get; init; } = NodeEnvironment.Sim;

    /// <summary>False: market data only.</summary>
    public bool Quotes { get; init; } = true;

    /// <summary>Narrow enough to be the best bid and ask, so that takers meet it often.</summary>
    /// <summary>The node's clock is the machine's: for tests in which nothing may time out, however slow the machine is.</summary>
    public bool InRealTime { get; init; }

    /// <summary>Market-data connections of every venue.</summary>
    public int Feeds { get; init; } = 1;

    public decimal SpreadBps { get; init; } = 1m;

    public decimal Size { get; init; } = 0.02m;

    public int RequoteTicks { get; init; } = 60;

    public decimal InventoryMax { get; init; } = 0.08m;

    /// <summary>So few levels that all of them, our own quote included, are covered by Kraken's checksum of ten: what it does not cover it cannot show to be lost.</summary>
    public FlowOptions Flow { get; init; } = new() { Levels = 9, MakerActionsPerSecond = 200, TakerOrdersPerSecond = 12 };
}

/// <summary>
/// Simulated venues on real sockets and a node, in one process. The test's thread steps every agent of the node until a
/// condition holds; the limit is there to fail, not to wait.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class TradingWorld : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WorldOptions _options;
    private NodeConfiguration _configuration;
    private readonly string _folder;

    /// <summary>
    /// Per step of the venues, a hundredth of a second. Kraken and Coinbase show they are alive once a real second, and ten of the node's
    /// without it end the connection.
    /// </summary>
    private readonly double _hopSeconds;

    private TradingWorld(WorldOptions options, SimulatedFarm farm)
    {
        _options = options;
        _hopSeconds = options.Venues.Any(v => v is "kraken" or "coinbase") ? 0.07 : 0.25;
        Farm = farm;
        _folder = Directory.CreateTempSubdirectory("penstock-e2e-").FullName;
        _configuration = new NodeConfiguration
        {
            Name = "e2e", Environment = options.Environment,
            Venues = [.. options.Venues.Select(v => new VenueConfiguration { Name = v, Symbols = [.. options.Symbols.Select(s => Spelled(v, s))], Feeds = options.Feeds })],
            Strategies = options.Quotes ? [.. options.Venues.SelectMany(v => options.Symbols.Select(s => Quoting(v, Spelled(v, s))))] : [],
        };
        Node = NewNode();
    }

    public SimulatedFarm Farm { get; }

    public SimulatedExchange Exchange => Farm.Exchanges[0];

    public PushedClock Clock { get; } = new();

    public NodeUnderTest Node { get; private set; }

    public OrderStatistics Orders => Node.Engine.Orders.Statistics;

    public static async Task<TradingWorld> StartAsync(WorldOptions options)
    {
        var farm = await SimulatedFarm.StartAsync(
            options.Venues.Select((name, i) => new SimulatedVenueOptions { Name = name, Seed = 7 + (ulong)i, Flow = options.Flow }));
        return new TradingWorld(options, farm);
    }

    public static Task<TradingWorld> StartAsync(string venue) => StartAsync(new WorldOptions { Venues = [venue] });

    /// <summary>Steps the node until the condition holds.</summary>
    public void Until(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        var idle = new SpinWait();
        while (!condition())
        {
            if (Node.Step() > 0) idle.Reset();
            else idle.SpinOnce();
            if (Stopwatch.GetElapsedTime(started) > Patience) Assert.Fail($"Not within {Patience.TotalSeconds} s: {what}. {Describe()}");
        }
    }

    /// <summary>Lets the node live this long by its own clock, in hops; in each the venues live through a step of their own.</summary>
    public void Skip(double seconds)
    {
        for (var left = seconds; left > 0; left -= _hopSeconds)
        {
            Clock.Push(TimeSpan.FromSeconds(Math.Min(left, _hopSeconds)));
            var before = Farm.Exchanges.Select(e => e.Steps).ToArray();
            Until(() => HaveStepped(before), "a step of every venue");
        }
    }

    private bool HaveStepped(long[] since)
    {
        for (var i = 0; i < since.Length; i++)
        {
            if (Farm.Exchanges[i].Steps == since[i]) return false;
        }

        return true;
    }

    /// <summary>As <see cref="Until"/>, the node's clock running ahead: for what takes seconds of back-off or timeout.</summary>
    public void SkipUntil(Func<bool> condition, string what, double secondsMax = 120)
    {
        if (_options.InRealTime)
        {
            Until(condition, what);
            return;
        }

        for (var skipped = 0.0; !condition(); skipped += _hopSeconds)
        {
            if (skipped > secondsMax) Assert.Fail($"Not within {secondsMax} s of the node's time: {what}. {Describe()}");
            Skip(_hopSeconds);
        }
    }

    /// <summary>Connected, synchronised, reconciled, READY.</summary>
    public void Trade()
    {
        SkipUntil(IsComplete, "books synced and venues reconciled");
        Node.Send(EngineCommandKind.SetState, NodeState.Ready);
        Until(() => Node.Engine.State == NodeState.Ready, "READY");
    }

    public bool IsComplete() => Node.Pipeline.Venues.All(v =>
        !v.Ingest.IsStale && v.Ingest.BooksSynced == v.InstrumentCount && (v.IsOnPaper || v.Orders is { IsReady: true })
        && Node.Engine.Desk.Venues.IsResolved(v.Id));

    public void UntilFills(long more)
    {
        var wanted = Orders.Fills + more;
        SkipUntil(() => Orders.Fills >= wanted, $"{more} more fills", 300);
    }

    /// <summary>The books of all readers equal the matching engine's, level by level.</summary>
    public void AssertBooksEqual()
    {
        foreach (var exchange in Farm.Exchanges) exchange.IsMarketPaused = true;
        Node.Send(EngineCommandKind.SetState, NodeState.WarmUp);
        foreach (var exchange in Farm.Exchanges)
        {
            foreach (var symbol in _options.Symbols)
                SkipUntil(() => BookDifference(exchange, symbol) is null, $"the {symbol} book of {exchange.Name} equal to the venue's: {BookDifference(exchange, symbol)}", 30);
        }

        foreach (var exchange in Farm.Exchanges) exchange.IsMarketPaused = false;
    }

    /// <summary>Cancels what lives and compares every balance, fill and count with the venues' own.</summary>
    public void AssertAccountsEqual()
    {
        Node.Send(EngineCommandKind.Drain);
        SkipUntil(() => Node.Engine.State == NodeState.Draining && Node.Engine.Orders.Live.Count == 0, "no order live");
        SkipUntil(() => LedgerDifference() is null, $"ledger equal to the venues' balances: {LedgerDifference()}", 30);
        Assert.Equal(0, Orders.Unknown);
        Assert.Equal(0, Orders.FillsMissing);
        Assert.Equal(0, Orders.Overfills);
        Assert.Equal(0, Orders.IllegalReports);
        Assert.Equal(Farm.Exchanges.Sum(e => e.Trades.Count), Orders.Fills + Orders.OrphanFills);
        Assert.All(Farm.Exchanges, e => Assert.Empty(e.OpenOrders));
        Assert.All(Node.Pipeline.Venues, v => Assert.Equal(0, v.Ingest.Statistics.Unaccounted));
    }

    /// <summary>Ends the session and proves that the journal is the run.</summary>
    public void AssertReplays()
    {
        Node.Stop();
        var hash = Node.Engine.StateHash;
        var replay = Node.Replay();
        Assert.Null(replay.FirstDifference);
        Assert.True(replay.EndedOrderly);
        Assert.Equal(hash, replay.Engine!.StateHash);
        Assert.True(replay.Hashes > 0);
    }

    /// <summary>The node dies as a process does, its connections with it; a new one recovers from its journal.</summary>
    /// <param name="environment">Of the new one; the old one's without.</param>
    public void Restart(NodeEnvironment? environment = null)
    {
        foreach (var exchange in Farm.Exchanges) exchange.DisconnectAll();
        Node.Die();
        _configuration = _configuration with { Environment = environment ?? _configuration.Environment };
        Node = NewNode();
    }

    public string Describe() =>
        $"Live {Node.Engine.Orders.Live.Count}, placed {Orders.Placed}, acked {Orders.Acked}, fills {Orders.Fills}, unknown {Orders.Unknown}, missing {Orders.FillsMissing}; rejects: {Node.Rejects}; injected {string.Join(' ', Exchange.Statistics().Where(c => c.Key.StartsWith("injected", StringComparison.Ordinal) && c.Value > 0).Select(c => $"{c.Key[9..]} {c.Value}"))}; "
        + string.Join("; ", Node.Pipeline.Venues.Select(v => $"{v.Name}: deltas {v.Ingest.Statistics.Deltas}, checksums {v.Ingest.Statistics.ChecksumsMatched}/{v.Ingest.Statistics.ChecksumsMismatched}, invalidated {v.Ingest.Statistics.BooksInvalidated}, synced {v.Ingest.BooksSynced}, stale {v.Ingest.IsStale}, orders ready {v.Orders?.IsReady}, resolved {Node.Engine.Desk.Venues.IsResolved(v.Id)}, "
            + $"connects {v.Feed.LinkStatistics.Connects}/{v.Orders?.LinkStatistics.Connects}, reconciliations {v.Orders?.Statistics.Reconciliations}, failed {v.Orders?.Statistics.ReconciliationsFailed}, rest sent {v.Orders?.RestStatistics.Sent}, failed {v.Orders?.RestStatistics.Failed}"));

    public async ValueTask DisposeAsync()
    {
        Node.Die();
        await Farm.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private NodeUnderTest NewNode() => new(_folder, _configuration, [.. _options.Venues.Select(v => Access(Farm[v].Endpoint))], Clock);

    private static (string, VenueEndpoints, Credentials?) Access(SimulatedEndpoint endpoint) => (
        endpoint.Name, new VenueEndpoints { Rest = endpoint.Rest, PublicStream = endpoint.PublicStream, PrivateStream = endpoint.PrivateStream, OrderEntry = endpoint.OrderEntry },
        new Credentials { ApiKey = endpoint.ApiKey, Secret = endpoint.Secret, Passphrase = endpoint.Passphrase });

    private StrategyConfiguration Quoting(string venue, string symbol) => new()
    {
        Name = "market-making", Instrument = $"{symbol}.{venue}",
        Settings = new Dictionary<string, string>
        {
            ["spreadBps"] = Invariant(_options.SpreadBps), ["size"] = Invariant(_options.Size), ["inventoryMax"] = Invariant(_options.InventoryMax),
            ["requoteTicks"] = Invariant(_options.RequoteTicks),
        },
    };

    private static string Invariant(decimal value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The perpetual contract of a pair.</summary>
    public static string Contract(string symbol) => symbol + "-PERP";

    /// <summary>What a pair's market is called on the venue.</summary>
    private static string Spelled(string venue, string symbol) => FeedFixtures.Create(venue).Profile.Market == "spot" ? symbol : Contract(symbol);

    private string? BookDifference(SimulatedExchange exchange, string symbol)
    {
        var book = Node.Book(exchange.Name, symbol);
        if (book is not { Flags: BookFlags.Synced }) return $"flags {book?.Flags}";
        var truth = exchange.Book(Spelled(exchange.Name, symbol));
        return SideDifference(book, Side.Buy, truth.Bids) ?? SideDifference(book, Side.Sell, truth.Asks);
    }

    private static string? SideDifference(IOrderBook book, Side side, IReadOnlyList<SimulatedLevel> truth)
    {
        if (book.Count(side) != truth.Count) return $"{side}: {book.Count(side)} levels, {truth.Count} at the venue";
        var levels = new BookLevel[truth.Count];
        book.CopyTop(side, levels);
        for (var rank = 0; rank < truth.Count; rank++)
        {
            if (levels[rank].Price != truth[rank].Price || levels[rank].Quantity != truth[rank].Quantity) return $"{side} {rank}: {levels[rank]}, {truth[rank]} at the venue";
        }

        return null;
    }

    private string? LedgerDifference()
    {
        foreach (var exchange in Farm.Exchanges)
        {
            var venue = Node[exchange.Name].Id;
            foreach (var balance in exchange.Balances)
            {
                if (!_options.Symbols.Any(s => s.Split('-').Contains(balance.Asset) || ContractOf(s) == balance.Asset)) continue;
                if (Owned(venue, balance.Asset) is not { } owned) return $"{exchange.Name} {balance.Asset} not reported";
                if (owned != balance.Free + balance.Locked) return $"{exchange.Name} {balance.Asset}: ours {owned}, theirs {balance.Free + balance.Locked}";
            }
        }

        return null;
    }

    /// <summary>The asset that the position of a contract is told as: BTC-USDT-PERP is BTCUSDT.</summary>
    private static string ContractOf(string symbol) =>
        symbol.Replace("-PERP", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    private decimal? Owned(VenueId venue, string asset)
    {
        var positions = Node.Engine.Positions;
        for (var i = 0; i < positions.Accounts.Length; i++)
        {
            ref readonly var account = ref positions.Accounts[i];
            if (account.Venue == venue && account.Asset.ToString() == asset && account.IsReported) return positions.Expected(i).ToDecimal();
        }

        foreach (ref readonly var contract in positions.ContractAccounts)
        {
            if (contract.Venue == venue && contract.Asset.ToString() == asset && contract.IsReported)
                return (contract.Opening + contract.Cash).ToDecimal();
        }

        return null;
    }
}
