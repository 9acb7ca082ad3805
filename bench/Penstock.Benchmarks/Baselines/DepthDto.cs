using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Penstock.Model.Numbers;

namespace Penstock.Benchmarks.Baselines;

#pragma warning disable CA1812 // Created by the serializer.
internal sealed class DepthFrame
{
    [JsonPropertyName("stream")] public string Stream { get; set; } = "";

    [JsonPropertyName("data")] public DepthUpdate Data { get; set; } = new();
}

internal sealed class DepthUpdate
{
    [JsonPropertyName("e")] public string Event { get; set; } = "";

    [JsonPropertyName("E")] public long Time { get; set; }

    [JsonPropertyName("s")] public string Symbol { get; set; } = "";

    [JsonPropertyName("U")] public long First { get; set; }

    [JsonPropertyName("u")] public long Last { get; set; }

    [JsonPropertyName("b")] public string[][] Bids { get; set; } = [];

    [JsonPropertyName("a")] public string[][] Asks { get; set; } = [];
}
#pragma warning restore CA1812

[JsonSerializable(typeof(DepthFrame))]
internal sealed partial class DepthJson : JsonSerializerContext;

/// <summary>The usual .NET way: source-generated deserialisation into objects, then text to number.</summary>
internal static class DepthDto
{
    public static long Parse(byte[] message) => Parse(message.AsSpan());

    public static long Parse(ReadOnlySpan<byte> message)
    {
        var data = JsonSerializer.Deserialize(message, DepthJson.Default.DepthFrame)!.Data;
        var sum = data.Last;
        foreach (var level in data.Bids) sum += Number(level[0]) ^ Number(level[1]);
        foreach (var level in data.Asks) sum += Number(level[0]) ^ Number(level[1]);
        return sum;
    }

    private static long Number(string text)
    {
        Span<byte> bytes = stackalloc byte[32];
        FixedPoint.TryParse(bytes[..Encoding.ASCII.GetBytes(text, bytes)], out var raw);
        return raw;
    }
}
