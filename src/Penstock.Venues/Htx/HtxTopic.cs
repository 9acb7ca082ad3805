using Penstock.Connectivity.Decoding;

namespace Penstock.Venues.Htx;

/// <summary>What a channel carries.</summary>
internal enum HtxChannel : byte
{
    /// <summary>None the venue documents.</summary>
    Unknown,
    /// <summary>Changes of a book.</summary>
    BookDelta,
    /// <summary>A whole book in every message.</summary>
    FullBook,
    BestBidAsk,
    Trade,
    /// <summary>Documented, and of no use here.</summary>
    Unused,
}

/// <summary><c>market.btcusdt.mbp.150</c>: what is told, and of which symbol.</summary>
internal readonly ref struct HtxTopic
{
    private HtxTopic(ReadOnlySpan<byte> symbol, HtxChannel channel)
    {
        Symbol = symbol;
        Channel = channel;
    }

    public ReadOnlySpan<byte> Symbol { get; }

    public HtxChannel Channel { get; }

    public static HtxTopic Parse(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("market."u8)) return default;
        text = text["market."u8.Length..];
        var dot = text.IndexOf((byte)'.');
        return dot <= 0 ? default : new HtxTopic(text[..dot], ChannelOf(text[(dot + 1)..]));
    }

    private static HtxChannel ChannelOf(ReadOnlySpan<byte> channel)
    {
        if (channel.SequenceEqual("mbp.150"u8) || channel.SequenceEqual("mbp.400"u8)
            || channel.SequenceEqual("mbp.20"u8) || channel.SequenceEqual("mbp.5"u8)) return HtxChannel.BookDelta;
        if (channel.SequenceEqual("depth.step0"u8) || channel.StartsWith("mbp.refresh."u8)) return HtxChannel.FullBook;
        if (channel.SequenceEqual("bbo"u8)) return HtxChannel.BestBidAsk;
        if (channel.SequenceEqual("trade.detail"u8)) return HtxChannel.Trade;
        // The other steps join levels: views of a book, not the book.
        return channel.StartsWith("depth.step"u8) || channel.StartsWith("kline."u8) || channel.SequenceEqual("ticker"u8)
            || channel.SequenceEqual("detail"u8) || channel.SequenceEqual("etp"u8) ? HtxChannel.Unused : HtxChannel.Unknown;
    }
}
