using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Penstock.Infrastructure.Configuration;

namespace Penstock.Strategies;

/// <summary>
/// Reads and checks a configuration record. The serializer's own reading of a type, and the framework's validator, remember every type they
/// have seen for the rest of the process, and with it the plugin it came from (R96): so the properties are read and checked here, one by one.
/// </summary>
internal static class ConfigurationReader
{
    private static readonly DefaultJsonTypeInfoResolver Usual = new();

    /// <summary>Of one configuration type: what they remember goes when the type goes.</summary>
    /// <param name="numbersAreTexts">A number where text is expected is its digits: whoever wrote <c>fees=10</c> could not know better.</param>
    public static JsonSerializerOptions OptionsOfOneType(bool numbersAreTexts = true)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
            TypeInfoResolver = new Forgetful(),
        };
        if (numbersAreTexts) options.Converters.Add(new TextOfNumber());
        return options;
    }

    /// <summary>
    /// The configuration, its usual values where nothing is said; or what is wrong, in the words of whoever wrote it: keys and values, and no
    /// types of ours.
    /// </summary>
    public static string? Read<T>(string json, JsonSerializerOptions options, out T config)
        where T : class, new()
    {
        config = new T();
        if (string.IsNullOrWhiteSpace(json)) return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var settings = document.RootElement;
            if (settings.ValueKind != JsonValueKind.Object) return "Settings are keys with values.";
            var known = options.GetTypeInfo(typeof(T)).Properties;
            foreach (var setting in settings.EnumerateObject())
            {
                if (known.All(p => p.Name != setting.Name)) return Unknown(setting.Name, [.. known.Select(p => p.Name)]);
            }

            return TryDeserialize(settings, options, known, ref config);
        }
        catch (JsonException e)
        {
            return $"Not JSON: {e.Message}";
        }
    }

    private static string? TryDeserialize<T>(JsonElement settings, JsonSerializerOptions options, IList<JsonPropertyInfo> known, ref T config)
    {
        try
        {
            config = settings.Deserialize<T>(options)!;
            return null;
        }
        catch (JsonException e)
        {
            // The path of a setting is "$.spreadBps", of something within one longer.
            var property = known.FirstOrDefault(p => e.Path == "$." + p.Name);
            return property is null ? $"{e.Path?.TrimStart('$', '.')} has a value that does not fit."
                : $"{property.Name} is {Expected(property.PropertyType)}, not '{settings.GetProperty(property.Name)}'.";
        }
    }

    private static string Unknown(string name, IReadOnlyList<string> known)
    {
        var nearest = Suggestions.Nearest(name, known) is { } near ? $" Did you mean '{near}'?" : "";
        return $"There is no setting '{name}'.{nearest} Known: {string.Join(", ", known.DefaultIfEmpty("none"))}.";
    }

    private static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(string)) return "text";
        if (type == typeof(decimal) || type == typeof(double) || type == typeof(float)) return "a number";
        return type.IsPrimitive ? "a whole number within range" : "a value of another kind";
    }

    /// <summary>What the attributes on its properties say; empty when all is well.</summary>
    public static string Problems(object config)
    {
        var problems = new List<string>();
        foreach (var property in config.GetType().GetProperties())
        {
            foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>(inherit: true))
            {
                if (attribute is RegularExpressionAttribute pattern && TryMatch(pattern, property, config) is { } matches)
                {
                    if (!matches) problems.Add(pattern.FormatErrorMessage(property.Name));
                    continue;
                }

                // With a name of its own nobody looks the type up.
                var context = new ValidationContext(config) { MemberName = property.Name, DisplayName = property.Name };
                if (attribute.GetValidationResult(property.GetValue(config), context) is { ErrorMessage: { } problem }) problems.Add(problem);
            }
        }

        foreach (var attribute in config.GetType().GetCustomAttributes<ValidationAttribute>(inherit: true))
        {
            var context = new ValidationContext(config) { DisplayName = config.GetType().Name };
            if (attribute.GetValidationResult(config, context) is { ErrorMessage: { } problem }) problems.Add(problem);
        }

        if (problems.Count == 0 && config is IValidatableObject own)
            problems.AddRange(own.Validate(new ValidationContext(config) { DisplayName = config.GetType().Name }).Select(r => r.ErrorMessage ?? ""));
        return string.Join(" ", problems);
    }

    /// <summary>
    /// As the attribute judges, in time that grows with the text only: its own way may try without end, gives up by the clock, and so decides
    /// otherwise in a replay. Null for the few patterns that cannot be matched so.
    /// </summary>
    private static bool? TryMatch(RegularExpressionAttribute attribute, PropertyInfo property, object config)
    {
        if (Convert.ToString(property.GetValue(config), CultureInfo.InvariantCulture) is not { Length: > 0 } text) return true;
        try
        {
            foreach (var match in new Regex(attribute.Pattern, RegexOptions.NonBacktracking).EnumerateMatches(text))
                return match.Index == 0 && match.Length == text.Length;
            return false;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private sealed class TextOfNumber : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => throw new JsonException(),
        };

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    private sealed class Forgetful : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            var info = JsonTypeInfo.CreateJsonTypeInfo(type, options);
            if (info.Kind == JsonTypeInfoKind.None) return info;
            if (info.Kind != JsonTypeInfoKind.Object || type.GetConstructor(Type.EmptyTypes) is null) return Usual.GetTypeInfo(type, options);
            info.CreateObject = () => Activator.CreateInstance(type)!;
            foreach (var property in type.GetProperties().Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
            {
                var read = info.CreateJsonPropertyInfo(property.PropertyType, JsonNamingPolicy.CamelCase.ConvertName(property.Name));
                (read.Get, read.Set) = (property.GetValue, property.SetValue);
                info.Properties.Add(read);
            }

            return info;
        }
    }
}
