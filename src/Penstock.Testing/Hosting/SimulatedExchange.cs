using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Penstock.Infrastructure.Time;
using Penstock.Model.Numbers;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>
/// One simulated venue on real sockets at 127.0.0.1 (E30): its market lives, its protocol is the real one, its faults are settable,
/// and its account can be asked for the truth. Members may be used from any thread.
/// </summary>
public sealed class SimulatedExchange : IAsyncDisposable
{
    private readonly SimulatedVenue _venue;
    private readonly ControlEndpoints _control;
    private VenueHost _host = null!;

    private SimulatedExchange(SimulatedVenue venue)
    {
        _venue = venue;
        _control = new ControlEndpoints(this);
    }

    public string Name => _venue.Options.Name;

    /// <summary>Counts up by itself, one every ten milliseconds of the machine's time: the venue has lived on.</summary>
    public long Steps => _host.Steps;

    public Uri Rest => _host.Address;

    public Uri PublicStream => _host.Stream(_venue.PublicPath);

    public Uri PrivateStream => _host.Stream(_venue.PrivatePath);

    public FaultPlan Faults => _venue.Faults;

    public SimulatedEndpoint Endpoint => new(
        Name, Rest, PublicStream, PrivateStream, _venue.Options.ApiKey, _venue.Options.Secret, _venue.Options.Passphrase,
        _venue.Symbols, _venue.OrderEntryPath is { } path ? _host.Stream(path) : null, _venue.Options.MakerFeePpm, _venue.Options.TakerFeePpm);

    public IReadOnlyList<SimulatedBalance> Balances => Account().Balances;

    public IReadOnlyList<SimulatedOrderView> OpenOrders => Account().OpenOrders;

    public IReadOnlyList<SimulatedFill> Trades => Account().Trades;

    /// <summary>
    /// Stops the background makers and takers while set, so that every client's book comes to rest and can be compared with
    /// <see cref="Book"/>. Orders of the account are treated as usual.
    /// </summary>
    public bool IsMarketPaused
    {
        get
        {
            lock (_host.Gate) return _venue.Market.IsPaused;
        }

        set
        {
            lock (_host.Gate) _venue.Market.IsPaused = value;
        }
    }

    /// <inheritdoc cref="SimulatedVenue.Speed"/>
    public int Speed
    {
        get
        {
            lock (_host.Gate) return _venue.Speed;
        }

        set
        {
            lock (_host.Gate) _venue.Speed = value;
        }
    }

    /// <summary>Funding of the account's open positions, now: longs pay a positive rate, shorts get it. Venues without contracts pay none.</summary>
    /// <param name="ratePpm">Millionths of a position's worth.</param>
    public void PayFunding(int ratePpm)
    {
        lock (_host.Gate) _venue.PayFunding(ratePpm, _host.UnixNs);
    }

    /// <summary>Starts the venue and listens.</summary>
    /// <param name="options">Which venue, which seed, which account.</param>
    /// <param name="clock">The venue's clock; the machine's unless given.</param>
    /// <param name="time">Drives the pump; the system's unless given.</param>
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="ArgumentException">No such venue.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<SimulatedExchange> StartAsync(
        SimulatedVenueOptions options, IWallClock? clock = null, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var exchange = new SimulatedExchange(SimulatedVenueCatalog.Create(options));
        exchange._host = await VenueHost.StartAsync(
            exchange._venue, clock ?? SystemWallClock.Instance, time ?? TimeProvider.System, options.Port,
            exchange._control.TryHandleAsync, cancel);
        return exchange;
    }

    /// <summary>Balances, open orders and fills at one moment.</summary>
    public SimulatedAccount Account()
    {
        lock (_host.Gate)
        {
            var market = _venue.Market;
            return new SimulatedAccount(
                [
                    .. _venue.Balances().Select(b => new SimulatedBalance(
                        b.Asset, new Notional(b.Free).ToDecimal(), new Notional(b.Locked).ToDecimal())),
                ],
                [.. market.OpenOrders().Select(SimulatedOrderView.Of)],
                [.. market.Trades.Select(SimulatedFill.Of)]);
        }
    }

    /// <summary>Every order of the account that the venue accepted and still remembers, ended ones too, by id.</summary>
    public IReadOnlyList<SimulatedOrderView> Orders()
    {
        lock (_host.Gate) return [.. _venue.Market.Orders().Select(SimulatedOrderView.Of)];
    }

    /// <summary>One instrument's book at one moment, best first: what every client's book should come to.</summary>
    /// <param name="symbol">BASE-QUOTE.</param>
    /// <exception cref="ArgumentException">The venue does not list it.</exception>
    public SimulatedBook Book(string symbol)
    {
        lock (_host.Gate)
        {
            var instrument = _venue.Market.Instruments.FirstOrDefault(i => i.Spec.Symbol == symbol)
                ?? throw new ArgumentException($"Expected one of {string.Join(", ", _venue.Symbols)}, found {symbol}.", nameof(symbol));
            return new SimulatedBook(SimulatedBook.Levels(instrument.Engine.Bids), SimulatedBook.Levels(instrument.Engine.Asks));
        }
    }

    /// <summary>Cuts every WebSocket now.</summary>
    public void DisconnectAll()
    {
        lock (_host.Gate)
        {
            foreach (var session in _venue.Sessions) session.Cut();
        }
    }

    /// <summary>Counts as a JSON-able map.</summary>
    public IReadOnlyDictionary<string, long> Statistics()
    {
        lock (_host.Gate)
        {
            var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var field in typeof(SimulatedVenueStatistics).GetFields())
                counts[JsonNamingPolicy.CamelCase.ConvertName(field.Name)] = (long)field.GetValue(_venue.Statistics)!;
            counts["connections"] = _venue.Sessions.Count;
            counts["ordersAccepted"] = _venue.Market.OrdersAccepted;
            counts["ordersRejected"] = _venue.Market.OrdersRejected;
            counts["fills"] = _venue.Market.Trades.Count;
            foreach (var kind in Enum.GetValues<FaultKind>()) counts["injected." + kind] = Faults.Injected(kind);
            return counts;
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
