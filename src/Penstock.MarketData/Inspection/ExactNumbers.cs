using System.Globalization;
using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Inspection;

/// <summary>
/// What does not fit an instrument's scales: finer prices, for which the recording is read again with a finer scale, and the exact texts of
/// quantities that were cut, so that a digest is exact where a book in a node is cut.
/// </summary>
internal sealed class ExactNumbers : IScaleObserver
{
    private readonly Dictionary<(int Instrument, Side Side, long Price), (long Raw, string Text)> _cut = [];

    /// <summary>Price scales to read the recording with, by instrument.</summary>
    public Dictionary<InstrumentId, int> FinerPrices { get; } = [];

    public void OnPriceTooFine(InstrumentId instrument, ReadOnlySpan<byte> text)
    {
        for (var scale = FixedPoint.Decimals + 1; scale <= FixedPoint.ScaleMax; scale++)
        {
            if (FixedPoint.TryParse(text, scale, out _, out _) != DecimalStatus.Ok) continue;
            FinerPrices[instrument] = Math.Max(scale, FinerPrices.GetValueOrDefault(instrument));
            return;
        }
    }

    public void OnQuantityCut(InstrumentId instrument, Side side, long priceRaw, long quantityRaw, ReadOnlySpan<byte> text) =>
        _cut[(instrument.Value, side, priceRaw)] = (quantityRaw, Plain(Encoding.ASCII.GetString(text)));

    /// <summary>The level's quantity as the venue sent it: plain decimals, no trailing zeros.</summary>
    public string QuantityText(Instrument instrument, Side side, BookLevel level) =>
        _cut.TryGetValue((instrument.Id.Value, side, level.Price.Raw), out var cut) && cut.Raw == level.Quantity.Raw
            ? cut.Text
            : FixedPoint.ToText(level.Quantity.Raw, instrument.QuantityScale);

    private static string Plain(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("0.############################", CultureInfo.InvariantCulture)
            : text;
}
