using System.Buffers.Binary;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.MarketData.Bus;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>One message as a test states it.</summary>
internal sealed record FakeMessage(FeedMessageKind Kind, InstrumentId Instrument)
{
    public long First { get; init; } = FeedMessage.NoId;
    public long Last { get; init; } = FeedMessage.NoId;
    public long Previous { get; init; } = FeedMessage.NoId;
    public long? Checksum { get; init; }

    /// <summary>In the count over the whole connection.</summary>
    public long Sequence { get; init; } = FeedMessage.NoId;

    /// <summary>The events have ids of their own.</summary>
    public bool HasEventIds { get; init; }

    public long TimeNs { get; init; }
    public IReadOnlyList<MarketEvent> Events { get; init; } = [];
}

/// <summary>A venue whose frames are the number of a prepared message; a frame that is no such number does not decode.</summary>
internal sealed class FakeProtocol : IFeedProtocol
{
    private readonly List<FakeMessage> _messages = [];

    public byte[] Frame(FakeMessage message)
    {
        _messages.Add(message);
        var frame = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(frame, _messages.Count - 1);
        return frame;
    }

    public void Reset()
    {
    }

    public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

    public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
    {
    }

    public void WriteResubscribe(Instrument instrument, FrameWriter writer)
    {
    }

    public bool TryWritePing(FrameWriter writer) => false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (frame.Length != 4) return QuarantineCause.Malformed;
        var source = _messages[BinaryPrimitives.ReadInt32LittleEndian(frame)];
        batch.ConnectionSequence = source.Sequence;
        ref var message = ref batch.BeginMessage(source.Kind, source.Instrument);
        message.HasEventIds = source.HasEventIds;
        message.FirstUpdateId = source.First;
        message.LastUpdateId = source.Last;
        message.PreviousUpdateId = source.Previous;
        message.Time = new ExchangeTime(source.TimeNs);
        message.HasChecksum = source.Checksum.HasValue;
        message.Checksum = source.Checksum ?? 0;
        for (var i = 0; i < source.Events.Count; i++) batch.AddEvent() = source.Events[i];
        batch.EndMessage();
        return QuarantineCause.None;
    }

    public RestRequest? SnapshotRequest(Instrument instrument) => null;

    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch) => Decode(body, batch);
}

/// <summary>Remembers what the ingest asked for, in order.</summary>
internal sealed class FakeControl : IFeedControl
{
    public Queue<InstrumentId> Wanted { get; } = new();
    public int Snapshots { get; private set; }
    public int Resubscriptions { get; private set; }
    public List<DisconnectReason> Reconnects { get; } = [];

    public void RequestSnapshot(InstrumentId instrument)
    {
        Snapshots++;
        Wanted.Enqueue(instrument);
    }

    public void Resubscribe(InstrumentId instrument)
    {
        Resubscriptions++;
        Wanted.Enqueue(instrument);
    }

    public void Reconnect(DisconnectReason reason) => Reconnects.Add(reason);
}

/// <summary>Keeps every published event and hands it on.</summary>
internal sealed class FakePublisher : IEventPublisher
{
    private long _sequence;

    public List<MarketEvent> Events { get; } = [];
    public bool Keeps { get; set; } = true;
    public int Batches { get; private set; }
    public Action<MarketEvent>? Reader { get; set; }

    public void Publish(Span<MarketEvent> events)
    {
        Batches++;
        foreach (ref var e in events)
        {
            e.Sequence = ++_sequence;
            if (Keeps) Events.Add(e);
            Reader?.Invoke(e);
        }
    }
}

/// <summary>A checksum over every level of the book: nothing wrong can hide below it.</summary>
internal sealed class WholeBookChecksum : IBookChecksum
{
    public int Depth => 1000;

    public long Compute(ReadOnlySpan<ChecksumLevel> bids, ReadOnlySpan<ChecksumLevel> asks) => Of(bids) * 31 + Of(asks);

    private static long Of(ReadOnlySpan<ChecksumLevel> levels)
    {
        long hash = 17;
        foreach (ref readonly var level in levels) hash = (hash * 31 + level.PriceRaw) * 31 + level.QuantityRaw;
        return hash;
    }
}
