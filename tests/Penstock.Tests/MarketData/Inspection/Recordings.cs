namespace Penstock.Tests.MarketData.Inspection;

/// <summary>Where the recordings lie; null where there are none.</summary>
internal static class Recordings
{
    public static string? Folder { get; } = Find();

    public static string Require(string name)
    {
        if (Folder is null) Assert.Skip("No recordings: set PENSTOCK_RECORDINGS or place them in ../shared/recordings.");
        var path = Path.Combine(Folder, name);
        if (!File.Exists(path)) Assert.Skip($"{path} does not exist.");
        return path;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS") is { Length: > 0 } set) return Directory.Exists(set) ? set : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Penstock.slnx"))) continue;
            var beside = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "recordings"));
            return Directory.Exists(beside) ? beside : null;
        }

        return null;
    }
}
