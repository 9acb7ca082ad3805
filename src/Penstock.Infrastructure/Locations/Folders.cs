using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Locations;

/// <summary>Makes a folder usable, or says clearly why it is not.</summary>
public static class Folders
{
    /// <summary>Creates the folder for its owner only and proves that it can be written.</summary>
    public static void Create(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var probe = Path.Combine(path, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "the data folder cannot be written", path, e.Message, "choose another with --data DIR, or set PENSTOCK_HOME");
        }
    }
}
