namespace Penstock.Connectivity.Decoding;

/// <summary>A member of an object. The name is as sent: one with escapes equals no name we look for.</summary>
public readonly ref struct JsonMember
{
    internal JsonMember(ReadOnlySpan<byte> name, JsonValue value)
    {
        Name = name;
        Value = value;
    }

    public ReadOnlySpan<byte> Name { get; }

    public JsonValue Value { get; }
}

/// <summary>The members of an object in the order sent; none of anything else.</summary>
public ref struct JsonMembers
{
    private JsonScanner _scanner;

    internal JsonMembers(JsonValue source)
    {
        _scanner = new JsonScanner(source);
        _scanner.BeginObject();
    }

    public JsonMember Current { get; private set; }

    public readonly JsonMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_scanner.NextKey(out var name)) return false;
        JsonValue value = default;
        _scanner.Take(ref value);
        Current = new JsonMember(name, value);
        return value.IsPresent;
    }
}

/// <summary>The elements of an array; none of anything else.</summary>
public ref struct JsonElements
{
    private JsonScanner _scanner;

    internal JsonElements(JsonValue source)
    {
        _scanner = new JsonScanner(source);
        _scanner.BeginArray();
    }

    public JsonValue Current { get; private set; }

    public readonly JsonElements GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_scanner.NextElement(out var value)) return false;
        Current = value;
        return true;
    }
}
