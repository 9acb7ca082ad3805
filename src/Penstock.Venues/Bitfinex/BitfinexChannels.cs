using System.Runtime.CompilerServices;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Bitfinex;

/// <summary>What a channel carries.</summary>
internal enum BitfinexChannelKind : byte
{
    /// <summary>A ticker, candles, a raw book: understood and of no use here.</summary>
    Other,
    Book,
    Trades,
}

internal readonly record struct BitfinexChannel(long Id, BitfinexChannelKind Kind, InstrumentId Instrument);

/// <summary>
/// The channels of one connection by their number, which is all that data frames name. Numbers are large, valid for this
/// connection only, and new after every subscription. Open addressing over a fixed table; the few changes rebuild it.
/// </summary>
internal sealed class BitfinexChannels
{
    /// <summary>The venue allows 25 a connection, and 30 once; far above both.</summary>
    public const int CountMax = 256;

    private const int Slots = 4 * CountMax;
    private const int Mask = Slots - 1;

    private readonly BitfinexChannel[] _channels = new BitfinexChannel[CountMax];
    private readonly short[] _slots = new short[Slots]; // index + 1; 0 is free

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(long id, out BitfinexChannel channel)
    {
        for (var slot = Home(id); _slots[slot] != 0; slot = (slot + 1) & Mask)
        {
            channel = _channels[_slots[slot] - 1];
            if (channel.Id == id) return true;
        }

        channel = default;
        return false;
    }

    /// <summary>The channel of this kind and instrument that was opened last; a resubscription may have left an older one.</summary>
    public bool TryFind(BitfinexChannelKind kind, InstrumentId instrument, out BitfinexChannel channel)
    {
        for (var index = Count - 1; index >= 0; index--)
        {
            channel = _channels[index];
            if (channel.Kind == kind && channel.Instrument == instrument) return true;
        }

        channel = default;
        return false;
    }

    /// <summary>Adds a channel, or gives a known number its new meaning. False when the table is full.</summary>
    public bool TryOpen(in BitfinexChannel channel)
    {
        Close(channel.Id);
        if (Count == CountMax) return false;
        _channels[Count++] = channel;
        Insert(Count);
        return true;
    }

    public void Close(long id)
    {
        for (var index = 0; index < Count; index++)
        {
            if (_channels[index].Id != id) continue;
            _channels.AsSpan(index + 1, Count - index - 1).CopyTo(_channels.AsSpan(index));
            Count--;
            Array.Clear(_slots);
            for (var number = 1; number <= Count; number++) Insert(number);
            return;
        }
    }

    public void Clear()
    {
        Count = 0;
        Array.Clear(_slots);
    }

    private void Insert(int number)
    {
        var slot = Home(_channels[number - 1].Id);
        while (_slots[slot] != 0) slot = (slot + 1) & Mask;
        _slots[slot] = (short)number;
    }

    private static int Home(long id) => (int)((ulong)id * 0x9E3779B97F4A7C15 >> 40) & Mask;
}
