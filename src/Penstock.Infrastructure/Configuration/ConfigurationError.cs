using System.Text;

namespace Penstock.Infrastructure.Configuration;

/// <summary>One thing wrong with a configuration, as its writer needs to hear it.</summary>
/// <param name="Key">The key's path (venues.0.name); empty for the file as a whole.</param>
/// <param name="Line">From 1; 0 when it is not in the file (absent, or from the command line).</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="What">What was found.</param>
/// <param name="Why">Why that cannot be.</param>
/// <param name="Next">What to do.</param>
public sealed record ConfigurationError(string Key, int Line, int Column, string What, string Why, string Next)
{
    /// <summary>Where it was read from: the file's name, or --set.</summary>
    public string Source { get; init; } = "";

    /// <summary>The line with a caret below it; whatever looks like a key of value is masked.</summary>
    public string Snippet { get; init; } = "";

    public override string ToString()
    {
        var text = new StringBuilder(Source);
        if (Line > 0)
        {
            text.Append(':').Append(Line).Append(':').Append(Column);
        }

        text.Append(": ").Append(What);
        if (Snippet.Length > 0)
        {
            text.Append('\n').Append(Snippet);
        }

        return text.Append("\n  why:  ").Append(Why).Append("\n  next: ").Append(Next).ToString();
    }
}
