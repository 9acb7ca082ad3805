namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>
/// Bytes that a piece of warm code allocates on this thread. Warm means past on-stack replacement: when the runtime replaces
/// an instrumented loop while it runs, it books a few bytes (24, seldom some 10 KB) on the thread, once and without a
/// collection. Seen on .NET 10.0.12; gone with any of DOTNET_TC_OnStackReplacement=0, DOTNET_TieredPGO=0 and
/// DOTNET_TieredCompilation=0, and never seen around the calls inside the loop. After the warm-up nothing is forgiven.
/// </summary>
public static class AllocationMeter
{
    private const int WarmUps = 5;
    private const int Measured = 3;

    /// <param name="run">The same work each time, long enough that its loops are replaced during the warm-up.</param>
    public static long BytesOf(Action run)
    {
        for (var i = 0; i < WarmUps; i++) run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Measured; i++) run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
