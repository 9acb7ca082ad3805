using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Penstock.Testing.Recordings;

/// <summary>One received frame of a recording.</summary>
/// <param name="OffsetNs">After the recording's first event.</param>
public readonly record struct RecordedFrame(long OffsetNs, byte[] Text);

/// <summary>One recorded REST answer.</summary>
public sealed record RecordedAnswer(Uri Url, string Body);

/// <summary>A <c>recording/1</c> container in memory: real exchange traffic, frame by frame (recordings/README.md).</summary>
public sealed class RecordedTraffic
{
    private RecordedTraffic(string venue, IReadOnlyList<RecordedFrame> frames, IReadOnlyList<RecordedAnswer> answers)
    {
        Venue = venue;
        Frames = frames;
        Answers = answers;
    }

    public string Venue { get; }

    public IReadOnlyList<RecordedFrame> Frames { get; }

    public IReadOnlyList<RecordedAnswer> Answers { get; }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">Not a recording/1 file, cut short, or with binary frames.</exception>
    public static RecordedTraffic Load(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        using var header = JsonDocument.Parse(reader.ReadLine() ?? "{}");
        if (!header.RootElement.TryGetProperty("format", out var format) || format.GetString() != "recording/1")
            throw new InvalidDataException($"Expected a recording/1 header in {path}.");
        var (frames, answers) = (new List<RecordedFrame>(), new List<RecordedAnswer>());
        var (events, startNs) = (0, -1L);
        while (reader.ReadLine() is { } line)
        {
            events++;
            using var document = JsonDocument.Parse(line);
            Take(document.RootElement, frames, answers, ref startNs);
        }

        var expected = header.RootElement.GetProperty("events").GetInt32();
        if (events != expected) throw new InvalidDataException($"Expected {expected} events in {path}, found {events}: the file is damaged.");
        return new RecordedTraffic(header.RootElement.GetProperty("venue").GetString()!, frames, answers);
    }

    private static void Take(JsonElement line, List<RecordedFrame> frames, List<RecordedAnswer> answers, ref long startNs)
    {
        var timeNs = line.GetProperty("t").GetInt64();
        switch (line.GetProperty("k").GetString())
        {
            case "recv" when line.TryGetProperty("d", out var text):
                if (startNs < 0) startNs = timeNs;
                frames.Add(new RecordedFrame(timeNs - startNs, Encoding.UTF8.GetBytes(text.GetString()!)));
                break;
            case "recv":
                throw new InvalidDataException("Binary frames cannot be replayed as text.");
            case "rest":
                answers.Add(new RecordedAnswer(new Uri(line.GetProperty("u").GetString()!), line.GetProperty("d").GetString()!));
                break;
        }
    }
}
