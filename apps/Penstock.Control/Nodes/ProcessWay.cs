using System.Globalization;

namespace Penstock.Control.Nodes;

/// <summary>How another process runs, as the kernel tells of its first thread.</summary>
/// <param name="Nice">-20 to 19.</param>
/// <param name="IsBatch">It interrupts nobody when it wakes.</param>
/// <param name="Cores">Where it may run, as the kernel writes it: 0-1,3.</param>
internal sealed record ProcessWay(int Nice, bool IsBatch, string Cores)
{
    private const int NiceField = 16;
    private const int PolicyField = 38;
    private const string Batch = "3";

    /// <summary>What <see cref="Infrastructure.Threads.GivingWay"/> asks for.</summary>
    public bool GivesWay => Nice > 0 && IsBatch;

    /// <summary>Null when the process is gone.</summary>
    public static ProcessWay? Of(int pid)
    {
        try
        {
            var cores = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
            return Parse(File.ReadAllText($"/proc/{pid}/stat"), cores.Split('\t')[1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <param name="stat">The line of proc(5); a name in brackets stands in it that may hold anything.</param>
    /// <param name="cores">As the kernel lists them.</param>
    public static ProcessWay Parse(string stat, string cores)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessWay(int.Parse(fields[NiceField], CultureInfo.InvariantCulture), fields[PolicyField] == Batch, cores.Trim());
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(GivesWay ? "gives way" : "runs as any other process")} (nice {Nice}{(IsBatch ? ", batch" : "")}, cores {Cores})");
}
