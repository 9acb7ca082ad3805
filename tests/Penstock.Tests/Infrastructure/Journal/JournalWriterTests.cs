using System.Buffers.Binary;
using System.Text;
using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

public sealed class JournalWriterTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void Crc32C_gives_the_published_values(string text, uint expected)
        => Assert.Equal(expected, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc32C_of_the_iscsi_blocks_matches_rfc_3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Of(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void Records_survive_a_writer_that_dies_without_a_word()
    {
        using var bench = new JournalTestBench();
        var writer = JournalWriter.Open(bench.Options());
        for (var i = 1; i <= 500; i++)
        {
            Assert.Equal(i, writer.Append((ushort)i, Encoding.UTF8.GetBytes($"record {i}")));
        }

        writer.Abandon();
        Assert.Equal(JournalCondition.Open, JournalVerifier.Verify(bench.Directory).Condition);
        using var again = JournalWriter.Open(bench.Options());
        Assert.Equal(500, again.Recovery.LastSequence);
        Assert.Equal(0, again.Recovery.TornBytesCut);
        Assert.Equal(501, again.Append(1, "next"u8));
        var records = bench.ReadAll();
        Assert.Equal(501, records.Count);
        Assert.Equal("record 137", Encoding.UTF8.GetString(records[136].Payload));
        Assert.Equal(137, records[136].Type);
    }

    [Fact]
    public void A_second_writer_is_refused_with_a_clear_error()
    {
        using var bench = new JournalTestBench();
        using var writer = JournalWriter.Open(bench.Options());
        var error = Assert.Throws<JournalLockedException>(() => JournalWriter.Open(bench.Options()));
        Assert.Contains(bench.Directory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_taken_is_refused_and_counted()
    {
        using var bench = new JournalTestBench();
        using var writer = JournalWriter.Open(bench.Options());
        Assert.Equal(JournalAppendResult.InvalidType, writer.Append(0, "x"u8));
        Assert.Equal(JournalAppendResult.TooLarge, writer.Append(1, new byte[2049]));
        Assert.Equal(1, writer.Append(1, new byte[2048]));
        Assert.Equal(2, writer.Statistics.AppendsRefused);
    }

    [Fact]
    [Trait("requirement", "R161")]
    public void A_failed_commit_stops_the_journal_for_good()
    {
        using var bench = new JournalTestBench();
        var broken = false;
        var flushes = 0;
        var options = bench.Options() with
        {
            Flush = _ =>
            {
                flushes++;
                if (broken)
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        using var writer = JournalWriter.Open(options);
        var committer = new JournalCommitter(writer);
        writer.Append(1, "kept"u8);
        Assert.Equal(1, committer.DoWork());
        Assert.Equal(1, committer.CommittedSequence);

        broken = true;
        writer.Append(1, "lost"u8);
        committer.DoWork();
        Assert.True(writer.Failed);
        Assert.Contains("No space left", writer.FailureText, StringComparison.Ordinal);
        Assert.Equal(JournalAppendResult.Failed, writer.Append(1, "no"u8));

        broken = false;
        var before = flushes;
        Assert.Equal(0, committer.DoWork());
        Assert.Equal(before, flushes);
        Assert.Equal(1, committer.CommittedSequence);
        Assert.Equal(JournalAppendResult.Failed, writer.Append(1, "no"u8));
    }

    [Fact]
    public void The_preparer_keeps_the_writer_from_preparing_and_the_committer_follows_over_segments()
    {
        using var bench = new JournalTestBench();
        using (var writer = JournalWriter.Open(bench.Options()))
        {
            var preparer = new JournalPreparer(writer);
            var committer = new JournalCommitter(writer);
            for (var i = 0; i < 1000; i++)
            {
                writer.Append(1, new byte[100]);
                preparer.DoWork();
                preparer.DoWork();
                if (i % 97 == 0)
                {
                    committer.DoWork();
                    Assert.Equal(i + 1, writer.CommittedSequence);
                }
            }

            Assert.True(writer.Statistics.SegmentsRolled > 10);
            Assert.Equal(0, writer.Statistics.SegmentsPreparedInline);
            Assert.Equal(1000, bench.ReadAll().Count);
        }

        Assert.Equal(JournalCondition.Closed, JournalVerifier.Verify(bench.Directory).Condition);
        Assert.Equal(1000, bench.ReadAll().Count);
    }

    [Fact]
    public void A_committer_too_far_behind_fails_the_journal_instead_of_holding_memory_without_bound()
    {
        using var bench = new JournalTestBench();
        using var writer = JournalWriter.Open(bench.Options());
        _ = new JournalCommitter(writer);
        long last = 0;
        for (var i = 0; i < 1000 && last >= 0; i++)
        {
            last = writer.Append(1, new byte[2048]);
        }

        Assert.Equal(JournalAppendResult.Failed, last);
        Assert.Contains("behind", writer.FailureText, StringComparison.Ordinal);
        Assert.InRange(writer.Segment, JournalWriter.UncommittedSegmentsMax, JournalWriter.UncommittedSegmentsMax + 2);
    }

    [Fact]
    public void An_append_allocates_nothing()
    {
        using var bench = new JournalTestBench();
        using var writer = JournalWriter.Open(bench.Options(1 << 20));
        var payload = new byte[64];
        for (var i = 0; i < 1000; i++)
        {
            writer.Append(1, payload);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5000; i++)
        {
            writer.Append(1, payload);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, writer.Statistics.SegmentsRolled);
    }

    [Fact]
    public void A_reader_follows_a_live_journal_and_reads_without_allocating()
    {
        using var bench = new JournalTestBench();
        using var reader = JournalReader.Open(bench.Directory);
        Assert.False(reader.TryRead(out _));
        long read = 0;
        using (var writer = JournalWriter.Open(bench.Options()))
        {
            var random = new Random(5);
            for (var round = 0; round < 200; round++)
            {
                for (var i = random.Next(0, 6); i > 0; i--)
                {
                    writer.Append(1, JournalTestBench.Payload(random, random.Next(0, 200)));
                }

                while (reader.TryRead(out var record))
                {
                    Assert.Equal(++read, record.Sequence);
                }

                Assert.Equal(writer.Sequence, read);
                Assert.Equal(JournalReaderState.Reading, reader.State);
            }

            writer.Append(1, "before"u8);
            Assert.True(reader.TryRead(out _));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 8; i++)
            {
                writer.Append(1, "x"u8);
                Assert.True(reader.TryRead(out _));
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(JournalReaderState.Closed, reader.State);
        using var next = JournalWriter.Open(bench.Options());
        next.Append(9, "again"u8);
        Assert.True(reader.TryRead(out var last));
        Assert.Equal(9, last.Type);
    }

    [Fact]
    public void A_newer_format_is_refused_by_name()
    {
        using var bench = new JournalTestBench();
        JournalWriter.Open(bench.Options()).Dispose();
        var bytes = File.ReadAllBytes(bench.Path_(1));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(184), Crc32C.Of(bytes.AsSpan(8, 176)));
        File.WriteAllBytes(bench.Path_(1), bytes);
        Assert.Equal(JournalCondition.NewerFormat, JournalVerifier.Verify(bench.Directory).Condition);
        var error = Assert.Throws<JournalCorruptException>(() => JournalWriter.Open(bench.Options()));
        Assert.Contains("newer Penstock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clean_close_leaves_no_unused_bytes()
    {
        using var bench = new JournalTestBench();
        using (var writer = JournalWriter.Open(bench.Options(1 << 20)))
        {
            writer.Append(1, "one"u8);
            var preparer = new JournalPreparer(writer);
            while (preparer.DoWork() > 0)
            {
            }

            Assert.Equal(2, JournalFilesOf(bench).Length);
        }

        Assert.Single(JournalFilesOf(bench));
        Assert.Equal(4096, new FileInfo(bench.Path_(1)).Length);
    }

    private static string[] JournalFilesOf(JournalTestBench bench) => Directory.GetFiles(bench.Directory, "*.pjl");
}
