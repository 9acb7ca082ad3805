namespace Penstock.Model.Instruments;

/// <summary>A venue of this process: index into the node's venue list, 1-based; 0 is no venue.</summary>
public readonly record struct VenueId(byte Value);

/// <summary>One instrument on one venue: index into the node's <see cref="InstrumentTable"/>, 1-based; 0 is none.</summary>
public readonly record struct InstrumentId(int Value)
{
    public static readonly InstrumentId None = default;
}
