using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

/// <summary>Opening without reading everything must come to what reading everything comes to.</summary>
[Trait("requirement", "R161")]
public sealed class JournalOpeningTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loss_of_power_that_tore_the_last_but_one_segment_is_found_either_way(bool verifyAll)
    {
        using var bench = new JournalTestBench();
        var writer = JournalWriter.Open(bench.Options());
        var random = new Random(6);
        while (writer.Segment < 4) Assert.True(writer.Append(1, JournalTestBench.Payload(random, 200)) > 0);
        writer.Abandon();
        foreach (var segment in (long[])[3, 4]) Overwrite(bench, segment, [(224, 8), (512, 8)]); // the committer never came so far
        Overwrite(bench, 3, [(4096, 512)]); // a sector that was never written
        var before = bench.ReadAll();

        using var again = JournalWriter.Open(bench.Options() with { VerifyEarlierSegments = verifyAll });
        Assert.Equal((before[^1].Sequence, 3L), (again.Recovery.LastSequence, again.Recovery.Segment));
        Assert.Equal(before[^1].Sequence + 1, again.Append(1, [1, 2, 3]));
    }

    private static void Overwrite(JournalTestBench bench, long segment, (int At, int Bytes)[] places)
    {
        using var file = File.OpenHandle(bench.Path_(segment), FileMode.Open, FileAccess.ReadWrite);
        foreach (var (at, bytes) in places) RandomAccess.Write(file, new byte[bytes], at);
    }
}
