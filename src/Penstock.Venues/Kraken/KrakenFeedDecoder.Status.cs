using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Kraken;

/// <summary>The two channels that say whether one may trade: the whole system's status, and each pair's.</summary>
internal sealed partial class KrakenFeedDecoder
{
    /// <summary>
    /// The status of the whole system comes first on every connection. While it is online that says nothing of a pair; a
    /// change to and from anything else is passed on for each of them.
    /// </summary>
    private QuarantineCause DecodeStatus(JsonValue entry, FeedBatch batch)
    {
        JsonValue system = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("system"u8)) scanner.Take(ref system);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (!system.IsString) return QuarantineCause.Malformed;
        var status = StatusOf(system);
        if (status == _systemStatus)
        {
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        _systemStatus = status;
        for (var index = 0; index < _instruments.All.Count; index++)
        {
            if (_instruments.All[index].Venue == _venue) batch.AddStatus(_instruments.All[index].Id, status);
        }

        return QuarantineCause.None;
    }

    /// <summary>Lists every pair of the venue; those not traded here are passed over.</summary>
    private QuarantineCause DecodeInstruments(JsonValue data, FeedBatch batch)
    {
        JsonValue pairs = default;
        var scanner = new JsonScanner(data);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("pairs"u8)) scanner.Take(ref pairs);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        var known = 0;
        if (pairs.IsPresent)
        {
            var entries = new JsonScanner(pairs);
            entries.BeginArray();
            while (entries.NextElement(out var entry))
            {
                JsonValue symbol = default, status = default;
                var fields = new JsonScanner(entry);
                fields.BeginObject();
                while (fields.NextKey(out var key))
                {
                    if (key.SequenceEqual("symbol"u8)) fields.Take(ref symbol);
                    else if (key.SequenceEqual("status"u8)) fields.Take(ref status);
                    else fields.Skip();
                }

                if (fields.Finish() is var cause and not QuarantineCause.None) return cause;
                if (!_instruments.TryFind(_venue, symbol, out var instrument)) continue;
                batch.AddStatus(instrument, StatusOf(status));
                known++;
            }

            if (entries.Finish() is var end and not QuarantineCause.None) return end;
        }

        if (known == 0) batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    /// <summary>The venue's words for a pair and for the system; the instrument list uses them too.</summary>
    internal static InstrumentStatus StatusOf(JsonValue status) =>
        status.Is("online"u8) ? InstrumentStatus.Trading
        : status.Is("cancel_only"u8) || status.Is("reduce_only"u8) ? InstrumentStatus.CancelOnly
        : status.Is("post_only"u8) ? InstrumentStatus.PostOnly
        : status.Is("limit_only"u8) ? InstrumentStatus.LimitOnly
        : status.Is("maintenance"u8) || status.Is("work_in_progress"u8) ? InstrumentStatus.Halted
        : status.Is("delisted"u8) ? InstrumentStatus.Delisted
        : InstrumentStatus.Unknown;
}
