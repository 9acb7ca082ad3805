using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Coinbase;

/// <summary>The channel that says whether one may trade a product.</summary>
internal sealed partial class CoinbaseFeedDecoder
{
    private const int StatusProduct = 0, StatusWord = 1;

    private static readonly JsonFields StatusFields = new("id", "status");

    /// <summary>May list every product of the venue; those not traded here are passed over.</summary>
    private QuarantineCause DecodeStatuses(JsonValue products, FeedBatch batch)
    {
        if (!products.IsArray) return QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[StatusFields.Count];
        foreach (var product in products.Elements)
        {
            var cause = StatusFields.Pick(product, ranges, out var fields);
            if (cause != QuarantineCause.None) return cause;
            if (_instruments.TryFind(_venue, fields[StatusProduct], out var instrument))
                batch.AddStatus(instrument, StatusOf(fields[StatusWord]));
        }

        return QuarantineCause.None;
    }

    /// <summary>The venue's words for a product; the product list uses them too.</summary>
    internal static InstrumentStatus StatusOf(JsonValue status) =>
        status.Is("online"u8) ? InstrumentStatus.Trading
        : status.Is("offline"u8) || status.Is("internal"u8) ? InstrumentStatus.Halted
        : status.Is("delisted"u8) ? InstrumentStatus.Delisted
        : InstrumentStatus.Unknown;
}
