using System.Runtime.InteropServices;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Node.Logging;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Control;

/// <summary>
/// The ways to the kill switch that need neither the command socket nor a control plane: the signal SIGUSR1 kills everything, and so
/// does a file named <c>KILL</c> in the node's data folder as long as it lies there; its content may name a scope (<c>venue okx</c>,
/// <c>strategy 1</c>). A thread of its own: woken by the file system, and looking every 250 ms where events fail. It also tells the engine
/// when a UTC day begins, for the daily loss.
/// </summary>
internal sealed class ControlWatch : IDisposable
{
    public const string FileName = "KILL";

    private const int LookEveryMs = 250;

    /// <summary>Between the moment a file appears and the moment its writer has filled it.</summary>
    private const int ContentPatienceMs = 2;

    private const int SigUsr1 = 10;

    private readonly KillPress _kill;
    private readonly IWallClock _wall;
    private readonly Func<EngineCommand, Task<CommandResult>> _enqueue;
    private readonly LogRing _log;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly PosixSignalRegistration _signal;
    private FileSystemWatcher? _events;
    private volatile bool _stopping;
    private (DateTime WrittenUtc, long Bytes) _seen;
    private int _day;

    public ControlWatch(string data, KillPress kill, IWallClock wall, Func<EngineCommand, Task<CommandResult>> enqueue, LogRing log)
    {
        (_kill, _wall, _enqueue, _log) = (kill, wall, enqueue, log);
        KillFile = Path.Combine(data, FileName);
        _thread = new Thread(Watch) { Name = "control-watch", IsBackground = true };
        // Before anything runs: a node found with the file begins killed.
        Look();
        BeginDay();
        _signal = PosixSignalRegistration.Create((PosixSignal)SigUsr1, OnSignal);
    }

    public string KillFile { get; }

    /// <summary>While it lies there, everything it names is killed and cannot be resumed.</summary>
    public bool IsFileThere => File.Exists(KillFile);

    public void Start()
    {
        try
        {
            _events = new FileSystemWatcher(Path.GetDirectoryName(KillFile)!, FileName);
            _events.Created += Wake;
            _events.Changed += Wake;
            _events.Deleted += Wake;
            _events.Renamed += Wake;
            _events.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _log.Write(NodeMessages.WatchFailed, e.Message, LookEveryMs);
        }

        _thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _signal.Dispose();
        _events?.Dispose();
        _wake.Set();
        if (_thread.IsAlive) _thread.Join(1_000);
        _wake.Dispose();
    }

    private void Wake(object sender, FileSystemEventArgs e)
    {
        if (!_stopping) _wake.Set();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _kill.Press(LimitScope.Node, "signal", "SIGUSR1");
    }

    private void Watch()
    {
        while (!_stopping)
        {
            _wake.WaitOne(LookEveryMs);
            if (_stopping) return;
            Look();
            BeginDay();
        }
    }

    /// <summary>Presses once for each file and each content of it. One look at the file decides: it may go away between two.</summary>
    private void Look()
    {
        var file = new FileInfo(KillFile);
        if (!file.Exists)
        {
            _seen = default;
            return;
        }

        if (_seen == (file.LastWriteTimeUtc, file.Length)) return;
        if (file.Length == 0)
        {
            Thread.Sleep(ContentPatienceMs);
            file.Refresh();
        }

        if (file.Exists) _seen = (file.LastWriteTimeUtc, file.Length);
        var content = Read();
        var scope = _kill.Parse(content);
        if (scope is null) _log.Write(NodeMessages.KillFileUnreadable, KillFile, content.Length > 80 ? content[..80] : content);
        _kill.Press(scope ?? LimitScope.Node, "file", KillFile);
    }

    /// <summary>Empty when it cannot be read: that it is there is enough.</summary>
    private string Read()
    {
        try
        {
            using var file = new FileStream(KillFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[256];
            return System.Text.Encoding.UTF8.GetString(bytes, 0, file.Read(bytes)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private void BeginDay()
    {
        var today = DateTimeOffset.FromUnixTimeMilliseconds(_wall.UnixNs / 1_000_000);
        var day = today.Year * 10_000 + today.Month * 100 + today.Day;
        if (day == _day) return;
        _day = day;
        _enqueue(new EngineCommand { Kind = EngineCommandKind.BeginDay, Text = $"{day:D8}", Who = "node", Why = "the UTC day", NowNs = 0 });
    }
}
