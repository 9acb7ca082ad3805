namespace Penstock.Infrastructure.Configuration;

/// <summary>"Did you mean ...?" for keys, verbs, flags, venues, instruments, strategies: whatever a person types.</summary>
public static class Suggestions
{
    private const int LengthMax = 128;

    /// <summary>
    /// The candidate nearest to <paramref name="name"/>, or null when none is near: at most a third of the letters may differ
    /// (at least one; two swapped neighbours count once), upper and lower case do not count.
    /// </summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var best = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var distance = Distance(name, candidate);
            if (distance < best && distance <= Math.Max(1, Math.Max(name.Length, candidate.Length) / 3))
            {
                best = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Damerau-Levenshtein distance (adjacent letters swapped at most once), ignoring case.</summary>
    public static int Distance(string left, string right)
    {
        if (left.Length > LengthMax || right.Length > LengthMax)
        {
            return LengthMax;
        }

        Span<int> before = stackalloc int[LengthMax + 1];
        Span<int> previous = stackalloc int[LengthMax + 1];
        Span<int> current = stackalloc int[LengthMax + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            var spare = before;
            before = previous;
            previous = current;
            current = spare;
        }

        return previous[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
