using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Penstock.Infrastructure.Configuration;

/// <summary>Bytes to nodes. Comments are allowed: a configuration is read by people.</summary>
internal static class ConfigurationParser
{
    private const int DepthMax = 32;

    public static ConfigurationNode? Parse(ConfigurationTextFile file, List<ConfigurationError> errors)
    {
        if (RefuseByteOrderMark(file, errors) || RefuseBrokenText(file, errors))
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(
                file.Bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthMax });
            reader.Read();
            var root = ReadValue(ref reader, file, "", errors);

            // Anything after the end is found by reading on.
            reader.Read();
            if (root.Kind == NodeKind.Object)
            {
                return root;
            }

            errors.Add(file.Error(
                "", root.Line, root.Column, $"The file holds {root.Describe()}.", "A configuration is one object.", "Put it in { }."));
        }
        catch (JsonException e)
        {
            errors.Add(Malformed(file, e));
        }
        catch (InvalidOperationException)
        {
            // The reader's way of saying that an escape like \ud800 is half a character; it does not say where.
            errors.Add(file.Error(
                "", 0, 0, "A text has half a character in it.", "A \\ud8xx escape needs its second half.", "Look for \\ud8 to \\udf."));
        }

        return null;
    }

    private static ConfigurationNode ReadValue(
        ref Utf8JsonReader reader, ConfigurationTextFile file, string path, List<ConfigurationError> errors)
    {
        var (line, column) = file.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var node = new ConfigurationNode(NodeKind.Object, "", line, column);
                ReadMembers(ref reader, file, path, node, errors);
                return node;
            case JsonTokenType.StartArray:
                var list = new ConfigurationNode(NodeKind.Array, "", line, column);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var index = list.Members.Count.ToString(CultureInfo.InvariantCulture);
                    var item = ReadValue(ref reader, file, Join(path, index), errors);
                    list.Members.Add(new ConfigurationMember(index, item.Line, item.Column, item));
                }

                return list;
            case JsonTokenType.String:
                return new ConfigurationNode(NodeKind.String, reader.GetString()!, line, column);
            case JsonTokenType.Number:
                return new ConfigurationNode(NodeKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, column);
            case JsonTokenType.True or JsonTokenType.False:
                return new ConfigurationNode(NodeKind.Boolean, reader.GetBoolean() ? "true" : "false", line, column);
            default:
                return new ConfigurationNode(NodeKind.Null, "null", line, column);
        }
    }

    private static void ReadMembers(
        ref Utf8JsonReader reader,
        ConfigurationTextFile file,
        string path,
        ConfigurationNode node,
        List<ConfigurationError> errors)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            var (line, column) = file.At(reader.TokenStartIndex);
            reader.Read();
            var value = ReadValue(ref reader, file, Join(path, key), errors);
            if (node.Members.FirstOrDefault(member => member.Key == key) is { } earlier)
            {
                errors.Add(file.Error(
                    Join(path, key), line, column,
                    $"The key {Join(path, key)} is there twice.",
                    $"It stands in line {earlier.Line} already, and nobody can know which one is meant.",
                    "Remove one of them."));
            }
            else
            {
                node.Members.Add(new ConfigurationMember(key, line, column, value));
            }
        }
    }

    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static bool RefuseByteOrderMark(ConfigurationTextFile file, List<ConfigurationError> errors)
    {
        var bytes = file.Bytes;
        var found = bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? "a UTF-8 byte order mark"
            : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
                ? "a UTF-16 byte order mark"
                : null;
        if (found is null)
        {
            return false;
        }

        errors.Add(file.Error(
            "", 1, 1, $"The file begins with {found}.", "JSON is UTF-8 without a mark (RFC 8259).",
            "Save the file as UTF-8 without BOM.", snippet: false));
        return true;
    }

    private static bool RefuseBrokenText(ConfigurationTextFile file, List<ConfigurationError> errors)
    {
        var rest = file.Bytes;
        while (Rune.DecodeFromUtf8(rest, out _, out var consumed) == OperationStatus.Done)
        {
            rest = rest[consumed..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var (line, column) = file.At(file.Bytes.Length - rest.Length);
        errors.Add(file.Error(
            "", line, column, "There is a byte that is not UTF-8.", "JSON is UTF-8 (RFC 8259).", "Save the file as UTF-8."));
        return true;
    }

    private static ConfigurationError Malformed(ConfigurationTextFile file, JsonException e)
    {
        var offset = file.OffsetOf((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0));
        var rest = file.Bytes[Math.Min(offset, file.Bytes.Length)..];
        var (line, column) = file.At(offset);
        if (file.Bytes.Trim(" \t\r\n"u8).IsEmpty)
        {
            return file.Error("", 0, 0, "The file is empty.", "A configuration is one JSON object.", "Start with {}.");
        }

        if (rest.StartsWith("\u201C"u8) || rest.StartsWith("\u201D"u8) || rest.StartsWith("\u2018"u8) || rest.StartsWith("\u2019"u8))
        {
            return file.Error(
                "", line, column, "There is a curly quote.", "A word processor put it there; JSON knows only the straight one.",
                "Replace it by \".");
        }

        if (rest.StartsWith("'"u8))
        {
            return file.Error("", line, column, "There is a single quote.", "JSON knows only the double one.", "Replace it by \".");
        }

        var comma = file.Bytes[..offset].TrimEnd(" \t\r\n"u8);
        if ((rest.StartsWith("}"u8) || rest.StartsWith("]"u8)) && comma.EndsWith(","u8))
        {
            (line, column) = file.At(comma.Length - 1);
            return file.Error(
                "", line, column, "There is a comma after the last entry.", "JSON has commas only between entries.", "Remove this comma.");
        }

        // The library's text quotes what it found, which may be anything; only its first sentence is ours to repeat.
        return file.Error(
            "", line, column, "This is not JSON.", offset >= file.Bytes.Length ? "The file ends in the middle." : "The reader did not expect what stands at the caret.",
            "Look for a missing quote, comma or bracket before it.");
    }
}
