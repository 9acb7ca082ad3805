namespace Penstock.Infrastructure.Configuration;

/// <summary>A configuration is copied, mailed and committed, so keys of value may not stand in it; only their names may.</summary>
internal static class ConfigurationSecrets
{
    private const int KeyLengthMin = 32;
    private const double EntropyBitsMin = 3.5;

    private static readonly string[] Endings =
        ["secret", "apikey", "password", "passphrase", "token", "privatekey", "secretkey", "accesskey"];

    /// <summary>Is a value under this key a secret by its name?</summary>
    public static bool IsSecretName(string key)
    {
        var plain = key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Endings.Any(ending => plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }

    public static void Refuse(
        ConfigurationNode node, string path, string key, ConfigurationTextFile file, List<ConfigurationError> errors)
    {
        foreach (var member in node.Members)
        {
            // An array's items go by the array's name.
            var name = node.Kind == NodeKind.Array ? key : member.Key;
            Refuse(member.Value, ConfigurationParser.Join(path, member.Key), name, file, errors);
        }

        if (node.Kind is not (NodeKind.String or NodeKind.Raw or NodeKind.Number) || node.Text.Length == 0)
        {
            return;
        }

        var byName = IsSecretName(key);
        if (byName || LooksRandom(node.Text))
        {
            errors.Add(file.Error(
                path, node.Line, node.Column,
                byName ? $"The key {path} has a secret's name and a value." : $"The value of {path} looks like a secret.",
                "Configuration files are copied and committed; secrets in them leak.",
                "Remove it (and if it was real, replace it at the venue), and store it with: penstock keys add",
                snippet: false) with { Source = node.IsOverride ? "--set" : file.Name });
        }
    }

    private static bool LooksRandom(string text)
    {
        if (text.Length < KeyLengthMin
            || text[0] == '/'
            || text.Any(c => !char.IsAsciiLetterOrDigit(c) && !"+/=_-".Contains(c, StringComparison.Ordinal))
            || !text.Any(char.IsAsciiDigit)
            || !text.Any(char.IsAsciiLetter))
        {
            return false;
        }

        var bits = text.GroupBy(c => c).Sum(group => -(double)group.Count() / text.Length * Math.Log2((double)group.Count() / text.Length));
        return bits >= EntropyBitsMin || (text.All(char.IsAsciiHexDigit) && bits >= 3);
    }
}
