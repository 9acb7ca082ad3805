using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Penstock.Infrastructure.Snapshots;

/// <summary>
/// State on its way into a snapshot, or out of one (R157). One method describes both directions, so that what is saved and
/// what is loaded cannot drift apart: <c>_sequence = state.Value(_sequence);</c> writes the value when saving and returns it,
/// and returns the saved one when loading.
/// <code>
///   state | part | part | ... |      part: name length(1) name  version(4)  bytes(4)  content
/// </code>
/// Parts are found by name. A part or a version that is not known here was written by a newer build; the whole state is
/// refused then, never half of it taken.
/// </summary>
public sealed class StateArchive
{
    private readonly Dictionary<string, (int Version, int Start, int Length)> _parts = [];
    private readonly HashSet<string> _opened = [];
    private byte[] _bytes;
    private int _at;
    private int _end;

    private StateArchive(byte[] bytes, bool isLoading)
    {
        _bytes = bytes;
        IsLoading = isLoading;
        if (isLoading) Index();
    }

    /// <summary>False while saving.</summary>
    public bool IsLoading { get; }

    /// <summary>Of the part being saved or loaded: what is loaded may be older than what this build saves.</summary>
    public int Version { get; private set; }

    public static StateArchive ToSave() => new(new byte[64 * 1024], isLoading: false);

    /// <exception cref="InvalidDataException">The bytes are no parts.</exception>
    public static StateArchive ToLoad(ReadOnlySpan<byte> bytes) => new(bytes.ToArray(), isLoading: true);

    /// <summary>What was saved so far.</summary>
    public ReadOnlySpan<byte> Saved => _bytes.AsSpan(0, _at);

    /// <summary>Is the part there? Always so when saving; older states may lack it.</summary>
    public bool Has(string name) => !IsLoading || _parts.ContainsKey(name);

    /// <summary>One named part; parts do not nest.</summary>
    /// <param name="name">Never given to another content.</param>
    /// <param name="version">The newest this build knows; what it saves.</param>
    /// <param name="content">Saves or loads, by the values it asks for.</param>
    /// <exception cref="InvalidDataException">Absent, newer, or not what it says.</exception>
    public void Part(string name, int version, Action<StateArchive> content)
    {
        if (IsLoading) LoadPart(name, version, content);
        else SavePart(name, version, content);
    }

    /// <summary>Loading is over: nothing may be left that this build does not know.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public void RequireAllLoaded()
    {
        foreach (var name in _parts.Keys)
        {
            if (!_opened.Contains(name)) throw new InvalidDataException($"The part '{name}' is not known to this build: a newer one wrote it.");
        }
    }

    /// <summary>The value, or when loading the saved one. A value of another size than the saved one is another type.</summary>
    public T Value<T>(T value)
        where T : unmanaged
    {
        if (IsLoading)
        {
            var saved = Take(Unsafe.SizeOf<T>());
            return MemoryMarshal.Read<T>(saved);
        }

        MemoryMarshal.Write(Room(Unsafe.SizeOf<T>()), in value);
        return value;
    }

    /// <summary>All values of an array whose length is part of the setup, so must be the same again.</summary>
    public void Values<T>(Span<T> values)
        where T : unmanaged
    {
        var count = Value(values.Length);
        var size = Value(Unsafe.SizeOf<T>());
        if (count != values.Length || size != Unsafe.SizeOf<T>())
        {
            throw new InvalidDataException(
                $"{count} values of {size} bytes were saved, {values.Length} of {Unsafe.SizeOf<T>()} bytes are expected: "
                + $"the setup or the layout of {typeof(T).Name} is another.");
        }

        var bytes = MemoryMarshal.AsBytes(values);
        if (IsLoading) Take(bytes.Length).CopyTo(bytes);
        else bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>An array that has another length every time.</summary>
    public T[] List<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var count = Value(values.Length);
        if (IsLoading && (count < 0 || (long)count * Unsafe.SizeOf<T>() > _end - _at)) throw Short();
        var list = IsLoading ? new T[count] : values.ToArray();
        Values(list.AsSpan());
        return list;
    }

    public string Text(string text)
    {
        if (IsLoading) return Encoding.UTF8.GetString(List<byte>([]));
        List<byte>(Encoding.UTF8.GetBytes(text));
        return text;
    }

    /// <summary>The public long fields of a statistics object, by name: one that was added starts at zero, one that is gone is forgotten.</summary>
    public void Counters<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(T counters)
        where T : class
    {
        var fields = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance).Where(f => f.FieldType == typeof(long)).ToList();
        var count = Value(fields.Count);
        for (var i = 0; i < count; i++)
        {
            var name = Text(IsLoading ? "" : fields[i].Name);
            var value = Value(IsLoading ? 0L : (long)fields[i].GetValue(counters)!);
            if (IsLoading) fields.Find(f => f.Name == name)?.SetValue(counters, value);
        }
    }

    private void SavePart(string name, int version, Action<StateArchive> content)
    {
        var label = Encoding.UTF8.GetBytes(name);
        Room(1)[0] = (byte)label.Length;
        label.CopyTo(Room(label.Length));
        BinaryPrimitives.WriteInt32LittleEndian(Room(4), version);
        var lengthAt = _at;
        Room(4);
        Version = version;
        content(this);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(lengthAt), _at - lengthAt - 4);
    }

    private void LoadPart(string name, int version, Action<StateArchive> content)
    {
        if (!_parts.TryGetValue(name, out var part)) throw new InvalidDataException($"The part '{name}' is missing.");
        if (part.Version > version)
            throw new InvalidDataException($"The part '{name}' has version {part.Version}, this build knows {version}: a newer one wrote it.");
        _opened.Add(name);
        (_at, _end, Version) = (part.Start, part.Start + part.Length, part.Version);
        content(this);
        if (_at != _end) throw new InvalidDataException($"The part '{name}' has {_end - _at} bytes more than this build reads.");
    }

    private void Index()
    {
        var at = 0;
        while (at < _bytes.Length)
        {
            var label = _bytes[at];
            var content = at + 1 + label + 8;
            if (content > _bytes.Length) throw Short();
            var name = Encoding.UTF8.GetString(_bytes, at + 1, label);
            var version = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(content - 8));
            var length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(content - 4));
            if (length < 0 || length > _bytes.Length - content || !_parts.TryAdd(name, (version, content, length))) throw Short();
            at = content + length;
        }
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _end - _at) throw Short();
        var span = _bytes.AsSpan(_at, bytes);
        _at += bytes;
        return span;
    }

    private Span<byte> Room(int bytes)
    {
        if (_at + bytes > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _at + bytes));
        var span = _bytes.AsSpan(_at, bytes);
        _at += bytes;
        return span;
    }

    private static InvalidDataException Short() => new("The state ends before it is whole.");
}
