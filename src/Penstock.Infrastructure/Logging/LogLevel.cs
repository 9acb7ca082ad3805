namespace Penstock.Infrastructure.Logging;

/// <summary>How much a message matters, least first.</summary>
public enum LogLevel : byte
{
    /// <summary>For following single steps; off unless somebody hunts something.</summary>
    Trace,
    Debug,

    /// <summary>A change of state worth a line.</summary>
    Information,

    /// <summary>Degraded, but handled.</summary>
    Warning,

    /// <summary>Something is lost or refused that should not be.</summary>
    Error,

    /// <summary>Trading must stop or has stopped.</summary>
    Critical,
}
