using System.Globalization;

namespace Penstock.Infrastructure.Configuration;

/// <summary>Applies "a.b=c" onto the nodes of the file; the binder then judges them like the file's own.</summary>
internal static class ConfigurationOverrides
{
    public static void Apply(Type type, ConfigurationNode root, IReadOnlyList<string> overrides, List<ConfigurationError> errors)
    {
        foreach (var text in overrides)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                errors.Add(Error(text, $"--set {text} has no key and value.", "It reads --set key.path=value.", "Write it that way."));
                continue;
            }

            var key = text[..equals];
            if (!TrySet(type, root, key.Split('.'), text[(equals + 1)..]))
            {
                errors.Add(Error(key, $"--set {key}: there is no such place.", "A part of the path is not an object, or a list has no such index.",
                    "Check the path with: penstock config show"));
            }
        }
    }

    private static bool TrySet(Type type, ConfigurationNode node, string[] path, string text)
    {
        for (var i = 0; i < path.Length; i++)
        {
            var place = node.Members.FindIndex(member => member.Key == path[i]);
            type = MemberType(type, path[i]);
            if (i == path.Length - 1)
            {
                if (node.Kind == NodeKind.Array && place < 0)
                {
                    return false;
                }

                Put(node, place, path[i], Leaf(type, text));
                return true;
            }

            if (place < 0)
            {
                if (node.Kind != NodeKind.Object)
                {
                    return false;
                }

                Put(node, place, path[i], new ConfigurationNode(NodeKind.Object, "", 0, 0) { IsOverride = true });
                place = node.Members.Count - 1;
            }

            node = node.Members[place].Value;
            if (node.Kind is not (NodeKind.Object or NodeKind.Array))
            {
                return false;
            }
        }

        return false;
    }

    private static void Put(ConfigurationNode node, int place, string key, ConfigurationNode value)
    {
        var member = new ConfigurationMember(key, 0, 0, value);
        if (place < 0)
        {
            node.Members.Add(member);
        }
        else
        {
            node.Members[place] = member;
        }
    }

    /// <summary>A list may be given as a,b,c; everything else is text for the property's type to judge.</summary>
    private static ConfigurationNode Leaf(Type type, string text)
    {
        if (ConfigurationShape.Element(type, out var isMap) is null || isMap)
        {
            return new ConfigurationNode(NodeKind.Raw, text, 0, 0) { IsOverride = true };
        }

        var list = new ConfigurationNode(NodeKind.Array, "", 0, 0) { IsOverride = true };
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Put(list, -1, list.Members.Count.ToString(CultureInfo.InvariantCulture),
                new ConfigurationNode(NodeKind.Raw, item, 0, 0) { IsOverride = true });
        }

        return list;
    }

    private static Type MemberType(Type type, string key)
    {
        type = ConfigurationShape.Plain(type);
        return ConfigurationShape.Element(type, out _)
               ?? (ConfigurationShape.IsLeaf(type)
                   ? typeof(string)
                   : ConfigurationShape.Members(type).FirstOrDefault(member => member.Key == key)?.Property.PropertyType ?? typeof(string));
    }

    private static ConfigurationError Error(string key, string what, string why, string next)
        => new(key, 0, 0, what, why, next) { Source = "--set" };
}
