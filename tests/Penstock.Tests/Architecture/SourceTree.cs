using System.Text.RegularExpressions;

namespace Penstock.Tests.Architecture;

/// <summary>One source file: where it is and what it says, comments and texts blanked out.</summary>
internal sealed record SourceFile(string Path, string Code)
{
    /// <summary>First two path elements: src/Penstock.Model.</summary>
    public string Project => string.Join('/', Path.Split('/').Take(2));

    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>The folder path without its first element; a test of its own makes sure of that.</summary>
    public string Namespace => Folder[(Folder.IndexOf('/') + 1)..].Replace('/', '.');
}

/// <summary>
/// The repository's code read as tokens: which type is declared where and who names it. Enough to see every arrow between
/// folders without compiling.
/// </summary>
internal static partial class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Read(params string[] folders) =>
    [
        .. folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(Root, f), "*.cs", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("artifacts/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => new SourceFile(f, Noise().Replace(File.ReadAllText(Path.Combine(Root, f)), " "))),
    ];

    /// <summary>
    /// (user file, used file, type name): every use of a type declared in exactly one other file. A name counts where the
    /// compiler could mean the type: the type's namespace encloses the file or is imported by it (then the name is no member
    /// of something else), or stands right before the name.
    /// </summary>
    public static IEnumerable<(SourceFile From, SourceFile To, string Type)> Arrows(IReadOnlyList<SourceFile> files)
    {
        var homes = files
            .SelectMany(f => Declaration().Matches(f.Code).Select(m => (Name: m.Groups[1].Value + m.Groups[2].Value, File: f)))
            .GroupBy(d => d.Name)
            .Where(g => g.Select(d => d.File).Distinct().Count() == 1)
            .ToDictionary(g => g.Key, g => g.First().File);
        foreach (var file in files)
        {
            var imported = Imports().Matches(file.Code).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (qualifier, name) in Names(Usings().Replace(file.Code, " ")))
            {
                if (!homes.TryGetValue(name, out var home) || home == file) continue;
                var isMeant = qualifier.Length > 0
                    ? ("." + home.Namespace + ".").EndsWith("." + qualifier, StringComparison.Ordinal)
                    : imported.Contains(home.Namespace) || (file.Namespace + ".").StartsWith(home.Namespace + ".", StringComparison.Ordinal);
                if (isMeant && seen.Add(name)) yield return (file, home, name);
            }
        }
    }

    /// <summary>Each name of A.B.C with what stands before it: ("", A), ("A.", B), ("A.B.", C).</summary>
    private static IEnumerable<(string Qualifier, string Name)> Names(string code)
    {
        foreach (Match chain in Chain().Matches(code))
        {
            var start = 0;
            foreach (var name in chain.Value.Split('.'))
            {
                yield return (chain.Value[..start], name);
                start += name.Length + 1;
            }
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Penstock.slnx is not above the test program.");
        return folder;
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\$*\"\"\"+.*?\"\"\"+|\$?@"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex Noise();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+(?:struct|class))?)\s+([A-Z]\w+)|\bdelegate\s+[\w<>\[\],.?* ]+\s+([A-Z]\w+)\s*[<(]")]
    private static partial Regex Declaration();

    /// <summary>Names joined by dots; what follows a call's or an index's dot is a member and no type.</summary>
    [GeneratedRegex(@"(?<![\w.])\w+(?:\.\w+)*")]
    private static partial Regex Chain();

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex Imports();

    [GeneratedRegex(@"^\s*(?:global\s+)?(?:using|namespace)\b[^;{=]*[;{]", RegexOptions.Multiline)]
    private static partial Regex Usings();
}
