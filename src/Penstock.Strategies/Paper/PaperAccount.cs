using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Strategies.Paper;

/// <summary>
/// The account of every venue on paper: what each has of each asset, changed by the fills that pass through here on their way to the node,
/// and told as a venue tells it, after each fill and at the end of a reconciliation. It keeps books of its own, so that the engine's are
/// compared with something. A fill on its way when the process dies happened on neither side. The trading thread only; allocates nothing.
/// </summary>
/// <remarks>Nothing is refused for want of money: what an account may owe is for the limits of risk to say.</remarks>
public sealed class PaperAccount : IExecutionListener
{
    private readonly InstrumentTable _instruments;
    private readonly IExecutionListener _listener;
    private readonly long _unixAtZeroNs;
    private readonly Holding[] _holdings;
    private readonly int[] _baseOf;
    private readonly int[] _paidInOf;

    /// <param name="engine">Recovered, or new: its ledger says where the accounts stand.</param>
    /// <param name="listener">Is told everything, in order.</param>
    /// <param name="options">What the accounts begin with.</param>
    public PaperAccount(TradingEngine engine, IExecutionListener listener, PaperOptions options)
    {
        _instruments = engine.Instruments;
        _listener = listener;
        _unixAtZeroNs = options.UnixAtZeroNs;
        _baseOf = new int[_instruments.Count + 1];
        _paidInOf = new int[_instruments.Count + 1];
        var holdings = new List<Holding>();
        // Contracts first: a venue's positions make its other balances be read as a contract's account is.
        foreach (var contract in _instruments.All.Where(i => i.Kind != InstrumentKind.Spot))
            _baseOf[contract.Id.Value] = Open(holdings, contract.Venue, contract.PositionAsset(), PaperRecovery.Contract(engine, contract.Id));
        foreach (var instrument in _instruments.All)
        {
            _paidInOf[instrument.Id.Value] = Open(holdings, engine, instrument.Venue, instrument.PaidIn, options);
            if (instrument.Kind != InstrumentKind.Spot) continue;
            _baseOf[instrument.Id.Value] = Open(holdings, engine, instrument.Venue, instrument.Base, options);
        }

        _holdings = [.. holdings];
    }

    private struct Holding
    {
        public VenueId Venue;
        public Text16 Asset;
        public Notional Total;
    }

    /// <summary>What the account has of an asset; null when it has no such account. A contract is an asset of its own.</summary>
    public Notional? BalanceOf(VenueId venue, string asset)
    {
        foreach (var holding in _holdings)
        {
            if (holding.Venue == venue && holding.Asset.ToString() == asset) return holding.Total;
        }

        return null;
    }

    /// <summary>The report with the venue's time as people have it, and after a fill the balances it moved.</summary>
    public void OnReport(in ExecutionReport report)
    {
        var told = report;
        told.ExchangeTime = new ExchangeTime(report.ExchangeTime.UnixNs + _unixAtZeroNs);
        _listener.OnReport(told);
        if (report.Kind != ExecutionKind.Fill) return;
        var value = _instruments[report.Instrument].ValueOf(report.LastPrice, report.LastQuantity);
        var amount = Notional.OfAmount(report.LastQuantity.Raw);
        var isBuy = report.Side == Side.Buy;
        var (@base, paidIn) = (_baseOf[report.Instrument.Value], _paidInOf[report.Instrument.Value]);
        _holdings[@base].Total += isBuy ? amount : -amount;
        _holdings[paidIn].Total += isBuy ? -value : value;
        if (IndexOf(report.Venue, report.FeeAsset) is var fee and >= 0) _holdings[fee].Total -= Notional.OfAmount(report.FeeRaw);
        Tell(@base, report.Received);
        Tell(paidIn, report.Received);
    }

    public void OnBalance(in BalanceReport balance) => _listener.OnBalance(balance);

    public void OnSession(VenueId venue, bool ready, DisconnectReason reason, long nowNs) => _listener.OnSession(venue, ready, reason, nowNs);

    /// <summary>A reconciliation ends with every balance of the venue, as a real one's does.</summary>
    public void OnReconciled(VenueId venue, bool succeeded, long nowNs)
    {
        for (var i = 0; i < _holdings.Length; i++)
        {
            if (_holdings[i].Venue == venue) Tell(i, new MonotonicTime(nowNs));
        }

        _listener.OnReconciled(venue, succeeded, nowNs);
    }

    private void Tell(int index, MonotonicTime received)
    {
        ref readonly var holding = ref _holdings[index];
        // Down, also below zero, as a venue rounds in its own favour.
        var (whole, rest) = Int128.DivRem(holding.Total.Raw, FixedPoint.Scale);
        if (rest < 0) whole--;
        _listener.OnBalance(new BalanceReport
        {
            Venue = holding.Venue, Asset = holding.Asset, FreeRaw = (long)Int128.Clamp(whole, long.MinValue, long.MaxValue), Received = received,
        });
    }

    private int IndexOf(VenueId venue, in Text16 asset)
    {
        for (var i = 0; i < _holdings.Length; i++)
        {
            if (_holdings[i].Venue == venue && _holdings[i].Asset.Equals(asset)) return i;
        }

        return -1;
    }

    private static int Open(List<Holding> holdings, TradingEngine engine, VenueId venue, Text16 asset, PaperOptions options)
    {
        var isPaidIn = engine.Instruments.All.Any(i => i.Venue == venue && i.PaidIn.Equals(asset));
        return Open(holdings, venue, asset, PaperRecovery.Asset(engine, venue, asset, Notional.From(options.StartOf(asset.ToString(), isPaidIn))));
    }

    private static int Open(List<Holding> holdings, VenueId venue, Text16 asset, Notional total)
    {
        var index = holdings.FindIndex(h => h.Venue == venue && h.Asset.Equals(asset));
        if (index >= 0) return index;
        holdings.Add(new Holding { Venue = venue, Asset = asset, Total = total });
        return holdings.Count - 1;
    }
}
