using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>The segment files of a directory.</summary>
internal static class JournalFiles
{
    public const string Suffix = ".pjl";

    /// <summary>Number of the oldest segment; 0 when there is none.</summary>
    public static long First(string directory)
    {
        var numbers = Numbers(directory);
        return numbers.Count == 0 ? 0 : numbers[0];
    }

    /// <summary>All segment numbers, ascending.</summary>
    public static List<long> Numbers(string directory)
    {
        var numbers = new List<long>();
        if (Directory.Exists(directory))
        {
            foreach (var path in Directory.EnumerateFiles(directory, "*" + Suffix))
            {
                if (long.TryParse(
                        Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number > 0)
                {
                    numbers.Add(number);
                }
            }

            numbers.Sort();
        }

        return numbers;
    }

    public static SafeFileHandle OpenToRead(string directory, long number)
        => File.OpenHandle(
            JournalFormat.SegmentPath(directory, number),
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);

    /// <summary>A prepared segment has a zero magic until its writer starts it; to a reader it is not there yet.</summary>
    public static bool IsStarted(string directory, long number, out bool exists)
    {
        var path = JournalFormat.SegmentPath(directory, number);
        exists = File.Exists(path);
        if (!exists)
        {
            return false;
        }

        try
        {
            using var file = OpenToRead(directory, number);
            Span<byte> magic = stackalloc byte[8];
            return RandomAccess.Read(file, magic, 0) < 8 ? RandomAccess.GetLength(file) > 0 : magic.ContainsAnyExcept((byte)0);
        }
        catch (FileNotFoundException)
        {
            // A prepared segment is removed at a clean close.
            exists = false;
            return false;
        }
    }
}
