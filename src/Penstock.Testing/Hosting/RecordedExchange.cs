using Penstock.Infrastructure.Time;
using Penstock.Testing.Faults;
using Penstock.Testing.Recordings;

namespace Penstock.Testing.Hosting;

/// <summary>A recording played on real sockets at 127.0.0.1, in the venue's own protocol.</summary>
public sealed class RecordedExchange : IAsyncDisposable
{
    private readonly RecordingVenue _venue;
    private readonly VenueHost _host;

    private RecordedExchange(RecordingVenue venue, VenueHost host)
    {
        _venue = venue;
        _host = host;
    }

    public Uri Rest => _host.Address;

    public Uri PublicStream => _host.Stream(_venue.PublicPath);

    public FaultPlan Faults => _venue.Faults;

    /// <summary>True when every open connection has received the whole recording.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_host.Gate) return _venue.IsFinished;
        }
    }

    /// <param name="path">A recording/1 file.</param>
    /// <param name="speed">1 is the recorded pace, 0 as fast as it can be read.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="clock">Paces the replay; the machine's unless given.</param>
    /// <param name="time">Drives the pump; the system's unless given.</param>
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="InvalidDataException">Not a recording/1 file, or a damaged one.</exception>
    public static async Task<RecordedExchange> StartAsync(
        string path, double speed = 1, int port = 0, IWallClock? clock = null, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var venue = new RecordingVenue(RecordedTraffic.Load(path), speed);
        var host = await VenueHost.StartAsync(
            venue, clock ?? SystemWallClock.Instance, time ?? TimeProvider.System, port, static (_, _) => Task.FromResult(false), cancel);
        return new RecordedExchange(venue, host);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
