using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Node.Backtesting;

/// <summary>
/// The journal of a session whose venue was the simulated execution, written as if it had been a real one: all that is known of it can be
/// counted by hand. One instrument; time moves only when told.
/// </summary>
internal sealed class JournaledSession : IDisposable
{
    /// <summary>A fixed delay each way, so that a comparison that takes the latency from the journal takes this.</summary>
    public static readonly SimulationOptions Venue = new()
    {
        JitterNs = 0, OrderLatencyNs = 5 * Ms, AckLatencyNs = 5 * Ms, Fees = FeeRates.FromBps(2m, 5m),
    };

    private readonly JournalWriter _writer;
    private readonly Backtest _run;
    private long _payments;

    /// <param name="folder">Of the journal.</param>
    /// <param name="blueprint">Null: <see cref="Quoting"/>.</param>
    /// <param name="startNs">The clock's reading at the start; a second before it the session begins.</param>
    /// <param name="sentAfterNs">As a node does, each order's moment of leaving is journaled, so long after its trigger; null journals none.</param>
    /// <param name="unixAtZeroNs">Named by the session where it is not null.</param>
    public JournaledSession(
        string folder, EngineBlueprint? blueprint = null, long startNs = 5_000_000 * Ms, long? sentAfterNs = null, long? unixAtZeroNs = null)
    {
        Folder = folder;
        Blueprint = blueprint ?? Quoting();
        Directory.CreateDirectory(folder);
        _writer = JournalWriter.Open(new JournalOptions { Directory = folder, SegmentBytes = 1 << 20, CreatedBy = "test" });
        Engine = EngineFactory.Create(Blueprint, out var books);
        Execution = new SimulatedExecution(new SimulatedExchange(Engine.Instruments, books, Venue), Venue);
        _run = new Backtest(Engine, Execution);
        NowNs = startNs;
        var session = new SessionInfo(1, 1, NowNs, Blueprint.ToJson()) { UnixNs = unixAtZeroNs is { } zeroNs ? NowNs + zeroNs : 0 };
        _run.Begin(session, sentAfterNs is { } after ? new SentStamps(_writer, after) : _writer);
    }

    public string Folder { get; }

    public EngineBlueprint Blueprint { get; }

    public TradingEngine Engine { get; }

    public SimulatedExecution Execution { get; }

    public long NowNs { get; private set; }

    /// <summary>The venue's clock less ours; 0: books without the venue's time.</summary>
    public long VenueLeadNs { get; init; }

    public static InstrumentId Only => new(1);

    /// <summary>One market maker on BTC-USDT of a venue that changes orders in place.</summary>
    public static EngineBlueprint Quoting(Func<Instrument, Instrument>? change = null, string size = "0.1")
    {
        var instrument = Instruments()[Btc];
        return new EngineBlueprint
        {
            Venues = ["okx"], Instruments = [InstrumentEntry.Of(change is null ? instrument : change(instrument))],
            Amends = [new VenueAmendEntry(1, 1, true, [])],
            Strategies =
            [
                new StrategyConfiguration
                {
                    Name = "market-making", Instrument = "BTC-USDT.OKX",
                    Settings = new Dictionary<string, string>
                    {
                        ["spreadBps"] = "20", ["size"] = size, ["inventoryMax"] = "5", ["requoteTicks"] = "2", ["skewFactor"] = "0",
                    },
                },
            ],
            Risk = new RiskConfiguration { Limits = new Dictionary<string, string> { ["volatility"] = "none", ["price-move"] = "none" } },
        };
    }

    public JournaledSession Book(decimal bid, decimal ask, long afterMs = 200)
    {
        NowNs += afterMs * Ms;
        var events = Snapshot(Only, bid, ask, NowNs);
        if (VenueLeadNs > 0) events[0].ExchangeTime = new ExchangeTime(NowNs + VenueLeadNs);
        _run.OnMarketEvents(events, NowNs);
        return this;
    }

    /// <param name="side">The aggressor's.</param>
    public JournaledSession Trade(Side side, decimal price, decimal quantity, long afterMs = 200)
    {
        NowNs += afterMs * Ms;
        _run.OnMarketEvents(
            [
                new MarketEvent
                {
                    Kind = MarketEventKind.Trade, Instrument = Only, Venue = Fixtures.Venue, Side = side, Price = Price.From(price),
                    Quantity = Quantity.From(quantity),
                    Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage, Received = new MonotonicTime(NowNs),
                },
            ], NowNs);
        return this;
    }

    /// <summary>The venue pays, or takes when negative.</summary>
    public JournaledSession Fund(decimal amount)
    {
        Engine.OnFunding(new FundingReport
        {
            Venue = Fixtures.Venue, Instrument = Only, AmountRaw = Quantity.From(amount).Raw, PaymentId = ++_payments,
            Received = new MonotonicTime(NowNs),
        });
        return this;
    }

    /// <summary>Ends the session in order; the journal is whole.</summary>
    public JournaledSession End()
    {
        _run.End();
        _writer.Dispose();
        return this;
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>Each order takes a nanosecond longer to leave than the one before it.</summary>
    private sealed class SentStamps(JournalWriter writer, long afterNs) : IJournalAppender
    {
        private long _orders;

        public long Sequence => writer.Sequence;

        public long Append(ushort type, ReadOnlySpan<byte> payload)
        {
            var sequence = writer.Append(type, payload);
            if ((EngineRecordType)type != EngineRecordType.OrderIntent
                || !EngineRecords.TryRead<OrderIntentRecord>(payload, out var intent)) return sequence;
            var sent = new OrderSentRecord { ClientOrderId = intent.ClientOrderId, SentNs = intent.TriggerNs + afterNs + _orders++ };
            return writer.Append((ushort)EngineRecordType.OrderSent, MemoryMarshal.AsBytes(new ReadOnlySpan<OrderSentRecord>(in sent)));
        }
    }
}
