using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Capture;

namespace Penstock.Tests.Connectivity.Capture;

public class CaptureTests
{
    /// <summary>Goal: what goes in comes out, in order, or is counted. Method: a list beside the ring, seeded sizes and read turns.</summary>
    [Fact]
    public void The_ring_gives_back_what_a_list_would_and_counts_what_it_had_to_drop()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var ring = new FrameRing(4096);
            var expected = new Queue<string>();
            var reader = new Lines();
            long dropped = 0;
            for (var i = 0; i < 2000; i++)
            {
                var payload = new byte[random.Next(10) == 0 ? random.Next(1500) : random.Next(60)];
                random.NextBytes(payload);
                var url = new byte[random.Next(3) == 0 ? random.Next(40) : 0];
                var kind = (CaptureKind)random.Next(5);
                if (ring.TryWrite(kind, i, i * 7L, url, payload)) expected.Enqueue(Line(kind, i, i * 7L, url, payload));
                else dropped++;
                if (random.Next(4) == 0) ring.Read(reader, random.Next(1, 30));
                while (reader.Items.TryDequeue(out var got)) Assert.True(expected.Dequeue() == got, $"Seed {seed}, record {i}.");
            }

            ring.Read(reader, int.MaxValue);
            Assert.Equal(expected, reader.Items);
            Assert.Equal(dropped, ring.Dropped);
            Assert.True(dropped > 0);
        }
    }

    [Fact]
    public void Two_threads_exchange_every_record_that_was_not_dropped()
    {
        var ring = new FrameRing(1 << 14);
        const int Count = 100_000;
        var accepted = 0;
        var done = false;
        var producer = new Thread(() =>
        {
            Span<byte> payload = stackalloc byte[40];
            for (var i = 0; i < Count; i++)
            {
                payload.Fill((byte)i);
                if (ring.TryWrite(CaptureKind.Received, i, i, default, payload[..(i % 40)])) accepted++;
            }

            Volatile.Write(ref done, true);
        });
        producer.Start();
        var checker = new Checker();
        while (!Volatile.Read(ref done)) ring.Read(checker, 64);
        producer.Join();
        ring.Read(checker, int.MaxValue);
        Assert.Equal((accepted, Count - accepted, 0), (checker.Count, (int)ring.Dropped, checker.Wrong));
    }

    [Fact]
    public void Writing_to_the_ring_allocates_nothing()
    {
        var ring = new FrameRing(1 << 16);
        var frame = new byte[600];
        for (var i = 0; i < 200; i++) ring.OnFrame(CaptureKind.Received, 1, i, frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) ring.OnFrame(CaptureKind.Received, 1, i, frame);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_capture_is_a_recording_whose_header_counts_its_events()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-capture-");
        try
        {
            var ring = new FrameRing(1 << 16);
            var writer = new CaptureWriter(new CaptureOptions { Folder = folder.FullName, Venue = "x" }, ring, ns => 1_700_000_000_000_000_000 + ns);
            ring.OnOpen(1, "wss://x.test/ws?a=1&b=2"u8, 1);
            ring.OnFrame(CaptureKind.Sent, 1, 2, "{\"sub\":\"a\"}"u8);
            ring.OnFrame(CaptureKind.Received, 1, 3, "{\"text\":\"ü😀\\n\u0001\"}"u8);
            ring.OnFrame(CaptureKind.Received, 1, 4, [0x1F, 0x8B, 0xFF]);
            ring.OnRest("https://x.test/depth?symbol=A"u8, 5, "[1]"u8);
            ring.OnClose(1, 6);
            Assert.Equal(6, writer.DoWork());
            Assert.Contains("\"events\":          -1", Unpack(writer.CurrentFile!)[0], StringComparison.Ordinal);
            writer.OnStop();
            var lines = Unpack(folder.GetFiles().Single().FullName);
            var header = JsonDocument.Parse(lines[0]).RootElement;
            Assert.Equal("recording/1", header.GetProperty("format").GetString());
            Assert.Equal(6, header.GetProperty("events").GetInt32());
            Assert.Equal("2023-11-14T22:13:20Z", header.GetProperty("captured_utc").GetString());
            var events = lines[1..].Select(l => JsonDocument.Parse(l).RootElement).ToArray();
            Assert.Equal(["open", "sent", "recv", "recv", "rest", "close"], events.Select(e => e.GetProperty("k").GetString()));
            Assert.Equal(1_700_000_000_000_000_003, events[2].GetProperty("t").GetInt64());
            Assert.Equal("wss://x.test/ws?a=1&b=2", events[0].GetProperty("u").GetString());
            Assert.Equal("{\"text\":\"ü😀\\n\u0001\"}", events[2].GetProperty("d").GetString());
            Assert.Equal([0x1F, 0x8B, 0xFF], events[3].GetProperty("b").GetBytesFromBase64());
            Assert.Equal((0, "[1]"), (events[4].GetProperty("c").GetInt32(), events[4].GetProperty("d").GetString()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Files_rotate_at_their_size_and_only_so_many_are_kept()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-capture-");
        try
        {
            var ring = new FrameRing(1 << 16);
            var writer = new CaptureWriter(new CaptureOptions { Folder = folder.FullName, Venue = "x", FileBytesMax = 500, FilesMax = 3 }, ring, ns => ns);
            for (var i = 0; i < 100; i++)
            {
                ring.OnFrame(CaptureKind.Received, 1, i, "0123456789012345678901234567890123456789"u8);
                writer.DoWork();
            }

            writer.OnStop();
            Assert.Equal(3, folder.GetFiles().Length);
            Assert.True(writer.Statistics.Files > 10);
            Assert.Equal((100, 0), (writer.Statistics.Events, writer.Statistics.Lost));
            foreach (var file in folder.GetFiles())
            {
                var lines = Unpack(file.FullName);
                Assert.Equal(lines.Length - 1, JsonDocument.Parse(lines[0]).RootElement.GetProperty("events").GetInt32());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_costs_lines_and_is_counted()
    {
        var file = Path.GetTempFileName();
        try
        {
            var ring = new FrameRing(1 << 16);
            var writer = new CaptureWriter(new CaptureOptions { Folder = Path.Combine(file, "below"), Venue = "x" }, ring, ns => ns);
            for (var i = 0; i < 20; i++) ring.OnFrame(CaptureKind.Received, 1, i, "x"u8);
            writer.DoWork();
            writer.OnStop();
            Assert.Equal((0, 20), (writer.Statistics.Events, writer.Statistics.Lost));
            Assert.InRange(writer.Statistics.Errors, 1, 8);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string[] Unpack(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Line(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload) =>
        $"{kind} {connection} {stampNs} {Convert.ToHexString(url)} {Convert.ToHexString(payload)}";

    private sealed class Lines : FrameRing.IReader
    {
        public Queue<string> Items { get; } = new();

        public void OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload) =>
            Items.Enqueue(Line(kind, connection, stampNs, url, payload));
    }

    private sealed class Checker : FrameRing.IReader
    {
        public int Count { get; private set; }

        public int Wrong { get; private set; }

        private int _last = -1;

        public void OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
        {
            Count++;
            if (connection <= _last || payload.Length != connection % 40 || payload.ContainsAnyExcept((byte)connection)) Wrong++;
            _last = connection;
        }
    }
}
