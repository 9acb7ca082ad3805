namespace Penstock.Control.Sidecar;

/// <summary>
/// A counter has one label, a text ("okx feed 2", "okx BadChecksum", "trading"); a metric has named ones. What the words mean
/// follows from the group of the counter; the label of a group not known here is passed on whole.
/// </summary>
internal static class MetricLabels
{
    public static IReadOnlyList<(string Key, string Value)> Of(string counter, string label)
    {
        if (label.Length == 0) return [];
        return counter.Split('_')[0] switch
        {
            "thread" or "hot" => [("thread", label)],
            "risk" => [("rule", label)],
            "incidents" when label.Split(' ', 2) is [var name, var subject] => [("class", name), ("subject", subject)],
            "quarantine" => [("writer", label)],
            "capture" => Venue(label.StartsWith("capture-", StringComparison.Ordinal) ? label["capture-".Length..] : label),
            "feed" or "link" or "rest" or "orders" or "reader" or "ring" or "path" or "clock" or "exchange" => Venue(label),
            _ => [("of", label)],
        };
    }

    /// <summary>The venue, then in any order: which session, which of several lines, which cause.</summary>
    private static List<(string, string)> Venue(string label)
    {
        var words = label.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var labels = new List<(string, string)> { ("venue", words.Length > 0 ? words[0] : label) };
        foreach (var word in words.Skip(1))
        {
            var key = word is "feed" or "orders" ? "session" : word.All(char.IsAsciiDigit) ? "line" : "cause";
            if (labels.Exists(l => l.Item1 == key)) return [("of", label)];
            labels.Add((key, word));
        }

        return labels;
    }
}
