using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Control.ReadModels;

internal sealed partial class JournalModel
{
    partial void TakeControls(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case EngineRecordType.OrderHeld when EngineRecords.TryRead<HeldOrderRecord>(payload, out var held):
                OnOrder(in held.Order, isHeld: true);
                break;
            case EngineRecordType.HeldEnded when EngineRecords.TryRead<HeldEndRecord>(payload, out var ended):
                Orders.OnHeldEnded(ended.ClientOrderId, ended.State, _nowNs);
                break;
            case EngineRecordType.OrderRefused when EngineRecords.TryRead<OrderRefusedRecord>(payload, out var refused):
                OnRefused(refused);
                break;
            case EngineRecordType.BreakerTripped when EngineRecords.TryRead<LimitPassedRecord>(payload, out var tripped):
                Events.Add("alarm", "breaker", $"breaker tripped: {tripped}", ToUnixNs(tripped.NowNs));
                break;
            case EngineRecordType.LimitBreach when EngineRecords.TryRead<LimitPassedRecord>(payload, out var breach):
                Events.Add("alarm", "breach", $"beyond its cap after a fill: {breach}", ToUnixNs(breach.NowNs));
                break;
            case EngineRecordType.VenueBreaker when EngineRecords.TryRead<VenueBreakerRecord>(payload, out var breaker):
                var venue = Blueprint?.VenueName(new VenueId(breaker.Venue)) ?? "";
                var state = breaker.State.ToString().ToLowerInvariant();
                Events.Add(breaker.State == VenueBreakerState.Closed ? "info" : "warning", "breaker",
                    $"{venue}: its breaker is {state} after {breaker.Failures} failures", ToUnixNs(breaker.NowNs), venue);
                break;
        }
    }

    private void OnRefused(OrderRefusedRecord refused)
    {
        Count(refused.Strategy, rejects: 1 + refused.Skipped);
        if (IsRepeated(ref _seenRejects, _rebuilding.Rejects)) return;
        var name = Blueprint?.NameOf(new InstrumentId(refused.Instrument)) ?? "";
        Rejects.Add(json =>
        {
            json.Ms("atMs"u8, ToUnixNs(refused.NowNs));
            json.WriteNumber("strategy"u8, refused.Strategy);
            json.WriteString("instrument"u8, name);
            json.WriteString("side"u8, refused.Side == Side.Buy ? "buy"u8 : "sell"u8);
            json.WriteString("rule"u8, refused.Rule.ToString());
            json.WriteString("text"u8, refused.ToString());
            json.WriteNumber("skipped"u8, refused.Skipped);
        });
    }
}
