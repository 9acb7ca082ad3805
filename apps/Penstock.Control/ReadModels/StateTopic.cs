using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Control.ReadModels;

/// <summary>A topic whose whole state is one JSON value somebody else makes now and then.</summary>
internal sealed class StateTopic(string name, int hzMax) : ITopic
{
    private byte[] _data = "null"u8.ToArray();

    public string Name => name;

    public long Version { get; private set; }

    public int HzMax => hzMax;

    public bool IsList => false;

    /// <summary>The same value again is no change.</summary>
    public void Set(byte[] json)
    {
        if (json.AsSpan().SequenceEqual(_data)) return;
        _data = json;
        Version++;
    }

    public void Set(JsonNode json) => Set(JsonText.Encode(w => json.WriteTo(w)));

    public void Write(Utf8JsonWriter json, long since) => json.WriteRawValue(_data, skipInputValidation: true);
}
