using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Infrastructure.Threads;

namespace Penstock.Node.Configuration;

/// <summary>Everything a node is told, one JSON file. Unknown keys are errors; secrets are refused (they have a file of their own).</summary>
public sealed record NodeConfiguration
{
    public const int VersionSupported = 1;

    [Description("Version of this format.")]
    [Range(1, VersionSupported)]
    public int Version { get; init; } = VersionSupported;

    [Description("Name of the node, shown everywhere.")]
    [Required]
    public string Name { get; init; } = "node";

    [Description("Where orders go. sim: to simulated venues on this machine. paper: to a simulation in this process that goes by the real "
        + "books; no order leaves and keys are not even read. live: to the venues; penstock run needs --live, too.")]
    public NodeEnvironment Environment { get; init; } = NodeEnvironment.Paper;

    [Description("Seed of everything random in the node (reconnect jitter, strategies).")]
    public long Seed { get; init; } = 1;

    [Description("Venues to connect to.")]
    [Required]
    [MinLength(1)]
    public IReadOnlyList<VenueConfiguration> Venues { get; init; } = [];

    [Description("Where the accounts' keys are; without it only market data.")]
    public KeysConfiguration Keys { get; init; } = new();

    [Description("Strategies and the instruments they trade.")]
    public IReadOnlyList<StrategyConfiguration> Strategies { get; init; } = [];

    [Description("Limits every order is checked against.")]
    public RiskConfiguration Risk { get; init; } = new();

    [Description("File of what venues charge: a list of {venue, tier, symbol, makerBps, takerBps, from, to, source}; its line "
        + "for the day counts before the venue's makerFeePpm and takerFeePpm. An instrument with neither counts as expensive. Empty: only these two.")]
    public string FeeSchedule { get; init; } = "";

    [Description("When venues' prices of the same instrument count as apart.")]
    public ValidatorConfiguration Validator { get; init; } = new();

    [Description("How orders fare in environment paper, and what its accounts begin with.")]
    public PaperConfiguration Paper { get; init; } = new();

    [Description("When the node may trade.")]
    public ReadinessConfiguration Readiness { get; init; } = new();

    [Description("Snapshots, and how long the journal is kept.")]
    public RecoveryConfiguration Recovery { get; init; } = new();

    [Description("What becomes of a strategy that does not return.")]
    public WatchdogConfiguration Watchdog { get; init; } = new();

    [Description("Threads and how they idle.")]
    public ThreadsConfiguration Threads { get; init; } = new();

    [Description("Events a venue's ring holds; a power of two.")]
    [Range(1024, 1 << 24)]
    public int RingCapacity { get; init; } = 1 << 16;

    [Description("Size of one journal segment in MiB.")]
    [Range(1, 1024)]
    public int JournalSegmentMiB { get; init; } = 64;

    [Description("Folder of strategies and venues to load; empty: PENSTOCK_PLUGINS, or plugins in the home folder.")]
    public string Plugins { get; init; } = "";

    [Description("Record raw frames into the data folder.")]
    public bool Capture { get; init; }
}

