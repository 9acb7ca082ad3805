using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Penstock.Infrastructure.Configuration;

/// <summary>The JSON schema (2020-12) of a configuration type, for editors and for `penstock config schema`.</summary>
public static class ConfigurationSchema
{
    /// <summary>The schema as indented JSON. Deterministic, so it can be kept under version control.</summary>
    public static string Of<T>()
        where T : class
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            writer.WriteString("title", typeof(T).Name);
            WriteType(writer, typeof(T), null, ConfigurationShape.New(typeof(T)));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteType(Utf8JsonWriter writer, Type declared, ConfigurationShape.Member? member, object? value)
    {
        var type = ConfigurationShape.Plain(declared);
        if (member is { Description.Length: > 0 })
        {
            writer.WriteString("description", member.Description);
        }

        if (ConfigurationShape.IsLeaf(type))
        {
            WriteLeaf(writer, type, nullable: declared != type, member, value);
            return;
        }

        if (ConfigurationShape.Element(type, out var isMap) is { } element)
        {
            writer.WriteString("type", isMap ? "object" : "array");
            writer.WriteStartObject(isMap ? "additionalProperties" : "items");
            WriteType(writer, element, null, ConfigurationShape.IsLeaf(ConfigurationShape.Plain(element)) ? null : NewOrNull(element));
            writer.WriteEndObject();
            return;
        }

        WriteObject(writer, type, value);
    }

    private static object? NewOrNull(Type type)
        => ConfigurationShape.Element(type, out _) is null ? ConfigurationShape.New(type) : null;

    private static void WriteObject(Utf8JsonWriter writer, Type type, object? value)
    {
        var members = ConfigurationShape.Members(type);
        writer.WriteString("type", "object");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        foreach (var member in members)
        {
            writer.WriteStartObject(member.Key);
            WriteType(writer, member.Property.PropertyType, member, value is null ? null : member.Property.GetValue(value));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (members.Any(member => member.Required))
        {
            writer.WriteStartArray("required");
            foreach (var member in members.Where(member => member.Required))
            {
                writer.WriteStringValue(member.Key);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteLeaf(Utf8JsonWriter writer, Type type, bool nullable, ConfigurationShape.Member? member, object? value)
    {
        var name = type == typeof(bool) ? "boolean"
            : ConfigurationShape.IsInteger(type) ? "integer"
            : ConfigurationShape.IsNumber(type) ? "number"
            : "string";
        if (nullable)
        {
            writer.WriteStartArray("type");
            writer.WriteStringValue(name);
            writer.WriteStringValue("null");
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("type", name);
        }

        if (type.IsEnum)
        {
            writer.WriteStartArray("enum");
            foreach (var text in ConfigurationShape.EnumNames(type))
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }

        if (member?.Rules.OfType<RangeAttribute>().FirstOrDefault() is { } range)
        {
            writer.WritePropertyName("minimum");
            writer.WriteRawValue(Convert.ToString(range.Minimum, CultureInfo.InvariantCulture)!);
            writer.WritePropertyName("maximum");
            writer.WriteRawValue(Convert.ToString(range.Maximum, CultureInfo.InvariantCulture)!);
        }

        if (value is not null && member is { Required: false })
        {
            writer.WritePropertyName("default");
            writer.WriteRawValue(ConfigurationText.Literal(value));
        }
    }
}
