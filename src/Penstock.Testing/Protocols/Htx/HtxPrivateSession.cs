using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>The private socket: login, then orders, clearing and account.</summary>
internal sealed class HtxPrivateSession(HtxVenue venue, IFrameSink sink, long openedNs) : HtxKeyedSession(venue, sink, "/ws/v2", openedNs)
{
    protected override void HandleRequest(string action, JsonElement message, long nowNs)
    {
        var channel = StringOf(message, "ch");
        var topic = channel.Split('#')[0];
        if (!IsLoggedIn)
        {
            Answer(action, 2002, channel, "invalid.auth.state", nowNs);
            return;
        }

        if (action is not ("sub" or "unsub") || topic is not (HtxVenue.OrdersTopic or HtxVenue.ClearingTopic or HtxVenue.AccountTopic))
        {
            Answer(action, 2001, channel, "invalid.ch", nowNs);
            return;
        }

        Answer(action, 200, channel, "", nowNs);
        if (action == "sub") TrySubscribe(topic);
        else Unsubscribe(topic);
        if (action == "sub" && topic == HtxVenue.AccountTopic) SendBalances(nowNs);
    }

    protected override void OnMalformed(long nowNs) => Answer("req", 2002, "", "invalid field value", nowNs);

    /// <summary>The balances as they stand; their change has neither type nor time.</summary>
    private void SendBalances(long nowNs)
    {
        foreach (var asset in Venue.Market.Ledger.Assets)
        {
            Venue.WriteBalance(Text.Clear(), asset, "null", nowNs);
            Send(Text, FrameKinds.Private, nowNs);
        }
    }
}
