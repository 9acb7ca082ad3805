using Penstock.Testing.Faults;

namespace Penstock.Testing.Hosting;

/// <summary>
/// Keeps what a session says while its socket is still being upgraded (Kraken greets at once). Used under the host's lock.
/// </summary>
internal sealed class DeferredSink : IFrameSink
{
    private readonly List<(byte[] Frame, bool IsBinary)> _early = [];
    private IFrameSink? _target;
    private bool _isCut;

    public void Connect(IFrameSink target)
    {
        _target = target;
        foreach (var (frame, isBinary) in _early)
        {
            if (isBinary) target.Binary(frame);
            else target.Text(frame);
        }

        _early.Clear();
        if (_isCut) target.Cut();
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        if (_target is null) _early.Add((utf8.ToArray(), false));
        else _target.Text(utf8);
    }

    public void Binary(ReadOnlySpan<byte> frame)
    {
        if (_target is null) _early.Add((frame.ToArray(), true));
        else _target.Binary(frame);
    }

    public void Ping() => _target?.Ping();

    public void Cut()
    {
        _isCut = true;
        _target?.Cut();
    }
}
