namespace Penstock.Tests.Infrastructure.Rings;

/// <summary>A folder of one test, gone with it.</summary>
public sealed class MappedTestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penstock-mapped-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Overwrites bytes of a file that nobody has mapped.</summary>
    public static void Poke(string path, long offset, params byte[] bytes)
    {
        using var file = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.Write(file, bytes, offset);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
