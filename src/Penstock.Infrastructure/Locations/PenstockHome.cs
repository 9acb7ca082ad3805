namespace Penstock.Infrastructure.Locations;

/// <summary>Where the programs of one user keep what they share: runs, and the register of running nodes.</summary>
public static class PenstockHome
{
    /// <summary>PENSTOCK_HOME, or the user's state folder.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("PENSTOCK_HOME") is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
                ? state
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
            "penstock");
}
