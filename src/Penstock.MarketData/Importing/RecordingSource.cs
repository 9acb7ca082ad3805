using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Capture;

namespace Penstock.MarketData.Importing;

/// <summary>
/// A recording/1 itself: the files of a rotated capture joined into one, which can then be inspected as a whole. Connections keep their
/// numbers, because they go on from file to file.
/// </summary>
internal sealed class RecordingSource(string path) : ImportSource(path)
{
    private long _promised;
    private long _events;

    public override bool TryRead(out ImportedEvent imported)
    {
        imported = default;
        if (Line == 0 && !TryReadHeader()) return false;
        if (!TryReadLine(out var line))
        {
            // −1: the capture was cut off; what there is of it can be joined.
            return Problem is null && _promised >= 0 && _events != _promised && Fail($"{_events} events, the header says {_promised}");
        }

        try
        {
            using var json = JsonDocument.Parse(line);
            imported = Parse(json.RootElement);
            _events++;
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            return Fail($"the line is no event of a recording: {e.Message}");
        }
    }

    private bool TryReadHeader()
    {
        if (!TryReadLine(out var line)) return Problem is null && Fail("the file is empty");
        try
        {
            using var json = JsonDocument.Parse(line);
            _promised = json.RootElement.GetProperty("events").GetInt64();
            return json.RootElement.GetProperty("format").GetString() == "recording/1" || Fail("expected a recording/1");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return Fail($"the line is no header of a recording: {e.Message}");
        }
    }

    private static ImportedEvent Parse(JsonElement line)
    {
        var kind = line.GetProperty("k").GetString() switch
        {
            "open" => CaptureKind.Open,
            "close" => CaptureKind.Close,
            "sent" => CaptureKind.Sent,
            "recv" => CaptureKind.Received,
            "rest" => CaptureKind.Rest,
            var other => throw new FormatException($"k is '{other}'"),
        };
        var url = line.TryGetProperty("u", out var u) ? u.GetString() ?? "" : "";
        var payload = line.TryGetProperty("d", out var text) ? Encoding.UTF8.GetBytes(text.GetString() ?? "")
            : line.TryGetProperty("b", out var bytes) ? bytes.GetBytesFromBase64() : [];
        return new ImportedEvent(kind, line.GetProperty("t").GetInt64(), url, payload, line.GetProperty("c").GetInt32());
    }
}
