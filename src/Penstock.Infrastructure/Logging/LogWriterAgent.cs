using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Infrastructure.Logging;

/// <summary>Where and how much the log writer writes.</summary>
public sealed record LogWriterOptions
{
    /// <summary>The file; null for none.</summary>
    public string? Path { get; init; }

    /// <summary>A file of this size is renamed to .1 (and .1 to .2, ...) and a new one begun.</summary>
    public long FileBytesMax { get; init; } = 64L << 20;

    /// <summary>Files kept, the current one included.</summary>
    public int FilesMax { get; init; } = 4;

    /// <summary>One readable line a message, for a person at a terminal; null for none.</summary>
    public TextWriter? Console { get; init; }

    /// <summary>The console's lines begin with time, level and id; without, they are the bare text.</summary>
    public bool ConsolePrefix { get; init; } = true;

    /// <summary>Messages a duty cycle takes at most.</summary>
    public int BatchMax { get; init; } = 256;
}

/// <summary>
/// Drains a <see cref="LogRing"/> into a file of JSON lines and onto a console. Control characters are escaped in both, so that
/// text from outside can neither fake a line nor steer a terminal. A disk that refuses costs log lines, counted, never the process.
/// </summary>
public sealed class LogWriterAgent : IAgent, IDisposable
{
    private readonly LogRing _ring;
    private readonly LogWriterOptions _options;
    private readonly IMonotonicClock _clock;
    private readonly IWallClock _wallClock;
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json;
    private readonly StringBuilder _text = new();
    private FileStream? _file;
    private long _droppedSeen;

    public LogWriterAgent(LogRing ring, LogWriterOptions options, IMonotonicClock clock, IWallClock wallClock)
    {
        _ring = ring;
        _options = options;
        _clock = clock;
        _wallClock = wallClock;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default, SkipValidation = true });
    }

    public string Role => "log-writer";

    public LogWriterStatistics Statistics { get; } = new();

    public int DoWork()
    {
        var (count, offsetNs) = (0, 0L);
        while (count < _options.BatchMax && _ring.TryRead(out var entry))
        {
            // The ring stamps with the monotonic clock; one reading of both clocks a batch maps it to the wall.
            if (count == 0) offsetNs = ClockPair.UnixAtZeroNs(_wallClock, _clock);
            Format(entry, entry.MonotonicNs + offsetNs);
            count++;
        }

        if (_ring.Dropped is var dropped && dropped != _droppedSeen)
        {
            var entry = new LogEntry(LogMessages.MessagesDropped, 0, dropped - _droppedSeen, default, default, default);
            _droppedSeen = dropped;
            Format(entry, _wallClock.UnixNs);
            count++;
        }

        if (count > 0)
        {
            Statistics.MessagesWritten += count;
            Flush();
        }

        return count;
    }

    /// <summary>Writes what is still waiting, at most one queue full.</summary>
    public void OnStop()
    {
        for (var rounds = (_ring.Capacity / _options.BatchMax) + 1; rounds > 0 && DoWork() > 0; rounds--)
        {
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _json.Dispose();
    }

    private void Format(in LogEntry entry, long unixNs)
    {
        var message = entry.Message;
        _text.Clear();
        for (var i = 0; i < message.Names.Count; i++)
        {
            _text.Append(message.Pieces[i]).Append(entry[i].ToString());
        }

        _text.Append(message.Pieces[^1]);
        var text = _text.ToString();
        var time = DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        if (_options.Path is not null)
        {
            WriteJson(entry, message, time, text);
        }

        if (_options.Console is { } console)
        {
            WriteConsole(console, _options.ConsolePrefix ? $"{time} {message.Level,-11} {message.Id} {Escape(text)}" : Escape(text));
        }
    }

    private void WriteJson(in LogEntry entry, LogMessage message, string time, string text)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("time", time);
        _json.WriteString("level", message.Level.ToString());
        _json.WriteString("id", message.Id);
        _json.WriteString("text", text);
        for (var i = 0; i < message.Names.Count; i++)
        {
            var value = entry[i];
            _json.WritePropertyName(message.Names[i]);
            if (value.Kind == LogValueKind.Whole)
            {
                _json.WriteNumberValue(value.Whole);
            }
            else if (value.Kind == LogValueKind.Number && double.IsFinite(value.Number))
            {
                _json.WriteNumberValue(value.Number);
            }
            else
            {
                _json.WriteStringValue(value.ToString());
            }
        }

        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
    }

    private void WriteConsole(TextWriter console, string line)
    {
        try
        {
            console.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Statistics.ConsoleErrors++;
        }
    }

    /// <summary>Everything a terminal might obey, or show as another line, becomes its number.</summary>
    private static string Escape(string text)
    {
        var safe = true;
        foreach (var c in text)
        {
            safe &= !IsUnsafe(c);
        }

        return safe ? text : string.Concat(text.Select(c => IsUnsafe(c) ? $"\\u{(int)c:x4}" : c.ToString()));
    }

    private static bool IsUnsafe(char c)
        => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private void Flush()
    {
        if (_buffer.WrittenCount == 0)
        {
            return;
        }

        try
        {
            _file ??= new FileStream(_options.Path!, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
            _file.Write(_buffer.WrittenSpan);
            if (_file.Position >= _options.FileBytesMax)
            {
                Rotate();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Statistics.FileErrors++;
            _file?.Dispose();
            _file = null;
        }

        _buffer.ResetWrittenCount();
    }

    private void Rotate()
    {
        _file!.Dispose();
        _file = null;
        Statistics.FilesRotated++;
        var path = _options.Path!;
        for (var number = _options.FilesMax - 1; number > 0; number--)
        {
            var from = number == 1 ? path : $"{path}.{number - 1}";
            if (File.Exists(from))
            {
                File.Move(from, $"{path}.{number}", overwrite: true);
            }
        }

        if (_options.FilesMax == 1)
        {
            File.Delete(path);
        }
    }
}

/// <summary>What the log writer counts. Single writer.</summary>
public sealed class LogWriterStatistics
{
    /// <summary>Messages taken from the queue.</summary>
    public long MessagesWritten;

    /// <summary>Batches lost because the file could not be written.</summary>
    public long FileErrors;

    /// <summary>Lines lost because the console could not be written.</summary>
    public long ConsoleErrors;

    /// <summary>Times the file was full and the next one begun.</summary>
    public long FilesRotated;
}
