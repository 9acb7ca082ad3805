using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

/// <summary>The journal against its naive twin, a list; then against death, loss of power and damage.</summary>
[Trait("requirement", "R161")]
public sealed class JournalPropertyTests
{
    [Fact]
    [Trait("requirement", "R91")]
    [Trait("requirement", "R92")]
    public void Whatever_is_done_the_journal_reads_back_as_the_list_of_what_was_appended()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            using var bench = new JournalTestBench();
            var random = new Random(seed);
            var twin = new List<(ushort Type, byte[] Payload)>();
            var writer = JournalWriter.Open(bench.Options(8192 << random.Next(0, 3)));
            for (var step = 0; step < 150; step++)
            {
                switch (random.Next(0, 40))
                {
                    case 0:
                        writer.Dispose();
                        Assert.Equal(JournalCondition.Closed, JournalVerifier.Verify(bench.Directory).Condition);
                        writer = JournalWriter.Open(bench.Options(8192 << random.Next(0, 3)));
                        break;
                    case 1:
                        writer.Abandon();
                        writer = JournalWriter.Open(bench.Options() with { VerifyEarlierSegments = random.Next(0, 2) == 0 });
                        Assert.Equal(twin.Count, writer.Recovery.LastSequence);
                        break;
                    case 2:
                        writer.Commit();
                        Assert.Equal(twin.Count, writer.CommittedSequence);
                        break;
                    case 3:
                        new JournalPreparer(writer).DoWork();
                        break;
                    default:
                        var payload = new byte[random.Next(0, 300)];
                        random.NextBytes(payload);
                        twin.Add(((ushort)random.Next(1, 65536), payload));
                        Assert.Equal(twin.Count, writer.Append(twin[^1].Type, payload));
                        break;
                }
            }

            var read = bench.ReadAll();
            Assert.Equal(twin.Count, read.Count);
            for (var i = 0; i < twin.Count; i++)
            {
                Assert.Equal(i + 1, read[i].Sequence);
                Assert.Equal(twin[i].Type, read[i].Type);
                Assert.Equal(twin[i].Payload, read[i].Payload);
            }

