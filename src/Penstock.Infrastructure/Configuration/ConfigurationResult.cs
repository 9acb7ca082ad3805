namespace Penstock.Infrastructure.Configuration;

/// <summary>Where a value came from.</summary>
/// <param name="Kind">Default, the file, or --set.</param>
/// <param name="Text">How to print it: "default", "node.json:12", "--set".</param>
public readonly record struct ConfigurationSource(ConfigurationSourceKind Kind, string Text)
{
    public static readonly ConfigurationSource Default = new(ConfigurationSourceKind.Default, "default");
}

/// <summary>The three places values come from; later ones win.</summary>
public enum ConfigurationSourceKind
{
    Default,
    File,
    Override,
}

/// <summary>A configuration, or everything that is wrong with it.</summary>
public sealed record ConfigurationResult<T>(
    T? Value, IReadOnlyList<ConfigurationError> Errors, IReadOnlyDictionary<string, ConfigurationSource> Sources)
    where T : class
{
    public bool Ok => Value is not null;
}

/// <summary>How to read a configuration.</summary>
public sealed record ConfigurationOptions
{
    /// <summary>Highest "version" understood; a file that says more was written for a newer build.</summary>
    public int VersionMax { get; init; } = 1;

    /// <summary>"a.b=c" each, applied in order over the file.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];
}
