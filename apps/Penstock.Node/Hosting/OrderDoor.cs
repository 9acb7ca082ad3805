using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Node.Control;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Hosting;

/// <summary>
/// Orders of people, through the command socket (R79): place, cancel and modify become journaled commands of the engine, with who and why and
/// the sender's key; get and list look at the engine and leave no trace.
/// </summary>
internal sealed class OrderDoor(Pipeline pipeline, Func<EngineCommand, CommandResult?> send, Func<Func<TradingEngine, JsonNode>, JsonNode?> ask)
{
    private const string Late = "the trading thread did not answer within 2 s; repeat the command with the same key";

    private static readonly string[] Envelope = ["command", "action", "who", "why", "instrument"];

    /// <summary>Any thread.</summary>
    public JsonObject Answer(JsonObject command, string who, string why)
    {
        var action = (string?)command["action"] ?? "";
        switch (action)
        {
            case "list":
                return Seen(ask(engine => Json(EngineViews.LiveOrders(engine))));
            case "get":
                var text = (string?)command["id"] ?? "";
                if (!ClientOrderId.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var id)) return ControlEndpoint.Refusal($"'{text}' is no order id");
                return Seen(ask(engine => EngineViews.Order(engine, id) is { } order ? Json(order) : JsonValue.Create($"there is no order {id}")!));
            case "place":
                return Do(EngineCommandKind.PlaceOrder, command, who, why);
            case "cancel":
                return Do(EngineCommandKind.CancelOrder, command, who, why);
            case "modify":
                return Do(EngineCommandKind.AmendOrder, command, who, why);
            default:
                return ControlEndpoint.Refusal($"there is no order action '{action}'; known: place, cancel, modify, get, list");
        }
    }

    private JsonObject Do(EngineCommandKind kind, JsonObject command, string who, string why)
    {
        if (who.Length == 0 || why.Length == 0) return ControlEndpoint.Refusal("who and why are needed: both are journaled");
        var instrument = InstrumentId.None;
        if (kind == EngineCommandKind.PlaceOrder)
        {
            if (Find((string?)command["instrument"] ?? "") is not { } found)
                return ControlEndpoint.Refusal($"there is no instrument '{(string?)command["instrument"]}'; one is written BTC-USDT.binance");
            instrument = found;
        }

        var fields = new JsonObject(command.Where(f => !Envelope.Contains(f.Key)).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
        var result = send(new EngineCommand
        {
            Kind = kind, Who = who, Why = why, Instrument = instrument, NowNs = 0,
            Text = fields.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
        });
        return result is not { } answer ? ControlEndpoint.Refusal(Late) : answer.Done ? new JsonObject { ["result"] = answer.Message } : ControlEndpoint.Refusal(answer.Message);
    }

    private InstrumentId? Find(string name)
    {
        var dot = name.LastIndexOf('.');
        if (dot < 0 || pipeline.Venues.FirstOrDefault(v => v.Name.Equals(name[(dot + 1)..], StringComparison.OrdinalIgnoreCase)) is not { } venue) return null;
        return pipeline.Engine.Instruments.FindSymbol(venue.Id, name[..dot].ToUpperInvariant())?.Id;
    }

    private static JsonObject Seen(JsonNode? seen) => seen switch
    {
        null => ControlEndpoint.Refusal(Late),
        JsonValue problem => ControlEndpoint.Refusal((string)problem!),
        _ => new JsonObject { ["result"] = seen },
    };

    private static JsonNode Json<T>(T view) => JsonSerializer.SerializeToNode(view, JsonSerializerOptions.Web)!;
}
