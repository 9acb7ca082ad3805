namespace Penstock.Model.Orders;

/// <summary>
/// Our id of an order: the idempotency key of every venue request (R90). On the wire it is 14 characters, 'p' and 13 base-36
/// digits: inside every venue's alphabet (Kraken takes 18 free characters, OKX letters and digits only).
/// </summary>
public readonly record struct ClientOrderId(long Value) : IComparable<ClientOrderId>
{
    public const int TextBytes = 14;

    private const int SequenceBits = 40;

    public static readonly ClientOrderId None = default;

    /// <param name="session">The journal session that created the order, 1 .. 8,388,607: two runs never share an id.</param>
    /// <param name="sequence">Counts orders within the session, from 1.</param>
    public static ClientOrderId Of(int session, long sequence) => new(((long)session << SequenceBits) | sequence);

    public bool IsNone => Value == 0;

    /// <summary>The journal session that gave it out.</summary>
    public int Session => (int)(Value >> SequenceBits);

    /// <summary>Its number within the session, from 1.</summary>
    public long Sequence => Value & ((1L << SequenceBits) - 1);

    public int CompareTo(ClientOrderId other) => Value.CompareTo(other.Value);

    /// <summary>Writes exactly <see cref="TextBytes"/> bytes.</summary>
    public int Format(Span<byte> destination)
    {
        destination[0] = (byte)'p';
        var rest = (ulong)Value;
        for (var i = TextBytes - 1; i > 0; i--)
        {
            (rest, var digit) = Math.DivRem(rest, 36);
            destination[i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        return TextBytes;
    }

    /// <summary>False for ids that are not ours (orders entered by other means).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ClientOrderId id)
    {
        id = default;
        if (text.Length != TextBytes || text[0] != (byte)'p') return false;
        UInt128 value = 0;
        foreach (var c in text[1..])
        {
            int digit = c is >= (byte)'0' and <= (byte)'9' ? c - '0' : c is >= (byte)'a' and <= (byte)'z' ? c - 'a' + 10 : -1;
            if (digit < 0) return false;
            value = value * 36 + (uint)digit;
        }

        if (value == 0 || value > (UInt128)long.MaxValue) return false;
        id = new ClientOrderId((long)value);
        return true;
    }

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextBytes];
        Format(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }
}
