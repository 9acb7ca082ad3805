using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Penstock.Infrastructure.Configuration;

/// <summary>How a .NET type looks in a configuration file; binding, schema and printing all ask here.</summary>
internal static class ConfigurationShape
{
    public sealed record Member(string Key, PropertyInfo Property, string Description, bool Required)
    {
        public IEnumerable<ValidationAttribute> Rules
            => Property.GetCustomAttributes<ValidationAttribute>(inherit: true).Where(rule => rule is not RequiredAttribute);
    }

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Member>> Cache = new();

    /// <summary>The settable public properties, in their order, under their camelCase names.</summary>
    public static IReadOnlyList<Member> Members(Type type) => Cache.GetOrAdd(type, static t =>
        [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .OrderBy(property => property.MetadataToken)
            .Select(property => new Member(
                JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                property,
                property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
                property.IsDefined(typeof(RequiredAttribute)) || property.IsDefined(typeof(RequiredMemberAttribute))))]);

    public static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    public static bool IsNumber(Type type) => IsInteger(type) || type == typeof(double) || type == typeof(decimal);

    public static bool IsInteger(Type type)
        => type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ushort) || type == typeof(byte);

    public static bool IsLeaf(Type type)
        => type == typeof(string) || type == typeof(bool) || type.IsEnum || IsNumber(type);

    /// <summary>The element type of a list, the value type of a map from text, else null.</summary>
    public static Type? Element(Type type, out bool isMap)
    {
        isMap = false;
        if (type == typeof(string))
        {
            return null;
        }

        if (type.IsArray)
        {
            return type.GetElementType();
        }

        if (!type.IsGenericType || !typeof(IEnumerable).IsAssignableFrom(type))
        {
            return null;
        }

        var arguments = type.GetGenericArguments();
        isMap = arguments.Length == 2 && arguments[0] == typeof(string);
        return isMap ? arguments[1] : arguments.Length == 1 ? arguments[0] : null;
    }

    public static string EnumName(object value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!);

    public static IReadOnlyList<string> EnumNames(Type type) => [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static object New(Type type) => Activator.CreateInstance(type, nonPublic: true)!;
}
