using System.Text.Json;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Quality;

namespace Penstock.Tests.MarketData.Quality;

public sealed class QuarantineFileTests
{
    [Fact]
    [Trait("requirement", "R19")]
    public void What_is_set_aside_is_written_with_its_cause_and_its_exact_bytes()
    {
        var stream = new MemoryStream();
        var file = new QuarantineFile(stream, queueBytes: 1024);
        var sent = new List<byte[]>();
        for (var i = 0; i < 50; i++)
        {
            // More than one round of the ring, so that frames wrap around its end.
            var bytes = Enumerable.Range(0, 90 + i).Select(b => (byte)(b * i)).ToArray();
            sent.Add(bytes);
            file.Add(QuarantineCause.Malformed, 1_000 + i, bytes);
            if (i % 4 == 3) file.DoWork();
        }

        file.OnStop();
        var lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(50, lines.Length);
        for (var i = 0; i < 50; i++)
        {
            using var line = JsonDocument.Parse(lines[i]);
            Assert.Equal("Malformed", line.RootElement.GetProperty("cause").GetString());
            Assert.Equal(1_000 + i, line.RootElement.GetProperty("t").GetInt64());
            Assert.Equal(sent[i], line.RootElement.GetProperty("b").GetBytesFromBase64());
        }

        Assert.Equal((50L, 50L, 0L), (file.Frames, file.FramesWritten, file.FramesDropped));
    }

    [Fact]
    public void A_full_queue_and_a_full_file_lose_evidence_and_say_how_much()
    {
        var file = new QuarantineFile(new MemoryStream(), queueBytes: 1024, fileBytesMax: 600);
        for (var i = 0; i < 10; i++) file.Add(QuarantineCause.Truncated, i, new byte[200]);
        Assert.Equal(6, file.FramesDropped);
        file.OnStop();
        Assert.Equal((1L, 3L), (file.FramesWritten, file.WriteFailures));
    }
}
