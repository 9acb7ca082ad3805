using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Recovery;

/// <summary>One link of the audit trail: who did what, why, and what came of it (R145).</summary>
public sealed record AuditEntry
{
    /// <summary>Why of a link that begins a session.</summary>
    public const string SessionBegan = "a session began";

    /// <summary>Why of a link that begins a session beside whose journal an <see cref="AuditAnchor"/> is kept.</summary>
    public const string AnchoredSessionBegan = "a session began; its journal's end is anchored";

    /// <summary>From 1 without holes, over all sessions; given by the trail.</summary>
    public long Number { get; init; }

    public required int Session { get; init; }

    /// <summary>Engine time, monotonic ns of the session.</summary>
    public required long NowNs { get; init; }

    /// <summary>None: a session began; the text is the SHA-256 of its configuration.</summary>
    public required EngineCommandKind Kind { get; init; }

    /// <summary>The command did something.</summary>
    public required bool Done { get; init; }

    public InstrumentId Instrument { get; init; }

    public ushort Strategy { get; init; }

    public NodeState State { get; init; }

    public Degradation Degradation { get; init; }

    public string Who { get; init; } = "";

    public string Why { get; init; } = "";

    public string Text { get; init; } = "";

    /// <summary>What the engine answered.</summary>
    public string Outcome { get; init; } = "";
}

/// <summary>
/// The chain of audit records (R91, R145): every record holds the SHA-256 of the one before it and of itself, so none can be
/// changed, taken out or exchanged without all later ones changing too.
/// <code>
///   0 version(1) 1 kind(1) 2 done(1) 3 state(1) 4 degradation(1) 5 zero(1) 6 strategy(2) 8 instrument(4) 12 session(4)
///   16 number(8) 24 now(8) 32 previous hash(32) 64 who, why, text, outcome: bytes(4 × 2) 72 the four texts, SHA-256 of all before(32)
/// </code>
/// </summary>
public sealed class AuditTrail
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    private const byte RecordVersion = 1;
    private const int HeaderBytes = 72;
    private const int PreviousAt = 32;
    private const int LengthsAt = 64;

    private readonly byte[] _head = new byte[HashBytes];

    /// <summary>Records so far.</summary>
    public long Number { get; private set; }

    /// <summary>Hash of the last record; zeros before the first.</summary>
    public ReadOnlySpan<byte> Head => _head;

    /// <summary>The next link's bytes; the number of the entry is given here. Allocates: commands are rare.</summary>
    public byte[] Next(AuditEntry entry)
    {
        byte[][] texts = [.. new[] { entry.Who, entry.Why, entry.Text, entry.Outcome }.Select(Encoding.UTF8.GetBytes)];
        var bytes = new byte[HeaderBytes + texts.Sum(t => t.Length) + HashBytes];
        bytes[0] = RecordVersion;
        (bytes[1], bytes[2], bytes[3], bytes[4]) = ((byte)entry.Kind, entry.Done ? (byte)1 : (byte)0, (byte)entry.State, (byte)entry.Degradation);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), entry.Strategy);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), entry.Instrument.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), entry.Session);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), ++Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), entry.NowNs);
        _head.CopyTo(bytes, PreviousAt);
        var at = HeaderBytes;
        for (var i = 0; i < texts.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(LengthsAt + i * 2), (ushort)texts[i].Length);
            texts[i].CopyTo(bytes, at);
            at += texts[i].Length;
        }

        SHA256.HashData(bytes.AsSpan(0, at), _head);
        _head.CopyTo(bytes, at);
        return bytes;
    }

    /// <summary>Takes one recorded link when it is the one that follows.</summary>
    /// <returns>Null when it does; else what is wrong with it.</returns>
    public string? TryFollow(ReadOnlySpan<byte> payload, out AuditEntry? entry)
    {
        entry = null;
        if (payload.Length < HeaderBytes + HashBytes) return "it is too short";
        if (payload[0] > RecordVersion) return $"it has version {payload[0]}, this build reads {RecordVersion}";
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(payload[..^HashBytes], hash);
        if (!hash.SequenceEqual(payload[^HashBytes..])) return "its bytes do not match its hash";
        var number = BinaryPrimitives.ReadInt64LittleEndian(payload[16..]);
        if (number != Number + 1) return $"it is number {number}, number {Number + 1} is missing";
        if (!payload.Slice(PreviousAt, HashBytes).SequenceEqual(_head)) return "it does not follow the one before it";
        if (Decode(payload, number) is not { } decoded) return "its lengths contradict each other";
        entry = decoded;
        Number = number;
        hash.CopyTo(_head);
        return null;
    }

    /// <summary>Begins behind records that were carried elsewhere.</summary>
    public void GoOnFrom(long number, ReadOnlySpan<byte> head)
    {
        Number = number;
        head.CopyTo(_head);
    }

    public void Archive(StateArchive state)
    {
        Number = state.Value(Number);
        state.Values(_head.AsSpan());
    }

    private static AuditEntry? Decode(ReadOnlySpan<byte> payload, long number)
    {
        var at = HeaderBytes;
        var texts = new string[4];
        for (var i = 0; i < texts.Length; i++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(payload[(LengthsAt + i * 2)..]);
            if (at + length > payload.Length - HashBytes) return null;
            texts[i] = Encoding.UTF8.GetString(payload.Slice(at, length));
            at += length;
        }

        return at != payload.Length - HashBytes ? null : new AuditEntry
        {
            Number = number,
            Session = BinaryPrimitives.ReadInt32LittleEndian(payload[12..]),
            NowNs = BinaryPrimitives.ReadInt64LittleEndian(payload[24..]),
            Kind = (EngineCommandKind)payload[1], Done = payload[2] == 1, State = (NodeState)payload[3], Degradation = (Degradation)payload[4],
            Strategy = BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]),
            Instrument = new InstrumentId(BinaryPrimitives.ReadInt32LittleEndian(payload[8..])),
            Who = texts[0], Why = texts[1], Text = texts[2], Outcome = texts[3],
        };
    }
}
