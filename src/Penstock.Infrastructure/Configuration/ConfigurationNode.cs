namespace Penstock.Infrastructure.Configuration;

internal enum NodeKind
{
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,

    /// <summary>Unquoted text of --set; what it is, the property's type decides.</summary>
    Raw,
}

/// <summary>A JSON value that remembers where it stood.</summary>
internal sealed class ConfigurationNode(NodeKind kind, string text, int line, int column)
{
    public NodeKind Kind { get; } = kind;

    public string Text { get; } = text;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public bool IsOverride { get; init; }

    /// <summary>An object's members, or an array's items with their index as key.</summary>
    public List<ConfigurationMember> Members { get; } = [];

    public ConfigurationNode? Find(string key) => Members.FirstOrDefault(member => member.Key == key)?.Value;

    public string Describe() => Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.Array => "a list",
        NodeKind.String or NodeKind.Raw => "a text",
        NodeKind.Number => $"the number {Text}",
        NodeKind.Boolean => Text,
        _ => "null",
    };
}

internal sealed record ConfigurationMember(string Key, int Line, int Column, ConfigurationNode Value);
