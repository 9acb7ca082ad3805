using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Penstock.Infrastructure.Configuration;

/// <summary>Nodes to typed records; collects every error instead of stopping at the first.</summary>
internal sealed class ConfigurationBinder(ConfigurationTextFile file, List<ConfigurationError> errors)
{
    public Dictionary<string, ConfigurationSource> Sources { get; } = new(StringComparer.Ordinal);

    public object? Bind(Type declared, ConfigurationNode node, string path)
    {
        var type = ConfigurationShape.Plain(declared);
        if (ConfigurationShape.IsLeaf(type))
        {
            Sources[path] = node.IsOverride
                ? new ConfigurationSource(ConfigurationSourceKind.Override, "--set")
                : new ConfigurationSource(ConfigurationSourceKind.File, $"{file.Name}:{node.Line}");
            return BindLeaf(declared, type, node, path);
        }

        if (ConfigurationShape.Element(type, out var isMap) is { } element)
        {
            return isMap ? BindMap(element, node, path) : BindList(type, element, node, path);
        }

        return node.Kind == NodeKind.Object ? BindObject(type, node, path) : Wrong(node, path, "an object, in { }");
    }

    public object BindObject(Type type, ConfigurationNode node, string path)
    {
        var value = ConfigurationShape.New(type);
        var members = ConfigurationShape.Members(type);
        foreach (var given in node.Members)
        {
            var key = ConfigurationParser.Join(path, given.Key);
            if (members.FirstOrDefault(member => member.Key == given.Key) is not { } member)
            {
                Unknown(given, key, members);
                continue;
            }

            var before = errors.Count;
            var bound = Bind(member.Property.PropertyType, given.Value, key);
            if (errors.Count == before)
            {
                Check(member, bound, given.Value, key);
                member.Property.SetValue(value, bound);
            }
        }

        foreach (var member in members.Where(member => member.Required && node.Find(member.Key) is null))
        {
            var key = ConfigurationParser.Join(path, member.Key);
            errors.Add(file.Error(
                key, node.Line, node.Column, $"The key {key} is missing.",
                member.Description.Length > 0 ? member.Description : "It has no default.",
                $"Add \"{member.Key}\" here."));
        }

        return value;
    }

    private void Unknown(ConfigurationMember given, string key, IReadOnlyList<ConfigurationShape.Member> members)
    {
        var nearest = Suggestions.Nearest(given.Key, members.Select(member => member.Key));
        Add(given.Value, given.Line, given.Column, key, $"There is no key {key}.",
            "An unknown key is most often a misspelt one, and would have no effect.",
            nearest is not null
                ? $"Did you mean \"{nearest}\"?"
                : $"The keys here are {string.Join(", ", members.Select(member => member.Key))}.");
    }

    private object? BindLeaf(Type declared, Type type, ConfigurationNode node, string path)
    {
        if (node.Kind == NodeKind.Null || (node.Kind == NodeKind.Raw && node.Text == "null" && declared != type))
        {
            return declared != type ? null : Wrong(node, path, Expected(type));
        }

        var raw = node.Kind == NodeKind.Raw;
        if (type == typeof(string))
        {
            return raw || node.Kind == NodeKind.String ? node.Text : Wrong(node, path, Expected(type));
        }

        if (type == typeof(bool))
        {
            return (raw || node.Kind == NodeKind.Boolean) && node.Text is "true" or "false"
                ? node.Text == "true"
                : Wrong(node, path, Expected(type));
        }

        if (type.IsEnum)
        {
            return BindEnum(type, node, path);
        }

        return (raw || node.Kind == NodeKind.Number) && TryNumber(type, node.Text, out var number)
            ? number
            : Wrong(node, path, Expected(type));
    }

    private object? BindEnum(Type type, ConfigurationNode node, string path)
    {
        var names = ConfigurationShape.EnumNames(type);
        var index = node.Kind is NodeKind.String or NodeKind.Raw ? names.ToList().IndexOf(node.Text) : -1;
        if (index >= 0)
        {
            return Enum.Parse(type, Enum.GetNames(type)[index]);
        }

        if (node.Kind is not (NodeKind.String or NodeKind.Raw))
        {
            return Wrong(node, path, Expected(type));
        }

