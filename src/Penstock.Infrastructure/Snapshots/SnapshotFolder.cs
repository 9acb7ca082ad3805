using System.Globalization;

namespace Penstock.Infrastructure.Snapshots;

/// <summary>
/// The snapshots of one journal: a folder beside it, a file each, named by the last record in it. A file is whole or not there:
/// it is written under another name, synced, and renamed.
/// </summary>
public sealed class SnapshotFolder
{
    public const string Suffix = ".pss";

    private const string UnfinishedSuffix = ".new";

    /// <param name="path">Created when absent.</param>
    public SnapshotFolder(string path)
    {
        Path = path;
        Directory.CreateDirectory(path);
    }

    public string Path { get; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<string> Files() =>
    [
        .. Directory.EnumerateFiles(Path, "*" + Suffix).Where(f => SequenceOf(f) > 0).OrderByDescending(SequenceOf),
    ];

    /// <summary>Of a file's name; 0 when it is none of ours.</summary>
    public static long SequenceOf(string file) =>
        long.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : 0;

    /// <summary>Writes one and removes the oldest beyond those kept.</summary>
    /// <param name="header">Names the file.</param>
    /// <param name="state">Of <see cref="StateArchive"/>.</param>
    /// <param name="kept">At least one.</param>
    /// <exception cref="IOException">The disk refused; nothing was changed but an unfinished file.</exception>
    public string Save(SnapshotHeader header, ReadOnlySpan<byte> state, int kept)
    {
        var file = System.IO.Path.Combine(Path, header.Sequence.ToString("D16", CultureInfo.InvariantCulture) + Suffix);
        using (var unfinished = new FileStream(file + UnfinishedSuffix, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            unfinished.Write(SnapshotFile.Encode(header, state));
            unfinished.Flush(flushToDisk: true);
        }

        File.Move(file + UnfinishedSuffix, file, overwrite: true);
        foreach (var old in Files().Skip(Math.Max(1, kept))) File.Delete(old);
        return file;
    }

    /// <summary>Reads one; a file that is not readable or not whole is told, never thrown.</summary>
    /// <returns>Null when fine; else what is wrong with it.</returns>
    public static string? Load(string file, out SnapshotHeader? header, out byte[] state)
    {
        try
        {
            return SnapshotFile.Decode(File.ReadAllBytes(file), out header, out state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (header, state) = (null, []);
            return e.Message;
        }
    }
}
