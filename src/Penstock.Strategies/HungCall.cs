using System.Globalization;

namespace Penstock.Strategies;

/// <summary>A call that never returned, by its place in the journal: the same in every replay.</summary>
/// <param name="Session">The session's number.</param>
/// <param name="Inputs">Inputs of the session applied before; -1 while it begins.</param>
/// <param name="Call">Which call of any strategy within that input, from 1.</param>
/// <param name="Strategy">Whose.</param>
public readonly record struct HungCall(int Session, long Inputs, int Call, ushort Strategy)
{
    public const string FileName = "hung-calls";

    /// <summary>The calls to leave out of a replay of this journal; lines that cannot be read are none. Empty without the file.</summary>
    /// <param name="journal">The journal's folder.</param>
    public static IReadOnlyList<HungCall> Load(string journal)
    {
        var file = Path.Combine(journal, FileName);
        return File.Exists(file) ? [.. File.ReadAllLines(file).Select(TryParse).OfType<HungCall>()] : [];
    }

    /// <summary>Any thread. The file belongs to the journal: without it a replay ends up in the same call.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Save(string journal)
    {
        using var file = new FileStream(Path.Combine(journal, FileName), FileMode.Append, FileAccess.Write, FileShare.Read);
        using var writer = new StreamWriter(file);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"session {Session} inputs {Inputs} call {Call} strategy {Strategy}"));
        writer.Flush();
        file.Flush(flushToDisk: true);
    }

    private static HungCall? TryParse(string line)
    {
        var words = line.Split(' ');
        return words.Length == 8 && int.TryParse(words[1], CultureInfo.InvariantCulture, out var session)
            && long.TryParse(words[3], CultureInfo.InvariantCulture, out var inputs)
            && int.TryParse(words[5], CultureInfo.InvariantCulture, out var call)
            && ushort.TryParse(words[7], CultureInfo.InvariantCulture, out var strategy) ? new HungCall(session, inputs, call, strategy) : null;
    }
}
