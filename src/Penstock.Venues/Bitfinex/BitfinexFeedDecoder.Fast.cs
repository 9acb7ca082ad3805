using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// The arrays of books and trades, the checksum and the heartbeat, without white space. False means "not exactly that", never
/// "wrong": the caller then decodes again with care.
/// </summary>
internal sealed partial class BitfinexFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake((byte)'[') || !scanner.TryTakeInt64(out var id) || !scanner.TryTake((byte)',')) return false;
        if (!Channels.TryFind(id, out var channel)) return false;
        if (scanner.TryTake((byte)'['))
            return channel.Kind == BitfinexChannelKind.Book && TryBook(ref scanner, channel.Instrument, batch);
        if (scanner.TryTake("\"hb\""u8))
        {
            batch.AddControl(FeedMessageKind.Heartbeat, channel.Instrument);
            return TryEnd(ref scanner, batch, out _);
        }

        if (channel.Kind == BitfinexChannelKind.Trades) return TryTrade(ref scanner, channel.Instrument, batch);
        return channel.Kind == BitfinexChannelKind.Book && TryChecksum(ref scanner, channel.Instrument, batch);
    }

    private bool TryBook(ref JsonScanner scanner, InstrumentId instrument, FeedBatch batch)
    {
        var snapshot = scanner.TryTake((byte)'[');
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        if (!TryLevel(ref scanner, kind, batch)) return false;
        if (snapshot)
        {
            while (scanner.TryTake(",["u8))
            {
                if (!TryLevel(ref scanner, kind, batch)) return false;
            }

            if (!scanner.TryTake((byte)']')) return false;
        }

        if (!TryEnd(ref scanner, batch, out message.Time)) return false;
        batch.EndMessage();
        return true;
    }

    /// <summary>price,count,±amount] behind its bracket.</summary>
    private static bool TryLevel(ref JsonScanner scanner, MarketEventKind kind, FeedBatch batch)
    {
        if (!scanner.TryTakeNumber(out var price, out var priceDecimals) || !scanner.TryTake((byte)',')) return false;
        if (!scanner.TryTakeInt64(out var orders) || orders < 0 || !scanner.TryTake((byte)',')) return false;
        var side = scanner.TryTake((byte)'-') ? Side.Sell : Side.Buy;
        if (!scanner.TryTakeNumber(out var amount, out var decimals) || amount <= 0 || !scanner.TryTake((byte)']')) return false;
        if (orders == 0) amount = decimals = 0;
        return FeedLevels.Add(batch, kind, side, price, priceDecimals, amount, decimals) == QuarantineCause.None;
    }

    private bool TryTrade(ref JsonScanner scanner, InstrumentId instrument, FeedBatch batch)
    {
        var repeats = scanner.TryTake("\"tu\",["u8);
        if (!repeats && !scanner.TryTake("\"te\",["u8)) return false;
        if (!scanner.TryTakeInt64(out var id) || !scanner.TryTake((byte)',')) return false;
        if (!scanner.TryTakeInt64(out var unixMs) || (ulong)unixMs > TimeMsMax || !scanner.TryTake((byte)',')) return false;
        var side = scanner.TryTake((byte)'-') ? Side.Sell : Side.Buy;
        if (!scanner.TryTakeNumber(out var amount, out var decimals) || amount <= 0 || !scanner.TryTake((byte)',')) return false;
        if (!scanner.TryTakeNumber(out var price, out var priceDecimals) || !scanner.TryTake((byte)']')) return false;
        if (repeats)
        {
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return TryEnd(ref scanner, batch, out _);
        }

        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        message.Time = ExchangeTime.FromMs(unixMs);
        if (FeedLevels.Add(batch, MarketEventKind.Trade, side, price, priceDecimals, amount, decimals) != QuarantineCause.None) return false;
        batch.Events[^1].UpdateId = id;
        batch.EndMessage();
        return TryEnd(ref scanner, batch, out _);
    }

    private bool TryChecksum(ref JsonScanner scanner, InstrumentId instrument, FeedBatch batch)
    {
        if (!scanner.TryTake("\"cs\","u8) || !scanner.TryTakeInt64(out var checksum) || checksum != (int)checksum) return false;
        ref var message = ref batch.AddControl(FeedMessageKind.BookChecksum, instrument);
        message.Checksum = checksum;
        message.HasChecksum = true;
        return TryEnd(ref scanner, batch, out message.Time);
    }

    /// <summary>What the confirmed flags put behind the payload, and the end of the frame.</summary>
    private bool TryEnd(ref JsonScanner scanner, FeedBatch batch, out ExchangeTime time)
    {
        time = default;
        if ((_flags & SequenceFlag) != 0)
        {
            if (!scanner.TryTake((byte)',') || !scanner.TryTakeInt64(out var sequence)) return false;
            batch.ConnectionSequence = sequence;
        }

        if ((_flags & TimeFlag) != 0)
        {
            if (!scanner.TryTake((byte)',') || !scanner.TryTakeInt64(out var unixMs) || (ulong)unixMs > TimeMsMax) return false;
            time = ExchangeTime.FromMs(unixMs);
        }

        return scanner.TryTake((byte)']') && scanner.AtEnd;
    }
}
