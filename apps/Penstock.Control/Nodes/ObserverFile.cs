using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Penstock.Control.Nodes;

/// <summary>
/// A process that watches a node leaves a small file in the node's data folder while it lives. One that is found without its process
/// ended without a word: whoever finds it tells the node, and the death stands in the journal (R65). Never a condition for watching: where the
/// folder cannot be written there is no file.
/// </summary>
internal sealed class ObserverFile : IDisposable
{
    public const string Sidecar = "sidecar";
    public const string Console = "console";

    private readonly string? _file;

    private ObserverFile(string? file) => _file = file;

    /// <param name="data">The node's data folder.</param>
    /// <param name="role">What this process is to the node.</param>
    public static ObserverFile Announce(string data, string role)
    {
        var folder = FolderOf(data);
        try
        {
            if (!Directory.Exists(data)) return new ObserverFile(null);
            Directory.CreateDirectory(folder);
            using var self = Process.GetCurrentProcess();
            var file = Path.Combine(folder, $"{role}-{self.Id}.json");
            var announced = new Announced(role, self.Id, self.StartTime.ToUniversalTime().Ticks);
            File.WriteAllText(file, JsonSerializer.Serialize(announced, JsonSerializerOptions.Web));
            return new ObserverFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ObserverFile(null);
        }
    }

    /// <summary>The living process of a role; null when there is none.</summary>
    public static int? PidOf(string data, string role) => All(data).FirstOrDefault(o => o.By.Role == role && IsAlive(o.By)).By?.Pid;

    /// <summary>Files whose processes are gone, each with its role.</summary>
    public static IReadOnlyList<(string File, string Role)> Dead(string data) =>
        [.. All(data).Where(o => !IsAlive(o.By)).Select(o => (o.File, o.By.Role))];

    /// <summary>True for the one process that takes this death as its own to tell.</summary>
    public static bool TryTake(string file, out string taken)
    {
        taken = $"{file}.{Environment.ProcessId}";
        try
        {
            File.Move(file, taken);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>It was told, or could not be: then it is there to be taken again.</summary>
    public static void Finish(string file, string taken, bool isTold)
    {
        try
        {
            if (isTold) File.Delete(taken);
            else File.Move(taken, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder went away: so did what was to be told.
        }
    }

    public void Dispose()
    {
        if (_file is null) return;
        try
        {
            File.Delete(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is found as dead, which it is from now on.
        }
    }

    private static string FolderOf(string data) => Path.Combine(data, "observers");

    private static IEnumerable<(string File, Announced By)> All(string data)
    {
        var folder = FolderOf(data);
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.GetFiles(folder, "*.json"))
        {
            if (Read(file) is { } observer) yield return (file, observer);
        }
    }

    private static Announced? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Announced>(File.ReadAllText(file), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Half-written, or taken this moment.
            return null;
        }
    }

    /// <summary>A process of the same number that began at another time is another process.</summary>
    private static bool IsAlive(Announced observer)
    {
        try
        {
            using var process = Process.GetProcessById(observer.Pid);
            return Math.Abs(process.StartTime.ToUniversalTime().Ticks - observer.StartedTicks) < TimeSpan.TicksPerSecond;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private sealed record Announced(string Role, int Pid, long StartedTicks);
}