        var nearest = Suggestions.Nearest(node.Text, names);
        Add(node, node.Line, node.Column, path, $"{path} cannot be \"{Clean(node.Text)}\".",
            $"It is one of {string.Join(", ", names)}.",
            nearest is null ? "Choose one of them." : $"Did you mean \"{nearest}\"?");
        return null;
    }

    private static bool TryNumber(Type type, string text, out object? number)
    {
        var invariant = CultureInfo.InvariantCulture;
        number = null;
        if (type == typeof(double))
        {
            number = double.TryParse(text, NumberStyles.Float, invariant, out var value) && double.IsFinite(value) ? value : null;
        }
        else if (decimal.TryParse(text, NumberStyles.Float, invariant, out var exact))
        {
            try
            {
                // A fraction for an integer is refused, never rounded.
                number = type == typeof(decimal) ? exact
                    : exact == decimal.Truncate(exact) ? Convert.ChangeType(exact, type, invariant) : null;
            }
            catch (OverflowException)
            {
                return false;
            }
        }

        return number is not null;
    }

    private object? BindList(Type type, Type element, ConfigurationNode node, string path)
    {
        if (node.Kind != NodeKind.Array)
        {
            return Wrong(node, path, "a list, in [ ]");
        }

        var list = (IList)ConfigurationShape.New(typeof(List<>).MakeGenericType(element));
        foreach (var item in node.Members)
        {
            var before = errors.Count;
            var bound = Bind(element, item.Value, ConfigurationParser.Join(path, item.Key));
            if (errors.Count == before)
            {
                list.Add(bound);
            }
        }

        if (!type.IsArray)
        {
            return list;
        }

        var array = Array.CreateInstance(element, list.Count);
        list.CopyTo(array, 0);
        return array;
    }

    private object? BindMap(Type element, ConfigurationNode node, string path)
    {
        if (node.Kind != NodeKind.Object)
        {
            return Wrong(node, path, "an object, in { }");
        }

        var map = (IDictionary)ConfigurationShape.New(typeof(Dictionary<,>).MakeGenericType(typeof(string), element));
        foreach (var member in node.Members)
        {
            var before = errors.Count;
            var bound = Bind(element, member.Value, ConfigurationParser.Join(path, member.Key));
            if (errors.Count == before)
            {
                map.Add(member.Key, bound);
            }
        }

        return map;
    }

    private void Check(ConfigurationShape.Member member, object? value, ConfigurationNode node, string path)
    {
        foreach (var rule in member.Rules)
        {
            if (rule is RangeAttribute range && value is not null)
            {
                var at = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                var least = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
                var most = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
                if (at < least || at > most)
                {
                    Add(node, node.Line, node.Column, path, $"{path} is {Clean(node.Text)}.",
                        $"It must be from {range.Minimum} to {range.Maximum}.", "Choose a value in that range.");
                }
            }
            else if (value is not null && rule is not RangeAttribute && !rule.IsValid(value))
            {
                Add(node, node.Line, node.Column, path, $"{path} is not acceptable.", rule.FormatErrorMessage(member.Key), "Change it.");
            }
        }

        if (member.Required && value is string { Length: 0 })
        {
            Add(node, node.Line, node.Column, path, $"{path} is empty.", "It has no default.", "Give it a value.");
        }
    }

    private object? Wrong(ConfigurationNode node, string path, string expected)
    {
        Add(node, node.Line, node.Column, path, $"{path} is {node.Describe()}.", $"It must be {expected}.", "Write it that way.");
        return null;
    }

    private void Add(ConfigurationNode node, int line, int column, string path, string what, string why, string next)
        => errors.Add(node.IsOverride
            ? new ConfigurationError(path, 0, 0, what, why, next) { Source = "--set" }
            : file.Error(path, line, column, what, why, next));

    private static string Expected(Type type)
        => type == typeof(string) ? "a text, in quotes"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? $"one of {string.Join(", ", ConfigurationShape.EnumNames(type))}"
            : ConfigurationShape.IsInteger(type) ? $"a whole number ({type.Name})"
            : "a number";

    private static string Clean(string text)
        => new([.. text.Take(40).Select(c => char.IsControl(c) ? ' ' : c)]);
}
