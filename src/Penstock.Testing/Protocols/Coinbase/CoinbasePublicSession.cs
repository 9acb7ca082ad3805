using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>A market-data connection; keys are not needed.</summary>
internal sealed class CoinbasePublicSession(CoinbaseVenue venue, IFrameSink sink, long openedNs) : CoinbaseSession(venue, sink, openedNs)
{
    protected override string? Knows(string channel, JsonElement message, long nowNs)
    {
        if (channel is Heartbeats) return null;
        if (channel is not ("level2" or "market_trades" or "ticker" or "status")) return $"channel {channel} is not supported";
        var products = ProductsOf(message);
        return products.Count == 0 ? "product_ids are required" : products.Find(p => Venue.Find(p) is null) is { } unknown ? $"{unknown} is not a valid product" : null;
    }

    protected override void SendFirst(string channel, string product, long nowNs)
    {
        if (channel != Heartbeats) Venue.SendFirst(this, channel, product, nowNs);
    }
}
