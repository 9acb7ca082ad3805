using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Recovery;

/// <summary>How a session began: all a replay needs besides the records themselves.</summary>
/// <param name="Session">Counts sessions of one journal from 1; part of every client order id.</param>
/// <param name="Seed">Of the strategies' random numbers.</param>
/// <param name="NowNs">Monotonic; the session's time base.</param>
/// <param name="Configuration">JSON: instruments, strategies, limits.</param>
public sealed record SessionInfo(int Session, ulong Seed, long NowNs, string Configuration)
{
    /// <summary>
    /// Which records the session has: from 2 on an audit record follows every command, from 3 on there are named limits, breakers and refusals,
    /// from 4 on an order that was forgotten is told from one that was never known, from 5 on the rules that each
    /// <c>IsFormat5</c> names are in force.
    /// A replay keeps the recorded one.
    /// </summary>
    public int Format { get; init; } = SessionStartRecord.CurrentVersion;

    /// <summary>From format 5 on: somebody keeps an <see cref="AuditAnchor"/> beside the journal: without it something was taken away.</summary>
    public bool IsAnchored { get; init; }

    /// <summary>
    /// Unix time at <see cref="NowNs"/>, ns; zero where nobody named it, and before format 5. Dates of orders are kept by it over a restart.
    /// </summary>
    public long UnixNs { get; init; }

