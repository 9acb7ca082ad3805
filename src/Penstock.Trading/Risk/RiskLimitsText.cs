using System.Globalization;
using System.Text.Json;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>Limits as people write them: a JSON object naming the ones to change, numbers or decimal strings.</summary>
public static class RiskLimitsText
{
    /// <param name="json">For instance <c>{"positionMax":"2.5","collarBps":200}</c>.</param>
    /// <param name="basis">What is not named stays as here.</param>
    /// <param name="limits">The basis where the text is refused.</param>
    /// <returns>Null when fine, else what is wrong.</returns>
    public static string? TryParse(string json, RiskLimits basis, out RiskLimits limits)
    {
        limits = basis;
        var changed = basis;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return "Expected a JSON object of limits.";
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (Change(ref changed, property) is { } problem) return problem;
            }
        }
        catch (JsonException e)
        {
            return $"Not JSON: {e.Message}";
        }

        if (changed.Problem() is { } wrong) return wrong;
        limits = changed;
        return null;
    }

    private static string? Change(ref RiskLimits limits, JsonProperty property)
    {
        if (property.NameEquals("checkBalance"))
        {
            if (property.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return "checkBalance must be true or false.";
            limits = limits with { CheckBalance = property.Value.GetBoolean() };
            return null;
        }

        var text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : property.Value.GetRawText();
        if (FixedPoint.TryParse(System.Text.Encoding.UTF8.GetBytes(text ?? ""), out var raw) != DecimalStatus.Ok)
            return string.Create(CultureInfo.InvariantCulture, $"{property.Name} must be a number with at most 8 decimals, was '{text}'.");
        var whole = raw % FixedPoint.Scale == 0 && raw / FixedPoint.Scale <= int.MaxValue ? (int)(raw / FixedPoint.Scale) : -1;
        switch (property.Name)
        {
            case "orderQuantityMax":
                limits = limits with { OrderQuantityMax = new Quantity(raw) };
                return null;
            case "orderNotionalMax":
                limits = limits with { OrderNotionalMax = Notional.OfAmount(raw) };
                return null;
            case "positionMax":
                limits = limits with { PositionMax = new Quantity(raw) };
                return null;
            case "grossExposureMax":
                limits = limits with { GrossExposureMax = Notional.OfAmount(raw) };
                return null;
            case "collarBps":
                limits = limits with { CollarBps = whole };
                return null;
            case "openOrdersMax":
                limits = limits with { OpenOrdersMax = whole };
                return null;
            case "messagesMax":
                limits = limits with { MessagesMax = whole };
                return null;
            case "messageWindowMs":
                limits = limits with { MessageWindowMs = whole };
                return null;
            default:
                return $"There is no limit '{property.Name}'.";
        }
    }
}
