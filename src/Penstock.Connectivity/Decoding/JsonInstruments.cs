using Penstock.Model.Instruments;

namespace Penstock.Connectivity.Decoding;

/// <summary>Instruments by the spelling a message has, without a string in between.</summary>
public static class JsonInstruments
{
    /// <summary>Longer than any exchange's symbol; what is longer is none of ours.</summary>
    private const int SymbolBytesMax = 256;

    /// <summary>False for anything but the text of an instrument the table knows.</summary>
    public static bool TryFind(this InstrumentTable instruments, VenueId venue, JsonValue symbol, out InstrumentId instrument)
    {
        instrument = default;
        Span<byte> scratch = stackalloc byte[SymbolBytesMax];
        return symbol.TryGetText(scratch, out var text) && instruments.TryFind(venue, text, out instrument);
    }
}
