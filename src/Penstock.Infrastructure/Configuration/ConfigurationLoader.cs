namespace Penstock.Infrastructure.Configuration;

/// <summary>
/// One JSON file into typed records (E11). Strict, because a configuration that is half understood trades: unknown and doubled
/// keys, wrong types, values out of range and secrets are errors, all reported at once with line and column. Control plane only.
/// </summary>
public static class ConfigurationLoader
{
    /// <summary>A configuration is written by people; larger is a mistake.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>Reads a file. A file that cannot be read is an error in the result, not an exception.</summary>
    public static ConfigurationResult<T> Load<T>(string path, ConfigurationOptions? options = null)
        where T : class
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > BytesMax)
            {
                return Refused<T>(path, $"The file has {stream.Length} bytes.", $"At most {BytesMax} are read.", "Is it the right file?");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Parse<T>(bytes, Path.GetFileName(path), options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refused<T>(path, "There is no such file.", "The configuration is read before anything starts.", "Check the path given to --config.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused<T>(path, "The file cannot be read.", e.Message, "Check its owner and its rights.");
        }
    }

    /// <summary>Reads bytes already in memory.</summary>
    public static ConfigurationResult<T> Parse<T>(ReadOnlySpan<byte> bytes, string sourceName, ConfigurationOptions? options = null)
        where T : class
    {
        options ??= new ConfigurationOptions();
        var errors = new List<ConfigurationError>();
        var file = new ConfigurationTextFile(bytes.ToArray(), sourceName);
        var root = ConfigurationParser.Parse(file, errors);
        if (root is null || RefuseNewer(root, file, options, errors))
        {
            return new ConfigurationResult<T>(null, errors, NoSources);
        }

        ConfigurationOverrides.Apply(typeof(T), root, options.Overrides, errors);
        var secrets = new List<ConfigurationError>();
        ConfigurationSecrets.Refuse(root, "", "", file, secrets);
        if (secrets.Count > 0)
        {
            // Nothing else is said, so that no other message repeats a line with a secret in it.
            return new ConfigurationResult<T>(null, secrets, NoSources);
        }

        var binder = new ConfigurationBinder(file, errors);
        var value = (T)binder.BindObject(typeof(T), root, "");
        return new ConfigurationResult<T>(errors.Count == 0 ? value : null, errors, binder.Sources);
    }

    private static readonly Dictionary<string, ConfigurationSource> NoSources = [];

    private static ConfigurationResult<T> Refused<T>(string path, string what, string why, string next)
        where T : class
        => new(null, [new ConfigurationError("", 0, 0, what, why, next) { Source = path }], NoSources);

    private static bool RefuseNewer(
        ConfigurationNode root, ConfigurationTextFile file, ConfigurationOptions options, List<ConfigurationError> errors)
    {
        if (root.Find("version") is not { Kind: NodeKind.Number } node
            || !decimal.TryParse(node.Text, System.Globalization.CultureInfo.InvariantCulture, out var version)
            || version <= options.VersionMax)
        {
            return false;
        }

        errors.Add(file.Error(
            "version", node.Line, node.Column, $"The file is of version {node.Text}.",
            $"This build understands versions up to {options.VersionMax}; guessing at a newer one would be trading on a guess.",
            "Use a newer Penstock, or an older file."));
        return true;
    }
}
