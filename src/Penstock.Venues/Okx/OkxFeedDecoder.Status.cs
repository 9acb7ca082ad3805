using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Okx;

/// <summary>The channel that says whether one may trade an instrument.</summary>
internal sealed partial class OkxFeedDecoder
{
    /// <summary>Lists instruments of a whole type; those not traded here are passed over.</summary>
    private QuarantineCause DecodeStatuses(JsonValue data, FeedBatch batch)
    {
        var known = 0;
        var entries = new JsonScanner(data);
        entries.BeginArray();
        while (entries.NextElement(out var entry))
        {
            JsonValue symbol = default, state = default;
            var fields = new JsonScanner(entry);
            fields.BeginObject();
            while (fields.NextKey(out var key))
            {
                if (key.SequenceEqual("instId"u8)) fields.Take(ref symbol);
                else if (key.SequenceEqual("state"u8)) fields.Take(ref state);
                else fields.Skip();
            }

            if (fields.Finish() is var cause and not QuarantineCause.None) return cause;
            if (!_instruments.TryFind(_venue, symbol, out var instrument)) continue;
            batch.AddStatus(instrument, StatusOf(state));
            known++;
        }

        if (known == 0) batch.AddControl(FeedMessageKind.Ignored);
        return entries.Finish();
    }

    /// <summary>The venue's words for an instrument; the instrument list uses them too.</summary>
    internal static InstrumentStatus StatusOf(JsonValue state) =>
        state.Is("live"u8) ? InstrumentStatus.Trading
        : state.Is("suspend"u8) || state.Is("preopen"u8) || state.Is("test"u8) || state.Is("rebase"u8) ? InstrumentStatus.Halted
        : state.Is("post_only"u8) ? InstrumentStatus.PostOnly
        : state.Is("expired"u8) ? InstrumentStatus.Delisted
        : InstrumentStatus.Unknown;
}
