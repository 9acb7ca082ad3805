using System.Globalization;

namespace Penstock.Infrastructure.Logging;

/// <summary>
/// A message as declared, once, in its project's LogMessages: a stable id that documentation and alerts can name, a level, and a
/// text with named holes ("Session {venue} reconnected after {attempts} attempts"). Declared when the program starts, never later.
/// </summary>
public sealed class LogMessage
{
    public const int ArgumentsMax = 4;

    /// <param name="id">PS and four digits; the first digit is the project's area.</param>
    /// <param name="level">What it is worth.</param>
    /// <param name="text">At most four holes.</param>
    public LogMessage(string id, LogLevel level, string text)
    {
        if (id.Length != 6
            || !id.StartsWith("PS", StringComparison.Ordinal)
            || !int.TryParse(id.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new ArgumentException($"A message id is PS and four digits, was {id}.", nameof(id));
        }

        Id = id;
        Level = level;
        Text = text;
        Area = number / 1000;
        (Pieces, Names) = Split(text);
        if (Names.Count > ArgumentsMax)
        {
            throw new ArgumentException($"A message has at most {ArgumentsMax} holes, {id} has {Names.Count}.", nameof(text));
        }
    }

    public string Id { get; }

    public LogLevel Level { get; }

    public string Text { get; }

    /// <summary>First digit of the id: levels can be set for each area.</summary>
    public int Area { get; }

    /// <summary>Names of the holes in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The text around the holes, one more than there are holes.</summary>
    internal IReadOnlyList<string> Pieces { get; }

    private static (List<string> Pieces, List<string> Names) Split(string text)
    {
        var pieces = new List<string>();
        var names = new List<string>();
        var at = 0;
        for (var open = text.IndexOf('{', StringComparison.Ordinal); open >= 0; open = text.IndexOf('{', at))
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                break;
            }

            pieces.Add(text[at..open]);
            names.Add(text[(open + 1)..close]);
            at = close + 1;
        }

        pieces.Add(text[at..]);
        return (pieces, names);
    }
}
