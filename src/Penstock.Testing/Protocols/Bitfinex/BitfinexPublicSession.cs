using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>A market-data connection: books and trades, each a channel with a number of its own.</summary>
internal sealed class BitfinexPublicSession(BitfinexVenue venue, IFrameSink sink, long nowNs) : BitfinexSession(venue, sink, nowNs)
{
    /// <summary>Channels the venue allows on one connection.</summary>
    private const int ChannelsMax = 25;

    private readonly Dictionary<string, SubscribedChannel> _channels = [];

    private sealed class SubscribedChannel(long id, long nowNs)
    {
        public readonly long Id = id;
        public long LastNs = nowNs;
    }

    public override void Step(long nowNs)
    {
        base.Step(nowNs);
        foreach (var channel in _channels.Values) channel.LastNs = Beat(channel.Id, channel.LastNs, nowNs);
    }

    public bool TryChannel(string topic, out long id)
    {
        id = _channels.TryGetValue(topic, out var channel) ? channel.Id : 0;
        return id != 0;
    }

    public void SendSnapshot(long channel, BookView view, long nowNs)
    {
        Begin(channel).Raw("[");
        foreach (var level in view.Bids) WriteLevel(Text.Comma(), level, 1);
        foreach (var level in view.Asks) WriteLevel(Text.Comma(), level, -1);
        Text.Raw("]");
        End(FrameKinds.Control, nowNs);
        Touch(channel, nowNs);
    }

    /// <summary>One frame a level, what is gone first: between two frames the book is never crossed and never too deep. Returns how many.</summary>
    public int SendChanges(long channel, BookView view, long nowNs)
    {
        foreach (var gone in (bool[])[true, false])
        {
            foreach (var level in view.BidChanges) SendLevel(channel, level, 1, gone, nowNs);
            foreach (var level in view.AskChanges) SendLevel(channel, level, -1, gone, nowNs);
        }

        Touch(channel, nowNs);
        return view.BidChanges.Count + view.AskChanges.Count;
    }

    public void SendChecksum(long channel, int checksum, long nowNs)
    {
        if (!WantsChecksums) return;
        Begin(channel).Write($"\"cs\",{(Faults.TryTake(FaultKind.BadChecksum) ? checksum ^ 1 : checksum)}");
        End(FrameKinds.Market, nowNs);
    }

    public void SendTrade(long channel, string kind, in MarketPrint print, long nowNs)
    {
        WriteTrade(Begin(channel).Write($"\"{kind}\","), print);
        End(FrameKinds.Market, nowNs);
        Touch(channel, nowNs);
    }

    protected override void HandleEvent(string name, JsonElement message, long nowNs)
    {
        if (name == "subscribe") Open(StringOf(message, "channel"), StringOf(message, "symbol"), message, nowNs);
        else if (name == "unsubscribe") Close(message.GetProperty("chanId").GetInt64(), nowNs);
        else OnMalformed(nowNs);
    }

    private void Open(string channel, string symbol, JsonElement message, long nowNs)
    {
        var named = $",\"channel\":{JsonSerializer.Serialize(channel)},\"symbol\":{JsonSerializer.Serialize(symbol)}";
        var isBook = channel == "book";
        if (!isBook && channel != "trades")
        {
            Fail(10302, "channel: unknown", named, nowNs);
            return;
        }

        if (Venue.Find(symbol) is not { } feed)
        {
            Fail(10300, "symbol: invalid", named, nowNs);
            return;
        }

        var depth = isBook && int.TryParse(StringOf(message, "len"), out var given) ? given : 25;
        if (isBook && (depth is not (1 or 25 or 100 or 250) || StringOf(message, "prec") is not ("" or "P0") || StringOf(message, "freq") is not ("" or "F0")))
        {
            Fail(10300, "subscribe: invalid", named, nowNs);
            return;
        }

        var topic = isBook ? feed.BookTopic(depth) : feed.TradesTopic;
        if (_channels.ContainsKey(topic))
        {
            Fail(10301, "subscribe: dup", named, nowNs);
            return;
        }

        if (_channels.Count >= ChannelsMax)
        {
            Fail(10305, "subscribe: limit", named, nowNs);
            return;
        }

        var id = Venue.NextChannel();
        Text.Clear().Write($$"""{"event":"subscribed","channel":"{{channel}}","chanId":{{id}},"symbol":"{{symbol}}",""");
        if (isBook) Text.Write($$"""{{"\""}}prec":"P0","freq":"F0","len":"{{depth}}",""");
        Send(Text.Write($$"""{{"\""}}pair":"{{symbol[1..]}}"}"""), FrameKinds.Control, nowNs);
        if (isBook) Venue.SendBook(this, feed, depth, id, nowNs);
        else SendRecent(id, feed, nowNs);
        _channels.Add(topic, new SubscribedChannel(id, nowNs));
    }

    private void Close(long id, long nowNs)
    {
        var topic = _channels.FirstOrDefault(c => c.Value.Id == id).Key;
        if (topic is null)
        {
            Fail(10400, "unsubscribe: invalid", "", nowNs);
            return;
        }

        _channels.Remove(topic);
        Send(Text.Clear().Write($$"""{"event":"unsubscribed","status":"OK","chanId":{{id}}}"""), FrameKinds.Control, nowNs);
    }

    private void SendRecent(long channel, BitfinexVenue.Feed feed, long nowNs)
    {
        Begin(channel).Raw("[");
        foreach (var print in feed.Recent.Reverse()) WriteTrade(Text.Comma(), print);
        Text.Raw("]");
        End(FrameKinds.Control, nowNs);
    }

    private void SendLevel(long channel, in ViewLevel level, int sign, bool gone, long nowNs)
    {
        if (level.Quantity.Raw == 0 != gone) return;
        WriteLevel(Begin(channel), level, sign);
        End(FrameKinds.BookDelta, nowNs);
    }

    /// <summary>A level that is gone has no orders, and of its amount only the sign is left.</summary>
    private static void WriteLevel(Utf8Text text, in ViewLevel level, int sign)
    {
        text.Raw("[").Number(level.Price.Raw).Write($",{level.OrderCount},");
        if (level.Quantity.Raw == 0) text.Raw(sign > 0 ? "1]" : "-1]");
        else text.Number(sign * level.Quantity.Raw).Raw("]");
    }

    private static void WriteTrade(Utf8Text text, in MarketPrint print) =>
        text.Write($"[{print.TradeId},{SimulatedVenue.Ms(print.TimeNs)},").Number(print.Aggressor == Side.Buy ? print.Quantity.Raw : -print.Quantity.Raw)
            .Raw(",").Number(print.Price.Raw).Raw("]");

    private void Touch(long id, long nowNs)
    {
        foreach (var channel in _channels.Values)
        {
            if (channel.Id == id) channel.LastNs = nowNs;
        }
    }
}
