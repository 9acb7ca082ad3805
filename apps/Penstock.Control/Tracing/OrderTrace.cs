using System.Text.Json.Nodes;

namespace Penstock.Control.Tracing;

/// <summary>One moment in the life of an order.</summary>
/// <param name="Name">venue, tick, book, decision, risk, send, then what the venue answered.</param>
/// <param name="Record">The journal record that says so.</param>
/// <param name="Ns">Monotonic nanoseconds of the node's clock; null where no clock is read, and for the venue's own.</param>
/// <param name="SinceTickNs">Since the bytes of the causing event were read; null across a restart, whose clock may be another.</param>
/// <param name="Source">Which clock, read where.</param>
/// <param name="Text">What happened, in a sentence.</param>
internal sealed record TraceStep(string Name, long Record, long? Ns, long? SinceTickNs, string Source, string Text)
{
    /// <summary>Where no clock is read: it happened between these.</summary>
    public long? NotBeforeNs { get; init; }

    public long? NotAfterNs { get; init; }

    /// <summary>The venue's clock, nanoseconds since the Unix epoch; null where it told no time.</summary>
    public long? VenueUnixNs { get; init; }

    public JsonObject ToJson() => new()
    {
        ["step"] = Name, ["record"] = Record, ["ns"] = Ns, ["sinceTickNs"] = SinceTickNs, ["notBeforeNs"] = NotBeforeNs, ["notAfterNs"] = NotAfterNs,
        ["venueUnixNs"] = VenueUnixNs, ["source"] = Source, ["text"] = Text,
    };
}

/// <summary>Why an order happened and what became of it: tick → book → decision → risk → send → answers (R58), from the journal alone.</summary>
internal sealed record OrderTrace
{
    public required string ClientOrderId { get; init; }

    /// <summary>Every id the venue gave it; empty while it gave none.</summary>
    public required IReadOnlyList<string> VenueOrderIds { get; init; }

    /// <summary>As people write it: BTC-USDT.OKX.</summary>
    public required string Instrument { get; init; }

    public required string Strategy { get; init; }

    /// <summary>Side, quantity and price as approved; empty where the journal holds no intent of ours.</summary>
    public required string Order { get; init; }

    /// <summary>working, Filled, Cancelled, Rejected …</summary>
    public required string Outcome { get; init; }

    public required int Session { get; init; }

    public required IReadOnlyList<TraceStep> Steps { get; init; }

    public required long RecordsRead { get; init; }

    public JsonObject ToJson() => new()
    {
        ["clientOrderId"] = ClientOrderId, ["instrument"] = Instrument,
        ["venueOrderIds"] = new JsonArray([.. VenueOrderIds.Select(i => (JsonNode)i)]),
        ["strategy"] = Strategy, ["order"] = Order, ["outcome"] = Outcome, ["session"] = Session,
        ["steps"] = new JsonArray([.. Steps.Select(s => (JsonNode)s.ToJson())]), ["recordsRead"] = RecordsRead,
    };
}
