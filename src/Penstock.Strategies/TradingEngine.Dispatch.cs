using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Strategies;

/// <summary>Sessions, time, and who is told what once an input is applied: changed books, health, orders.</summary>
public sealed partial class TradingEngine
{
    private void LoseSession(VenueId venue)
    {
        Desk.Venues.OnSessionLost(venue);
        Desk.Controls.OnSessionLost(venue, _clock.NowNs);
        Orders.OnSessionLost(venue, _clock.NowNs);
        DispatchUnknown();
    }

    private void Complete(VenueId venue)
    {
        Desk.Venues.OnCompleted(venue, _clock.NowNs);
        if (_format >= Format2) Desk.Venues.CompareBalances(venue, Positions, Session, _clock.NowNs);
        foreach (var order in _becameUnknown) Desk.Controls.OnUnlisted(order, _clock.NowNs);
        DispatchUnknown();
        Desk.OnTimer(_clock.NowNs);
    }

    private void Step()
    {
        Desk.OnTimer(_clock.NowNs);
        foreach (var order in _becameUnknown) Desk.Controls.OnSilence(order, _clock.NowNs);
        Desk.CancelWhatTripped(_clock.NowNs);
        DispatchUnknown();
        foreach (var runner in _runners) runner.OnTimer(Now);
        SweepOrders();
    }

    private void Touch(InstrumentId instrument)
    {
        if (!_instruments.Contains(instrument) || _isTouched[instrument.Value]) return;
        _isTouched[instrument.Value] = true;
        _touched[_touchedCount++] = instrument;
    }

    private void TouchVenue(in MarketEvent health)
    {
        if (health.Instrument != InstrumentId.None)
        {
            Touch(health.Instrument);
            return;
        }

        for (var id = 1; id <= _instruments.Count; id++)
        {
            if (_instruments[new InstrumentId(id)].Venue == health.Venue) Touch(new InstrumentId(id));
        }
    }

    private void DispatchBooks()
    {
        for (var i = 0; i < _touchedCount; i++)
        {
            var id = _touched[i];
            _isTouched[id.Value] = false;
            var book = _books.Find(id);
            if (book is not null) _clock.TriggerNs = book.LastReceived.Ns;
            Desk.OnBook(id, new MonotonicTime(_clock.TriggerNs), _clock.NowNs);
            Desk.OnPrice(id, _clock.NowNs);
            foreach (var runner in _runnersOf[id.Value])
            {
                Statistics.BookCalls++;
                runner.OnBook(_instruments[id], book);
            }
        }

        _touchedCount = 0;
    }

    private void DispatchHealth(in MarketEvent marketEvent, bool isGap)
    {
        var isStale = (marketEvent.Flags & MarketEventFlags.Stale) != 0;
        var health = new HealthEvent(marketEvent.Instrument, marketEvent.Venue, isStale, isGap);
        foreach (var runner in _runners) runner.OnHealth(health);
    }

    private void DispatchOrder(Order order, in ExecutionReport report, ReportOutcome outcome)
    {
        var strategy = order.Request.Strategy;
        if (strategy >= 1 && strategy <= _runners.Length) _runners[strategy - 1].OnOrder(new OrderEvent(order, report, outcome));
    }

    private void DispatchUnknown()
    {
        for (var i = 0; i < _becameUnknown.Count; i++)
        {
            var order = _becameUnknown[i];
            var report = new ExecutionReport { Kind = ExecutionKind.OutcomeUnknown, ClientOrderId = order.ClientOrderId };
            DispatchOrder(order, report, ReportOutcome.Applied);
        }

        _becameUnknown.Clear();
    }

    /// <summary>What the engine did to orders by itself. What strategies cause meanwhile is told after the next input, so that none can keep this going.</summary>
    private void DispatchTold()
    {
        var count = Desk.Told.Count;
        for (var i = 0; i < count; i++)
        {
            var told = Desk.Told[i];
            if (Orders.Find(told.Order) is { } order)
                DispatchOrder(order, new ExecutionReport { Kind = told.Kind, ClientOrderId = told.Order, Reason = told.Reason }, ReportOutcome.Applied);
        }

        Desk.Told.RemoveRange(0, count);
    }
}
