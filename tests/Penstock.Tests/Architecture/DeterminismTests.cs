namespace Penstock.Tests.Architecture;

/// <summary>
/// The build refuses clocks and randomness below the apps (eng/BannedSymbols.Hot.txt); these tests make sure that nobody takes
/// the refusal away, and that the one wall clock stays where it is.
/// </summary>
[Trait("requirement", "R3")]
public class DeterminismTests
{
    [Theory]
    [InlineData("P:System.DateTime.UtcNow")]
    [InlineData("P:System.DateTimeOffset.UtcNow")]
    [InlineData("P:System.Environment.TickCount64")]
    [InlineData("M:System.Guid.NewGuid")]
    [InlineData("P:System.Random.Shared")]
    [InlineData("M:System.Random.#ctor")]
    [InlineData("M:System.Threading.Thread.Sleep(System.Int32)")]
    public void What_breaks_determinism_stays_banned(string symbol)
    {
        Assert.Contains(symbol, File.ReadAllText(Path.Combine(SourceTree.Root, "eng", "BannedSymbols.Hot.txt")), StringComparison.Ordinal);
        Assert.Contains("BannedSymbols.Hot.txt", File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Directory.Build.props")), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_below_the_apps_reads_a_clock_but_the_clocks_themselves()
    {
        foreach (var file in SourceTree.Read("src"))
        {
            if (file.Path == "src/Penstock.Infrastructure/Time/Clocks.cs") continue;
            Assert.DoesNotMatch(@"\b(DateTime|DateTimeOffset)\s*\.\s*(Utc)?Now\b|\bTimeProvider\s*\.\s*System\s*\.\s*Get|\bStopwatch\s*\.\s*(StartNew|GetTimestamp)\b", file.Code);
        }
    }

    [Fact]
    public void No_file_of_the_trading_core_asks_for_wall_time()
    {
        foreach (var file in SourceTree.Read("src/Penstock.MarketData", "src/Penstock.Trading", "src/Penstock.Strategies"))
            Assert.DoesNotMatch(@"\b(IWallClock|SystemWallClock)\b", file.Code);
    }

    /// <summary>What may differ between two processes on one input: hashes of text, threads, the machine, the language.</summary>
    [Fact]
    [Trait("requirement", "R92")]
    public void No_file_of_the_trading_core_asks_what_another_process_would_answer_differently()
    {
        foreach (var file in SourceTree.Read("src/Penstock.MarketData/Books", "src/Penstock.Trading", "src/Penstock.Strategies"))
            Assert.DoesNotMatch(@"\b(HashCode|Environment|Thread|Task|Parallel|Guid|Process|RuntimeHelpers)\s*\.|\.GetHashCode\s*\(|\bCurrent(UI)?Culture\b", file.Code);
    }
}
