using System.Text.Json;

namespace Penstock.Control.ReadModels;

/// <summary>
/// A bounded list of what happened, newest last, each row encoded once when it comes. Row n is version n: whoever has seen n misses nothing
/// when the next rows begin at n + 1.
/// </summary>
/// <param name="name">Of the topic.</param>
/// <param name="capacity">Rows kept.</param>
/// <param name="snapshotRows">Rows of a snapshot, at most.</param>
/// <param name="hzMax">Updates per second.</param>
internal class RowLog(string name, int capacity, int snapshotRows, int hzMax) : ITopic
{
    private readonly byte[][] _rows = new byte[capacity][];

    public string Name => name;

    public long Version { get; private set; }

    public int HzMax => hzMax;

    public bool IsList => true;

    /// <summary>The number the next row will have.</summary>
    public long NextNumber => Version + 1;

    protected int Capacity => capacity;

    protected int SnapshotRows => snapshotRows;

    public bool CanUpdate(long since) => since >= Version - capacity;

    public virtual byte BinaryBody => 0;

    public virtual void WriteBinary(System.Buffers.IBufferWriter<byte> to, long since) => throw new NotSupportedException();

    /// <param name="fields">Writes the row's fields behind its number.</param>
    public void Add(Action<Utf8JsonWriter> fields)
    {
        var number = NextNumber;
        _rows[(number - 1) % capacity] = JsonText.Encode(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("n"u8, number);
            fields(json);
            json.WriteEndObject();
        });
        Version = number;
    }

    public void Write(Utf8JsonWriter json, long since) => Write(json, since, snapshotRows);

    /// <param name="json">Where to.</param>
    /// <param name="since">Rows after this one; <see cref="ITopic.FromNothing"/>: the newest.</param>
    /// <param name="rowsMax">How many of the newest, where not all.</param>
    public void Write(Utf8JsonWriter json, long since, int rowsMax)
    {
        json.WriteStartArray();
        for (var n = FirstOf(since, rowsMax); n <= Version; n++) json.WriteRawValue(_rows[(n - 1) % capacity], skipInputValidation: true);
        json.WriteEndArray();
    }

    protected long FirstOf(long since, int rowsMax) =>
        Math.Max(since < 0 ? Version - rowsMax : since, Math.Max(0, Version - capacity)) + 1;
}