    /// <summary>Unix time at which the session's clock read zero, ns: what makes times of day of engine times. Null where nobody named it.</summary>
    public long? UnixAtZeroNs => UnixNs == 0 ? null : UnixNs - NowNs;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SessionStartRecord
{
    public const int CurrentVersion = 5;

    /// <summary>Or'ed to the version: the journal's end is anchored.</summary>
    public const int AnchoredFlag = 1 << 16;

    public int Version;
    public int Session;
    public ulong Seed;
    public long NowNs;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VenueRecord
{
    public long NowNs;
    public byte Venue;
    /// <summary>1: ready, or succeeded.</summary>
    public byte Flag;
    public byte Reason;
}

/// <summary>An order as it was approved, written before it leaves (I1).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct OrderIntentRecord
{
    public long ClientOrderId;
    public int Instrument;
    public ushort Strategy;
    public Side Side;
    public OrderType Type;
    public TimeInForce TimeInForce;
    public OrderFlags Flags;
    public long PriceRaw;
    public long QuantityRaw;
    public long TriggerNs;

    public static OrderIntentRecord Of(in OrderRequest request) => new()
    {
        ClientOrderId = request.ClientOrderId.Value, Instrument = request.Instrument.Value, Strategy = request.Strategy,
        Side = request.Side, Type = request.Type, TimeInForce = request.TimeInForce, Flags = request.Flags,
        PriceRaw = request.Price.Raw, QuantityRaw = request.Quantity.Raw, TriggerNs = request.Trigger.Ns,
    };

    public override readonly string ToString() =>
        $"{Side} {new Model.Numbers.Quantity(QuantityRaw)} @ {new Model.Numbers.Price(PriceRaw)}, instrument {Instrument}, strategy {Strategy}, id {new ClientOrderId(ClientOrderId)}";
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CancelIntentRecord
{
    public long ClientOrderId;
    public int Instrument;
    public long TriggerNs;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct StateRecord
{
    /// <summary>Input records of the session so far.</summary>
    public long Inputs;
    public ulong StateHash;
}

/// <summary>Bytes of the records with text in them; the others are their structs.</summary>
public static class EngineRecords
{
    /// <summary>Before the configuration, where the session names its wall clock: no JSON begins with it.</summary>
    private const byte UnixMark = 0;
    private const int UnixBytes = 1 + sizeof(long);
    private const int UnixFormat = 5;

    private const int CommandVersion = 1;

    /// <summary>Same bytes; the number keeps an older build from reading a command it does not know as one that did nothing.</summary>
    private const int SwapCommandVersion = 2;

    private const int CommandVersionAt = 14;
    private const int CommandHeaderBytes = 8 + 4 + 2 + 1 + 1 + 1 + 1 + 2 + 2 + 2;

    public static bool IsInput(EngineRecordType type) => type is > EngineRecordType.None and < EngineRecordType.OrderIntent;

    /// <summary>What this build says of an input it cannot read.</summary>
    public static readonly string Newer =
        $"not readable: this build reads sessions up to format {SessionStartRecord.CurrentVersion} and commands up to version {SwapCommandVersion}; "
        + "a newer Penstock wrote it, or it is damaged";

    /// <summary>An input by its type and, where it has one, its version.</summary>
    public static string Describe(EngineRecordType type, ReadOnlySpan<byte> payload) => type switch
    {
        EngineRecordType.SessionStart when MemoryMarshal.TryRead<SessionStartRecord>(payload, out var header) =>
            $"{type} of format {header.Version & ~SessionStartRecord.AnchoredFlag}",
        EngineRecordType.Command or EngineRecordType.StateChange when payload.Length > CommandVersionAt =>
            $"{type} of version {payload[CommandVersionAt]}",
        _ => $"{type} of {payload.Length} bytes",
    };

    public static bool TryRead<T>(ReadOnlySpan<byte> payload, out T value)
        where T : unmanaged
    {
        value = default;
        return payload.Length == System.Runtime.CompilerServices.Unsafe.SizeOf<T>() && MemoryMarshal.TryRead(payload, out value);
    }

    public static byte[] Encode(SessionInfo info)
    {
        var version = info.Format | (info.IsAnchored ? SessionStartRecord.AnchoredFlag : 0);
        var header = new SessionStartRecord { Version = version, Session = info.Session, Seed = info.Seed, NowNs = info.NowNs };
        Span<byte> unix = stackalloc byte[UnixBytes];
        unix[0] = UnixMark;
        BinaryPrimitives.WriteInt64LittleEndian(unix[1..], info.UnixNs);
        if (info.UnixNs == 0 || info.Format < UnixFormat) unix = [];
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<SessionStartRecord>(in header)), .. unix, .. Encoding.UTF8.GetBytes(info.Configuration)];
    }

    /// <summary>Null when the payload is not a session start of a version known here.</summary>
    public static SessionInfo? DecodeSession(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<SessionStartRecord>(payload, out var header)) return null;
        var format = header.Version & ~SessionStartRecord.AnchoredFlag;
        if (format is < 1 or > SessionStartRecord.CurrentVersion) return null;
        var text = payload[Marshal.SizeOf<SessionStartRecord>()..];
        var unixNs = 0L;
        if (format >= UnixFormat && text.Length >= UnixBytes && text[0] == UnixMark)
        {
            unixNs = BinaryPrimitives.ReadInt64LittleEndian(text[1..]);
            text = text[UnixBytes..];
        }

        return new SessionInfo(header.Session, header.Seed, header.NowNs, Encoding.UTF8.GetString(text))
        {
            Format = format, IsAnchored = format != header.Version, UnixNs = unixNs,
        };
    }

    public static byte[] Encode(EngineCommand command)
    {
        var who = Encoding.UTF8.GetBytes(command.Who);
        var why = Encoding.UTF8.GetBytes(command.Why);
        var text = Encoding.UTF8.GetBytes(command.Text);
        var bytes = new byte[CommandHeaderBytes + who.Length + why.Length + text.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, command.NowNs);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), command.Instrument.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), command.Strategy);
        var isSwap = command.Kind is >= EngineCommandKind.SwapStrategy and <= EngineCommandKind.FinishSwap;
        bytes[CommandVersionAt] = (byte)(isSwap ? SwapCommandVersion : CommandVersion);
        bytes[15] = (byte)command.Kind;
        bytes[16] = (byte)command.State;
        bytes[17] = (byte)command.Degradation;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), (ushort)who.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(20), (ushort)why.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(22), (ushort)text.Length);
        who.CopyTo(bytes, CommandHeaderBytes);
        why.CopyTo(bytes, CommandHeaderBytes + who.Length);
        text.CopyTo(bytes, CommandHeaderBytes + who.Length + why.Length);
        return bytes;
    }

    /// <summary>Null when the payload is not a command of a version known here.</summary>
    public static EngineCommand? DecodeCommand(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < CommandHeaderBytes || payload[CommandVersionAt] is not (CommandVersion or SwapCommandVersion)) return null;
        int who = BinaryPrimitives.ReadUInt16LittleEndian(payload[18..]);
        int why = BinaryPrimitives.ReadUInt16LittleEndian(payload[20..]);
        int text = BinaryPrimitives.ReadUInt16LittleEndian(payload[22..]);
        if (payload.Length != CommandHeaderBytes + who + why + text) return null;
        var texts = payload[CommandHeaderBytes..];
        return new EngineCommand
        {
            NowNs = BinaryPrimitives.ReadInt64LittleEndian(payload),
            Instrument = new InstrumentId(BinaryPrimitives.ReadInt32LittleEndian(payload[8..])),
            Strategy = BinaryPrimitives.ReadUInt16LittleEndian(payload[12..]),
            Kind = (EngineCommandKind)payload[15],
            State = (NodeState)payload[16],
            Degradation = (Degradation)payload[17],
            Who = Encoding.UTF8.GetString(texts[..who]),
            Why = Encoding.UTF8.GetString(texts.Slice(who, why)),
            Text = Encoding.UTF8.GetString(texts[(who + why)..]),
        };
    }
}
