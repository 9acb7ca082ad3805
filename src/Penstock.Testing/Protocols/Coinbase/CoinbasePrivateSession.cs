using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>A private connection: the user channel, by a token for every subscription. Orders are not taken here.</summary>
internal sealed class CoinbasePrivateSession(CoinbaseVenue venue, IFrameSink sink, long openedNs) : CoinbaseSession(venue, sink, openedNs)
{
    protected override string? Knows(string channel, JsonElement message, long nowNs)
    {
        if (channel is not (Heartbeats or CoinbaseVenue.UserTopic)) return $"channel {channel} is not supported";
        if (Venue.Token.Accepts(StringOf(message, "jwt"), "", nowNs)) return null;
        Venue.Statistics.AuthenticationFailures++;
        return "authentication failure";
    }

    /// <summary>The open orders, fifty a page; an empty page when there are none.</summary>
    protected override void SendFirst(string channel, string product, long nowNs)
    {
        if (channel != CoinbaseVenue.UserTopic) return;
        foreach (var page in Venue.Market.OpenOrders().Chunk(CoinbaseVenue.SnapshotPage).DefaultIfEmpty([]))
        {
            var text = Begin(CoinbaseVenue.UserTopic, nowNs).Raw("""{"type":"snapshot","orders":[""");
            foreach (var order in page)
            {
                text.Comma();
                CoinbaseOrders.WriteStreamRow(text, CoinbaseOrders.StatusOf(order));
            }

            text.Raw("""],"positions":{"perpetual_futures_positions":[],"expiring_futures_positions":[]}}""");
            End(FrameKinds.Private, nowNs);
        }
    }
}
