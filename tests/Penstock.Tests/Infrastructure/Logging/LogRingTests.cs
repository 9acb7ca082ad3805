using System.Text.Json;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Infrastructure.Logging;

[Trait("requirement", "R57")]
public sealed class LogRingTests : IDisposable
{
    private static readonly LogMessage Reconnected =
        new("PS2001", LogLevel.Information, "Session {venue} reconnected after {attempts} attempts and {seconds} s");

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"penstock-log-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.jsonl");
    private readonly ManualClock _clock = new();
    private readonly StringWriter _console = new();

    [Fact]
    public void A_message_becomes_one_json_line_with_its_values_and_one_line_for_people()
    {
        var ring = new LogRing(_clock, 16);
        using var writer = Writer(ring);
        Assert.True(ring.Write(Reconnected, "okx", 3, 1.5));
        _clock.AdvanceMs(500);
        Assert.Equal(1, writer.DoWork());
        using var line = JsonDocument.Parse(Assert.Single(Lines()));
        Assert.Equal("2023-11-14T22:13:20.000000Z", line.RootElement.GetProperty("time").GetString());
        Assert.Equal("PS2001", line.RootElement.GetProperty("id").GetString());
        Assert.Equal("Session okx reconnected after 3 attempts and 1.5 s", line.RootElement.GetProperty("text").GetString());
        Assert.Equal(3, line.RootElement.GetProperty("attempts").GetInt64());
        Assert.Equal(1.5, line.RootElement.GetProperty("seconds").GetDouble());
        Assert.Contains("Information PS2001 Session okx", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_outside_can_neither_fake_a_line_nor_steer_a_terminal()
    {
        var ring = new LogRing(_clock, 16);
        using var writer = Writer(ring);
        var evil = "okx\n{\"id\":\"PS9999\"}\r\u001b[2J\u2028\u202e\0";
        ring.Write(Reconnected, evil, 1, 1.0);
        writer.DoWork();
        using var line = JsonDocument.Parse(Assert.Single(Lines()));
        Assert.Equal(evil, line.RootElement.GetProperty("venue").GetString());
        var console = _console.ToString().TrimEnd('\r', '\n');
        Assert.DoesNotContain(console, c => char.IsControl(c) || c is '\u2028' or '\u202e');
        Assert.Contains("\\u001b[2J", console, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_queue_drops_counts_and_says_so()
    {
        var ring = new LogRing(_clock, 8);
        using var writer = Writer(ring);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i < 8, ring.Write(Reconnected, "v", i, 0.0));
        }

        Assert.Equal(12, ring.Dropped);
        writer.DoWork();
        var lines = Lines();
        Assert.Equal(9, lines.Length);
        Assert.Contains("PS1001", lines[8], StringComparison.Ordinal);
        Assert.Contains("\"dropped\":12", lines[8], StringComparison.Ordinal);
        Assert.Equal(0, writer.DoWork());
    }

    [Fact]
    public void Levels_change_while_running_for_all_or_for_an_area()
    {
        var ring = new LogRing(_clock, 8, LogLevel.Warning);
        Assert.False(ring.Write(Reconnected));
        ring.SetLevel(2, LogLevel.Debug);
        Assert.True(ring.Write(Reconnected));
        Assert.Equal(LogLevel.Warning, ring.LevelOf(1));
        ring.SetLevel(LogLevel.Critical);
        Assert.False(ring.Write(Reconnected));
        Assert.Equal(0, ring.Dropped);
    }

    [Fact]
    public void Writing_allocates_nothing_whether_kept_dropped_or_below_the_level()
    {
        var ring = new LogRing(_clock, 64);
        ring.Write(Reconnected, "v", 1, 1.0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            ring.Write(Reconnected, "v", i, 1.0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(201 - 64, ring.Dropped);
    }

    [Fact]
    public void Many_writers_lose_nothing_they_were_not_told_of_and_each_stays_in_order()
    {
        const int Writers = 4;
        const int Each = 5000;
        var ring = new LogRing(MonotonicClock.Instance, 256);
        using var writer = new LogWriterAgent(ring, new LogWriterOptions { Console = _console }, _clock, _clock);
        var kept = new int[Writers];
        var threads = Enumerable.Range(0, Writers).Select(id => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                kept[id] += ring.Write(Reconnected, $"v{id}", i, 0.0) ? 1 : 0;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        while (threads.Any(thread => thread.IsAlive))
        {
            writer.DoWork();
        }

        writer.OnStop();
        var last = new int[Writers];
        Array.Fill(last, -1);
        var seen = 0;
        foreach (var line in _console.ToString().Split('\n').Where(line => line.Contains("PS2001", StringComparison.Ordinal)))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var id = words[4][1] - '0';
            var number = int.Parse(words[7]);
            Assert.True(number > last[id]);
            last[id] = number;
            seen++;
        }

        Assert.Equal(kept.Sum(), seen);
        Assert.Equal((Writers * Each) - seen, ring.Dropped);
    }

    [Fact]
    public void The_file_is_rotated_at_its_size_and_a_disk_that_refuses_is_counted()
    {
        var ring = new LogRing(_clock, 64);
        using (var writer = new LogWriterAgent(
                   ring, new LogWriterOptions { Path = _path, FileBytesMax = 100, FilesMax = 3 }, _clock, _clock))
        {
            for (var i = 0; i < 10; i++)
            {
                ring.Write(Reconnected, "v", i, 1.0);
                writer.DoWork();
            }

            Assert.Equal(10, writer.Statistics.FilesRotated);
            Assert.Contains("\"attempts\":9", File.ReadAllText(_path + ".1"), StringComparison.Ordinal);
            Assert.Contains("\"attempts\":8", File.ReadAllText(_path + ".2"), StringComparison.Ordinal);
            Assert.False(File.Exists(_path + ".3"));
        }

        using var refused = new LogWriterAgent(ring, new LogWriterOptions { Path = "/nowhere/at/all.jsonl" }, _clock, _clock);
        ring.Write(Reconnected, "v", 1, 1.0);
        Assert.Equal(1, refused.DoWork());
        Assert.Equal(1, refused.Statistics.FileErrors);
    }

    [Theory]
    [InlineData("PS12")]
    [InlineData("XX1001")]
    [InlineData("PS1O01")]
    public void A_message_id_has_its_form(string id)
        => Assert.Throws<ArgumentException>(() => new LogMessage(id, LogLevel.Error, "text"));

    public void Dispose()
    {
        foreach (var file in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + "*"))
        {
            File.Delete(file);
        }
    }

    private LogWriterAgent Writer(LogRing ring)
        => new(ring, new LogWriterOptions { Path = _path, Console = _console }, _clock, _clock);

    private string[] Lines()
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(file).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
