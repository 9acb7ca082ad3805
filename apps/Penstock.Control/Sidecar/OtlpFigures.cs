namespace Penstock.Control.Sidecar;

/// <summary>How the pushes to an OTLP collector went; zeros where none is configured. One writer.</summary>
internal sealed class OtlpFigures
{
    /// <summary>Pushes the collector took.</summary>
    public long Pushes;

    /// <summary>Pushes it did not take, or that found nobody.</summary>
    public long Failures;
}
