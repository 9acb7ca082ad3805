namespace Penstock.MarketData.Playback;

/// <summary>What a played recording went through. Written by the thread that plays; sums over all connections of the recording.</summary>
public sealed class PlaybackStatistics
{
    /// <summary>Frames and REST answers given to the ingest.</summary>
    public long Frames;
    /// <summary>Canonical events that came out.</summary>
    public long Events;
    /// <summary>Places where the venue's numbering showed that something is missing.</summary>
    public long Gaps;
    /// <summary>Books that stood crossed after a message.</summary>
    public long Crossed;
    /// <summary>Inputs set aside.</summary>
    public long Quarantined;
    /// <summary>Instruments that fell silent for longer than their rate explains.</summary>
    public long Silences;
    /// <summary>Times at which the recording's clock stepped back; the playback's stands still instead.</summary>
    public long TimeBackwards;
}
