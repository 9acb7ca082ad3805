using System.Globalization;
using System.Text;
using System.Text.Json;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Orders of people (strategy 0): place, cancel, modify. Each command carries a key of its sender's; the same key again is answered as the
/// first time and does nothing, so a command may be repeated until its answer arrives (R90). May allocate.
/// </summary>
public sealed partial class OrderCommands(OrderDesk desk, InstrumentTable instruments)
{
    /// <summary>Keys remembered; the oldest makes room.</summary>
    public const int KeysMax = 1_024;

    private const int KeyLengthMax = 64;

    private readonly Dictionary<string, CommandResult> _answers = [];
    private readonly Queue<string> _keys = [];

    /// <summary>Does the command, or repeats the answer its key already has. Only what was done is remembered: a refusal may be tried again.</summary>
    public CommandResult Do(EngineCommand command, long nowNs)
    {
        try
        {
            using var document = JsonDocument.Parse(command.Text);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return No("Expected a JSON object.");
            var fields = document.RootElement;
            if (Unknown(command.Kind, fields, desk.IsFormat5) is { } name) return No($"There is no field '{name}' in {command.Kind}.");
            var key = Text(fields, "key");
            if (key.Length is 0 or > KeyLengthMax) return No($"'key' must have 1 to {KeyLengthMax} characters.");
            if (_answers.TryGetValue(key, out var answered)) return answered with { Message = answered.Message + " (already done)" };
            var result = command.Kind switch
            {
                EngineCommandKind.PlaceOrder => Place(command, fields, nowNs),
                EngineCommandKind.CancelOrder => Cancel(fields, nowNs),
                _ => Amend(fields, nowNs),
            };
            if (result.Done) Remember(key, result);
            return result;
        }
        catch (JsonException e)
        {
            return No($"Not JSON: {e.Message}");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return No(e.Message);
        }
    }

    private CommandResult Place(EngineCommand command, JsonElement fields, long nowNs)
    {
        if (!instruments.Contains(command.Instrument)) return No($"There is no instrument {command.Instrument.Value}.");
        var goodForMs = fields.TryGetProperty("goodForMs", out var goodFor) ? goodFor.GetInt64() : 0;
        if (goodForMs is < 0 or > 86_400_000L * 366) return No("'goodForMs' must be 0 to 366 days.");
        var flags = (Flag(fields, "postOnly") ? OrderFlags.PostOnly : OrderFlags.None) | (Flag(fields, "reduceOnly") ? OrderFlags.ReduceOnly : OrderFlags.None);
        var request = new OrderRequest
        {
            Instrument = command.Instrument, Side = Word(fields, "side", ["buy", "sell"], isRequired: true) == 0 ? Side.Buy : Side.Sell, Flags = flags,
            Type = (OrderType)Word(fields, "type", ["limit", "market", "stop", "stop-limit"]),
            TimeInForce = goodForMs > 0 ? TimeInForce.GoodTillDate : (TimeInForce)Word(fields, "tif", ["gtc", "ioc", "fok"]),
            Expires = new MonotonicTime(goodForMs > 0 ? nowNs + goodForMs * 1_000_000 : 0),
            Price = new Price(Number(fields, "price")), StopPrice = new Price(Number(fields, "stop")), Quantity = new Quantity(Number(fields, "quantity")),
        };
        var placed = desk.Place(request, isStrategyDisabled: false, nowNs);
        return placed.IsPlaced ? new CommandResult(true, $"Order {placed.ClientOrderId}.") : No(Refusal(placed.Reject));
    }

    private CommandResult Cancel(JsonElement fields, long nowNs)
    {
        if (Find(fields) is not { } order) return No($"There is no order '{Text(fields, "id")}'.");
        return desk.Cancel(order, default, nowNs)
            ? new CommandResult(true, $"Cancel of {order.ClientOrderId} sent.") : No($"Order {order.ClientOrderId} is {order.State}: there is nothing to cancel.");
    }

    private CommandResult Amend(JsonElement fields, long nowNs)
    {
        if (Find(fields) is not { } order) return No($"There is no order '{Text(fields, "id")}'.");
        var result = desk.Amend(
            order, new Price(Number(fields, "price")), new Quantity(Number(fields, "quantity")), isStrategyDisabled: false, default, nowNs, Flag(fields, "orReplace"),
            new Price(Number(fields, "stop")));
        return result.IsSent ? new CommandResult(true, $"Change of {order.ClientOrderId} sent.") : No(Refusal(result.Reject));
    }

    private Orders.Order? Find(JsonElement fields) =>
        ClientOrderId.TryParse(Encoding.UTF8.GetBytes(Text(fields, "id")), out var id) ? desk.Orders.Find(id) : null;

    private void Remember(string key, CommandResult result)
    {
        if (_keys.Count == KeysMax) _answers.Remove(_keys.Dequeue());
        _keys.Enqueue(key);
        desk.HashCommandKey(key);
        _answers[key] = result;
    }

    private static string? Unknown(EngineCommandKind kind, JsonElement fields, bool isFormat5)
    {
        string[] known = kind switch
        {
            EngineCommandKind.PlaceOrder => ["key", "side", "type", "tif", "price", "stop", "quantity", "postOnly", "reduceOnly", "goodForMs"],
            EngineCommandKind.CancelOrder => ["key", "id"],
            _ => isFormat5 ? ["key", "id", "price", "quantity", "orReplace", "stop"] : ["key", "id", "price", "quantity", "orReplace"],
        };
        foreach (var property in fields.EnumerateObject())
        {
            if (Array.IndexOf(known, property.Name) < 0) return property.Name;
        }

        return null;
    }

    private static CommandResult No(string message) => new(false, message);

    /// <summary>Journaled with the command, so a replay of a session of before format 5 says it as that did.</summary>
    private string Refusal(in RiskReject reject) => desk.IsFormat5
        ? $"Refused by {RefusalText.Of(reject)}."
        : string.Create(CultureInfo.InvariantCulture, $"Refused by {reject.Rule}: {reject.Used} of at most {reject.Cap} (raw units).");

    private static string Text(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static bool Flag(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) && value.GetBoolean();

    /// <summary>Zero where it is not named.</summary>
    private static long Number(JsonElement fields, string name)
    {
        if (!fields.TryGetProperty(name, out var value)) return 0;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (FixedPoint.TryParse(Encoding.UTF8.GetBytes(text), out var raw) != DecimalStatus.Ok || raw <= 0)
            throw new FormatException($"'{name}' must be a number above zero with at most 8 decimals, was '{text}'.");
        return raw;
    }

    /// <summary>Its place among the words; the first where it is not named.</summary>
    private static int Word(JsonElement fields, string name, string[] words, bool isRequired = false)
    {
        var text = Text(fields, name);
        if (text.Length == 0 && !isRequired) return 0;
        var index = Array.IndexOf(words, text);
        return index >= 0 ? index : throw new FormatException($"'{name}' must be one of {string.Join(", ", words)}, was '{text}'.");
    }
}
