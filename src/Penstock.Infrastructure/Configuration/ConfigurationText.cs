using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Penstock.Infrastructure.Configuration;

/// <summary>Prints the configuration in force, each value with where it came from; for the start-up log and `config show`.</summary>
public static class ConfigurationText
{
    /// <summary>One line a value: key = value, and default, file:line or --set.</summary>
    public static string Show<T>(ConfigurationResult<T> result)
        where T : class
    {
        var text = new StringBuilder();
        if (result.Value is not null)
        {
            foreach (var (key, value, source) in Lines(result))
            {
                text.Append($"{key} = {value}".PadRight(56)).Append(" # ").Append(source.Text).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The same as values, for --json.</summary>
    public static IEnumerable<(string Key, string Value, ConfigurationSource Source)> Lines<T>(ConfigurationResult<T> result)
        where T : class
        => result.Value is null ? [] : Walk(typeof(T), result.Value, "", "", result.Sources);

    /// <summary>A leaf value as JSON.</summary>
    internal static string Literal(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string text => JsonSerializer.Serialize(text),
        Enum name => JsonSerializer.Serialize(ConfigurationShape.EnumName(name)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<(string Key, string Value, ConfigurationSource Source)> Walk(
        Type declared, object? value, string path, string name, IReadOnlyDictionary<string, ConfigurationSource> sources)
    {
        var type = ConfigurationShape.Plain(declared);
        if (value is null || ConfigurationShape.IsLeaf(type))
        {
            var shown = value is null ? "null" : ConfigurationSecrets.IsSecretName(name) && value is string { Length: > 0 } ? "\"***\"" : Literal(value);
            yield return (path, shown, sources.GetValueOrDefault(path, ConfigurationSource.Default));
            yield break;
        }

        foreach (var (key, child, childType) in Children(type, value))
        {
            foreach (var line in Walk(childType, child, ConfigurationParser.Join(path, key), key, sources))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<(string Key, object? Value, Type Type)> Children(Type type, object value)
    {
        if (ConfigurationShape.Element(type, out var isMap) is not { } element)
        {
            return ConfigurationShape.Members(type).Select(m => (m.Key, m.Property.GetValue(value), m.Property.PropertyType));
        }

        if (!isMap)
        {
            return ((IEnumerable)value).Cast<object?>().Select((item, i) => (i.ToString(CultureInfo.InvariantCulture), item, element));
        }

        var entries = new List<(string, object?, Type)>();
        foreach (var entry in (IEnumerable)value)
        {
            var pair = entry!.GetType();
            entries.Add(((string)pair.GetProperty("Key")!.GetValue(entry)!, pair.GetProperty("Value")!.GetValue(entry), element));
        }

        return entries;
    }
}
