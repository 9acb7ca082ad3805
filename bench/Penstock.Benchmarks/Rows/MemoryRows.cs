using System.Text.Json.Nodes;
using Penstock.Benchmarks.Rig;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// The node of a demo over ten minutes (P7: memory growth in long runs): its resident memory at the end against the same node after its first
/// minute. Ten minutes are long, so the row is measured only when asked for (--soak; with --quick one minute against ten seconds).
/// </summary>
internal static class MemoryRows
{
    public static IEnumerable<Row> Soak(bool quick)
    {
        var (settled, whole) = quick ? (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)) : (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        var folder = Directory.CreateTempSubdirectory("penstock-soak-").FullName;
        try
        {
            using var demo = PenstockProgram.Start(
                folder, "demo", "--json", "--no-ui", "--duration", $"{(int)whole.TotalSeconds + 5}s", "--data", Path.Combine(folder, "run"));
            Thread.Sleep(settled);
            var first = Status(folder);
            Thread.Sleep(whole - settled);
            var last = Status(folder);
            demo.WaitForExit();
            yield return new Row("node memory over the run", "MiB", Mebibytes(last), Mebibytes(first), $"the same node after {settled.TotalSeconds:F0} s", 1.1, Better.Lower,
                $"{whole.TotalMinutes:F0} min, resident, mapped journal pages included; hot threads allocated {(long)last["allocatedBytesHot"]!} bytes");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Mebibytes(JsonObject status) => (long)status["workingSetBytes"]! / (1024.0 * 1024);

    private static JsonObject Status(string folder) => PenstockProgram.Ask(folder, "ctl", "status", "--json");
}