            writer.Dispose();
        }
    }

    [Fact]
    public void Cut_at_every_byte_the_whole_records_before_the_cut_are_kept()
    {
        using var bench = new JournalTestBench();
        var writer = JournalWriter.Open(bench.Options());
        var random = new Random(11);
        for (var i = 0; i < 25; i++)
        {
            writer.Append(1, JournalTestBench.Payload(random, random.Next(0, 100)));
        }

        writer.Abandon();
        var records = bench.ReadAll();
        var whole = File.ReadAllBytes(bench.Path_(1));
        var end = (int)records[^1].Offset + 32 + ((records[^1].Payload.Length + 7) & ~7);
        for (var cut = JournalTestBench.HeaderBytes; cut <= end; cut++)
        {
            var bytes = whole.ToArray();
            bytes.AsSpan(cut).Clear();
            File.WriteAllBytes(bench.Path_(1), cut % 2 == 0 ? bytes : bytes[..cut]);
            var padding = cut % 2 == 0 ? 0 : 7;
            var kept = records.Count(r => r.Offset + 32 + ((r.Payload.Length + padding) & ~padding) <= cut);

            var verdict = JournalVerifier.Verify(bench.Directory);
            Assert.True(verdict.Condition is JournalCondition.Open or JournalCondition.TornTail, $"{cut}: {verdict.Describe()}");
            Assert.Equal(kept, verdict.LastSequence);
            if (cut % 7 == 0)
            {
                var again = JournalWriter.Open(bench.Options());
                Assert.Equal(kept, again.Recovery.LastSequence);
                Assert.Equal(verdict.Condition == JournalCondition.TornTail, again.Recovery.TornBytesCut > 0);
                Assert.Equal(kept + 1, again.Append(1, "after"u8));
                again.Dispose();
                Assert.Equal(JournalCondition.Closed, JournalVerifier.Verify(bench.Directory).Condition);
                File.Delete(bench.Path_(2));
            }
        }
    }

    [Fact]
    public void Any_flipped_byte_of_a_closed_journal_is_found_in_its_segment_and_record()
    {
        using var bench = new JournalTestBench();
        var random = new Random(3);
        using (var writer = JournalWriter.Open(bench.Options()))
        {
            while (writer.Segment < 3)
            {
                writer.Append(1, JournalTestBench.Payload(random, random.Next(0, 700)));
            }
        }

        var records = bench.ReadAll();
        for (var segment = 1; segment <= 3; segment++)
        {
            var mine = records.Where(r => r.Segment == segment).ToList();
            var end = mine[^1].Offset + 32 + ((mine[^1].Payload.Length + 7) & ~7);
            using var file = new FileStream(bench.Path_(segment), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
            for (long at = 0; at < end; at += at < JournalTestBench.HeaderBytes ? 1 : random.Next(1, 8))
            {
                Flip(file, at, (byte)random.Next(1, 256), out var old);
                var verdict = JournalVerifier.Verify(bench.Directory);
                Assert.True(verdict.Condition is JournalCondition.Corrupt, $"{segment}/{at}: {verdict.Describe()}");
                Assert.Equal(segment, verdict.Segment);
                if (at >= JournalTestBench.HeaderBytes)
                {
                    Assert.Equal(mine.Last(r => r.Offset <= at).Offset, verdict.Offset);
                }

                Write(file, at, old);
            }
        }

        Assert.Equal(JournalCondition.Closed, JournalVerifier.Verify(bench.Directory).Condition);
    }

    [Fact]
    public void In_an_unclosed_journal_damage_before_the_checkpoint_or_before_intact_records_is_refused_not_cut()
    {
        using var bench = new JournalTestBench();
        var writer = JournalWriter.Open(bench.Options());
        var random = new Random(4);
        for (var i = 0; i < 30; i++)
        {
            writer.Append(1, JournalTestBench.Payload(random, 60));
            if (i == 19)
            {
                writer.Commit();
            }
        }

        writer.Abandon();
        var records = bench.ReadAll();
        var last = records[^1].Offset;
        using var file = new FileStream(bench.Path_(1), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        for (long at = JournalTestBench.HeaderBytes; at < last + 96; at++)
        {
            Flip(file, at, (byte)random.Next(1, 256), out var old);
            var verdict = JournalVerifier.Verify(bench.Directory);
            Assert.Equal(at < last ? JournalCondition.Corrupt : JournalCondition.TornTail, verdict.Condition);
            Assert.Equal(records.Last(r => r.Offset <= at).Offset, verdict.Offset);
            if (at % 101 == 0 && at < last)
            {
                var error = Assert.Throws<JournalCorruptException>(() => JournalWriter.Open(bench.Options()));
                Assert.Contains($"segment 00000001, byte {verdict.Offset}", error.Message, StringComparison.Ordinal);
            }

            Write(file, at, old);
        }
    }

    [Fact]
    public void Swapped_repeated_and_missing_records_are_found()
    {
        using var bench = new JournalTestBench();
        using (var writer = JournalWriter.Open(bench.Options()))
        {
            for (var i = 1; i <= 20; i++)
            {
                writer.Append(1, new byte[32]);
            }
        }

        var whole = File.ReadAllBytes(bench.Path_(1));
        Span<byte> At(byte[] bytes, int record) => bytes.AsSpan(JournalTestBench.HeaderBytes + (record * 64), 64);
        for (var record = 0; record < 19; record++)
        {
            var swapped = whole.ToArray();
            At(whole, record).CopyTo(At(swapped, record + 1));
            At(whole, record + 1).CopyTo(At(swapped, record));
            AssertCorrupt(swapped, record);
            var repeated = whole.ToArray();
            At(whole, record).CopyTo(At(repeated, record + 1));
            AssertCorrupt(repeated, record + 1);
            var cut = whole.ToArray();
            At(cut, record + 1).Clear();
            AssertCorrupt(cut, record + 1);
            AssertCorrupt(whole[..(JournalTestBench.HeaderBytes + (record * 64))], record);
        }

        void AssertCorrupt(byte[] bytes, int record)
        {
            File.WriteAllBytes(bench.Path_(1), bytes);
            var verdict = JournalVerifier.Verify(bench.Directory);
            Assert.Equal(JournalCondition.Corrupt, verdict.Condition);
            Assert.Equal(JournalTestBench.HeaderBytes + (record * 64), verdict.Offset);
        }
    }

    [Fact]
    public void A_missing_segment_is_named()
    {
        using var bench = new JournalTestBench();
        using (var writer = JournalWriter.Open(bench.Options()))
        {
            while (writer.Segment < 4)
            {
                writer.Append(1, new byte[1000]);
            }
        }

        File.Delete(bench.Path_(3));
        var verdict = JournalVerifier.Verify(bench.Directory);
        Assert.Equal(JournalCondition.Corrupt, verdict.Condition);
        Assert.Equal(JournalFault.SegmentMissing, verdict.Fault);
        Assert.Throws<JournalCorruptException>(() => JournalWriter.Open(bench.Options()));
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void After_a_loss_of_power_every_committed_record_is_there_and_what_is_there_is_a_prefix()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Which file a handle syncs is known through /proc only.");

        // Goal: recovery is right whatever subset of unsynced sectors reached the disk. Method: remember each file at its last
        // sync, then build a disk that has each later sector either new or as it was.
        for (var seed = 1; seed <= 250; seed++)
        {
            using var bench = new JournalTestBench();
            var random = new Random(seed);
            var synced = new Dictionary<string, byte[]>();
            var options = bench.Options() with
            {
                Flush = handle =>
                {
                    var path = File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)!;
                    synced[path.Name] = Read(path.FullName);
                },
            };
            var writer = JournalWriter.Open(options);
            var committer = new JournalCommitter(writer);
            var payloads = new List<byte[]>();
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                payloads.Add(JournalTestBench.Payload(random, random.Next(0, 900)));
                writer.Append(1, payloads[^1]);
                if (random.Next(0, 12) == 0)
                {
                    committer.DoWork();
                }
            }

            var committed = writer.CommittedSequence;
            writer.Abandon();
            LosePower(bench, synced, random);
            using var again = JournalWriter.Open(bench.Options());
            Assert.InRange(again.Recovery.LastSequence, committed, payloads.Count);
            var read = bench.ReadAll();
            Assert.Equal(again.Recovery.LastSequence, read.Count);
            for (var i = 0; i < read.Count; i++)
            {
                Assert.Equal(payloads[i], read[i].Payload);
            }
        }
    }

    private static void LosePower(JournalTestBench bench, Dictionary<string, byte[]> synced, Random random)
    {
        foreach (var file in Directory.GetFiles(bench.Directory, "*.pjl"))
        {
            var now = File.ReadAllBytes(file);
            var then = synced.GetValueOrDefault(Path.GetFileName(file), new byte[now.Length]);
            for (var at = 0; at < now.Length; at += 512)
            {
                if (random.Next(0, 2) == 0)
                {
                    then.AsSpan(at, 512).CopyTo(now.AsSpan(at));
                }
            }

            File.WriteAllBytes(file, now);
        }
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void Flip(FileStream file, long at, byte mask, out byte old)
    {
        Span<byte> one = stackalloc byte[1];
        RandomAccess.Read(file.SafeFileHandle, one, at);
        old = one[0];
        Write(file, at, (byte)(old ^ mask));
    }

    private static void Write(FileStream file, long at, byte value)
        => RandomAccess.Write(file.SafeFileHandle, [value], at);
}
