using Penstock.Infrastructure.Problems;

namespace Penstock.Node.Commands;

/// <summary>The command line of the node program: few words, taken one after the other. The friendly parser is the control plane's.</summary>
internal sealed class Words(IReadOnlyList<string> words)
{
    private readonly List<string> _rest = [.. words.Where(w => w != "--debug")];

    /// <summary>The next word that is not an option.</summary>
    public string Next(string expected)
    {
        var index = _rest.FindIndex(w => !w.StartsWith("--", StringComparison.Ordinal));
        if (index < 0) throw new Problem(ExitCode.Usage, $"expected {expected}", "penstock-node", "the command line ends before it", "penstock --help");
        var word = _rest[index];
        _rest.RemoveAt(index);
        return word;
    }

    /// <summary>All words that are no options; call after the options with values were taken.</summary>
    public IReadOnlyList<string> All(string expected)
    {
        var words = new List<string> { Next(expected) };
        while (_rest.Exists(w => !w.StartsWith("--", StringComparison.Ordinal))) words.Add(Next(expected));
        return words;
    }

    /// <summary>Without taking it.</summary>
    public bool Has(string name) => _rest.Contains(name);

    public bool Flag(string name) => _rest.Remove(name);

    /// <summary>The word after an option; null when the option is not there.</summary>
    public string? Value(string name)
    {
        var index = _rest.IndexOf(name);
        if (index < 0) return null;
        if (index + 1 >= _rest.Count) throw new Problem(ExitCode.Usage, $"{name} needs a value", "penstock-node", "the command line ends after it", "penstock --help");
        var value = _rest[index + 1];
        _rest.RemoveRange(index, 2);
        return value;
    }

    public IReadOnlyList<string> Values(string name)
    {
        var values = new List<string>();
        while (Value(name) is { } value) values.Add(value);
        return values;
    }

    /// <summary>Call when everything expected was taken.</summary>
    public void End()
    {
        if (_rest.Count > 0) throw new Problem(ExitCode.Usage, $"'{_rest[0]}' is not understood", "penstock-node", "nothing more is expected here", "penstock --help");
    }
}
