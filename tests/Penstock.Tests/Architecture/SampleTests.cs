namespace Penstock.Tests.Architecture;

/// <summary>The first thing people read stays as short as it is said to be.</summary>
[Trait("requirement", "R96")]
public sealed class SampleTests
{
    [Theory]
    [InlineData("EmaCross.cs", 25)]
    [InlineData("TwoSidedMaker.cs", 20)]
    public void A_sample_strategy_is_short(string file, int linesMax)
    {
        var lines = File.ReadAllLines(Path.Combine(SourceTree.Root, "samples", file)).Select(l => l.Trim())
            .Count(l => l.Length > 0 && !l.StartsWith("//", StringComparison.Ordinal) && !l.StartsWith('#'));
        Assert.InRange(lines, 10, linesMax);
    }
}
