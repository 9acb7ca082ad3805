namespace Penstock.Infrastructure.Journal;

/// <summary>
/// A segment on its way: zeros written in steps, synced, mapped, touched; renamed to its number only at the end, so a crash
/// leaves a *.prep file, which nobody reads and the next opening removes.
/// </summary>
internal sealed class Preparation : IDisposable
{
    public const string Suffix = ".prep";

    private readonly JournalOptions _options;
    private readonly string _path;
    private readonly FileStream _file;
    private JournalSegment? _segment;
    private long _filled;

    private Preparation(JournalOptions options, string path)
    {
        _options = options;
        _path = path;
        _file = JournalSegment.Create(path);
    }

    /// <param name="options">Where and how large.</param>
    /// <param name="wholeAtOnce">By the writer in need, while the preparer may have its own half-made one.</param>
    public static Preparation Start(JournalOptions options, bool wholeAtOnce)
    {
        var preparation = new Preparation(
            options, Path.Combine(options.Directory, (wholeAtOnce ? "inline" : "next") + Suffix));
        try
        {
            while (wholeAtOnce && !preparation.Step())
            {
            }
        }
        catch
        {
            preparation.Dispose();
            throw;
        }

        return preparation;
    }

    /// <summary>One step; true when ready to be finished.</summary>
    public bool Step()
    {
        if (_filled < _options.SegmentBytes)
        {
            JournalSegment.FillStep(_file, ref _filled, _options.SegmentBytes);
            return false;
        }

        if (_segment is null)
        {
            JournalDisk.Flush(_options, _file.SafeFileHandle);
            _segment = JournalSegment.Map(_file, _path, _options.SegmentBytes);
        }

        return true;
    }

    /// <summary>Gives the segment its place. Its header is still all zero: not started.</summary>
    public JournalSegment Finish(long number)
    {
        var segment = _segment!;
        segment.Path = JournalFormat.SegmentPath(_options.Directory, number);
        File.Move(_path, segment.Path, overwrite: false);
        JournalDisk.FlushDirectory(_options.Directory);
        return segment;
    }

    public void Dispose()
    {
        _segment?.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