/// <summary>One venue: which, what, and where if not the venue's own address.</summary>
public sealed record VenueConfiguration
{
    [Description("Name as in `penstock doctor`: binance, kraken, okx.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("Instruments in our spelling, e.g. BTC-USDT.")]
    [Required]
    [MinLength(1)]
    public IReadOnlyList<string> Symbols { get; init; } = [];

    [Description("REST address instead of the venue's own.")]
    public string Rest { get; init; } = "";

    [Description("Market data stream address instead of the venue's own.")]
    public string PublicStream { get; init; } = "";

    [Description("Private stream address instead of the venue's own.")]
    public string PrivateStream { get; init; } = "";

    [Description("Market data connections. Two or more are merged update by update, and any of them may fail; see docs/decisions/0009-several-connections-of-one-venue.md.")]
    [Range(1, 4)]
    public int Feeds { get; init; } = 1;

    [Description("Address of the stream for order entry, of venues that have one beside the private stream.")]
    public string OrderEntry { get; init; } = "";

    [Description("What the account pays as a maker, parts per million; negative is a rebate. Compared when an order may go to several venues.")]
    [Range(-10_000, 100_000)]
    public int MakerFeePpm { get; init; }

    [Description("What the account pays as a taker, parts per million.")]
    [Range(-10_000, 100_000)]
    public int TakerFeePpm { get; init; }

    [Description("The account's level in the fee schedule, in the venue's words; base is a new account's.")]
    public string FeeTier { get; init; } = "base";

    [Description("When it trades: nse, nyse, or a JSON file; empty: always. Outside of it no order leaves.")]
    public string Calendar { get; init; } = "";

    [Description("Pauses the venue announced, each from/to in UTC: 2026-11-22T02:00:00Z/2026-11-22T03:00:00Z.")]
    public IReadOnlyList<string> Maintenance { get; init; } = [];
}

/// <summary>One strategy on the instruments it trades.</summary>
public sealed record StrategyConfiguration
{
    [Description("Name of the strategy, e.g. market-making.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("Instrument and venue, e.g. BTC-USDT.BINANCE.")]
    public string Instrument { get; init; } = "";

    [Description("Instead of instrument, for a strategy that trades several at once: the same pair on two venues, or a pair.")]
    public IReadOnlyList<string> Instruments { get; init; } = [];

    [Description("Orders decided on older news than this when they would leave are dropped, milliseconds; 0 for never.")]
    [Range(0, 3_600_000)]
    public int SignalAgeMaxMs { get; init; }

    [Description("What one call of the strategy may take, microseconds; over it five times within ten seconds, it is switched off.")]
    [Range(10, 60_000_000)]
    public int BudgetUs { get; init; } = 250_000;

    [Description("The strategy's own settings.")]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>However they were written.</summary>
    public IEnumerable<string> AllInstruments() => Instrument.Length > 0 ? Instruments.Prepend(Instrument) : Instruments;
}

/// <summary>Limits of the risk gate. A value equal to a limit passes.</summary>
public sealed record RiskConfiguration
{
    [Description("Largest quantity of one order, in the base asset.")]
    [Range(0.0, 1e9)]
    public decimal OrderQuantityMax { get; init; } = 10m;

    [Description("Largest price × quantity of one order, in the quote asset.")]
    [Range(0.0, 1e9)]
    public decimal OrderNotionalMax { get; init; } = 10_000m;

    [Description("Largest absolute position per instrument with everything in flight counted as filled, in the base asset.")]
    [Range(0.0, 1e9)]
    public decimal PositionMax { get; init; } = 20m;

    [Description("Largest sum of absolute position values and live orders, in the quote asset.")]
    [Range(0.0, 1e9)]
    public decimal GrossNotionalMax { get; init; } = 1_000_000m;

    [Description("Furthest an order's price may be from the mid price, in basis points.")]
    [Range(1, 10_000)]
    public int PriceCollarBps { get; init; } = 500;

    [Description("Live orders per instrument.")]
    [Range(1, 1_000)]
    public int OpenOrdersMax { get; init; } = 20;

    [Description("Orders and cancels in any second, all instruments together.")]
    [Range(1, 1_000)]
    public int MessagesPerSecondMax { get; init; } = 100;

    [Description("Further limits by name as `penstock ctl limits list` shows them, with a scope where they are not the node's: \"daily-loss\": \"5000\", \"position strategy:1\": \"2\".")]
    public IReadOnlyDictionary<string, string> Limits { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a restart gets its state back.</summary>
public sealed record RecoveryConfiguration
{
    [Description("Journal records between two snapshots; one more is taken at an orderly stop.")]
    [Range(100, 1_000_000_000)]
    public int RecordsPerSnapshot { get; init; } = 250_000;

    [Description("Snapshots kept; older ones are removed.")]
    [Range(1, 100)]
    public int SnapshotsKept { get; init; } = 3;
}

/// <summary>What READY takes (DESIGN §5).</summary>
public sealed record ReadinessConfiguration
{
    [Description("Largest decision p99 in microseconds.")]
    [Range(1, 10_000_000)]
    public int DecisionP99MaxUs { get; init; } = 20_000;

    [Description("Length of one observation window in milliseconds.")]
    [Range(10, 10_000)]
    public int WindowMs { get; init; } = 500;

    [Description("Windows looked at.")]
    [Range(1, 100)]
    public int Windows { get; init; } = 20;

    [Description("Windows of them that must be good.")]
    [Range(1, 100)]
    public int GoodWindows { get; init; } = 19;
}

/// <summary>What a node's orders are worth.</summary>
public enum NodeEnvironment
{
    /// <summary>Simulated venues, at loopback addresses.</summary>
    Sim,
    /// <summary>Real market data, simulated execution; no order leaves.</summary>
    Paper,
    /// <summary>Real money, when the command line says so, too.</summary>
    Live,
}

/// <summary>How agents are laid on threads.</summary>
public sealed record ThreadsConfiguration
{
    [Description("inline: all on one hot thread. staged: one thread per venue and one for the trading core. auto: by the cores found.")]
    public ThreadLayout Plan { get; init; } = ThreadLayout.Auto;

    [Description("What hot threads do when idle; busySpin takes a whole core each. auto: by the cores found.")]
    public HotIdle Idle { get; init; } = HotIdle.Auto;

    [Description("First core to pin hot threads to; -1 pins nothing.")]
    [Range(-1, 1023)]
    public int PinFirstCore { get; init; } = -1;

    [Description("SCHED_FIFO priority of hot threads; 0 leaves the normal scheduler.")]
    [Range(0, 99)]
    public int FifoPriority { get; init; }

    /// <summary>The plan these wishes come to on a machine of that many cores, for feeds of those roles.</summary>
    public ThreadPlan ToPlan(int cores, IReadOnlyList<string> feeds)
    {
        var plan = Plan switch
        {
            ThreadLayout.Inline => ThreadPlan.Inline(),
            ThreadLayout.Staged => ThreadPlan.Staged(feeds),
            _ => ThreadPlan.Default(cores, feeds),
        };
        var idle = Idle switch
        {
            HotIdle.BackOff => IdleStrategies.BackOff,
            HotIdle.Yield => IdleStrategies.Yield,
            HotIdle.BusySpin => IdleStrategies.BusySpin,
            _ => null,
        };
        return plan.PlaceHot(idle, PinFirstCore >= 0 ? PinFirstCore : null, FifoPriority > 0 ? FifoPriority : null);
    }
}

/// <summary>How far the pipeline is spread over threads.</summary>
public enum ThreadLayout
{
    Auto,
    Inline,
    Staged,
}

/// <summary>The idle strategies that make sense on a hot thread; names as in a thread plan.</summary>
public enum HotIdle
{
    Auto,
    BackOff,
    Yield,
    BusySpin,
}
