using System.Text;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols;

/// <summary>A sink that keeps the frames: for tests that step a venue by hand.</summary>
public sealed class FrameCollector : IFrameSink
{
    private readonly List<string> _frames = [];

    /// <summary>Frames not yet taken.</summary>
    public IReadOnlyList<string> Frames => _frames;

    public int Pings { get; private set; }

    public bool IsCut { get; private set; }

    /// <summary>Hands over what came since the last call.</summary>
    public List<string> Take()
    {
        var taken = new List<string>(_frames);
        _frames.Clear();
        return taken;
    }

    void IFrameSink.Text(ReadOnlySpan<byte> utf8) => _frames.Add(Encoding.UTF8.GetString(utf8));

    void IFrameSink.Ping() => Pings++;

    void IFrameSink.Cut() => IsCut = true;
}
