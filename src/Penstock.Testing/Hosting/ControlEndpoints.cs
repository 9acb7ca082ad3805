using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Penstock.Testing.Faults;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>
/// What other processes may ask of a simulated venue, beside its protocol: GET /sim/account, /sim/orders, /sim/stats, /sim/faults, and POST
/// /sim/faults with <c>{"clear":true,"arm":{"Disconnect":1},"rate":{"DropFrame":1000},"scope":"All","delayMs":50,
/// "silenceMs":3000,"speed":20,"fundingPpm":100}</c>.
/// </summary>
internal sealed class ControlEndpoints(SimulatedExchange exchange)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        var answer = (context.Request.Method, path) switch
        {
            ("GET", "/sim/account") => Ok(exchange.Account()),
            ("GET", "/sim/orders") => Ok(exchange.Orders()),
            ("GET", "/sim/stats") or ("GET", "/sim/faults") => Ok(exchange.Statistics()),
            ("POST", "/sim/faults") => await SetFaultsAsync(context),
            _ => null,
        };
        if (answer is null) return false;
        await VenueHost.WriteAsync(context, answer);
        return true;
    }

    private static VenueHttpResponse Ok<T>(T value) => new(200, JsonSerializer.Serialize(value, Json));

    private async Task<VenueHttpResponse> SetFaultsAsync(HttpContext context)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return Apply(document.RootElement, exchange, exchange.Faults) is { } unknown
                ? new VenueHttpResponse(400, JsonSerializer.Serialize(new { error = unknown }))
                : Ok(exchange.Statistics());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new VenueHttpResponse(400, """{"error":"The body must be one JSON object, see /sim/faults in the guide."}""");
        }
    }

    /// <summary>Null, or what was not understood; then what came before it is set.</summary>
    private static string? Apply(JsonElement wanted, SimulatedExchange exchange, FaultPlan plan)
    {
        foreach (var property in wanted.EnumerateObject())
        {
            switch (property.Name)
            {
                case "clear" when property.Value.GetBoolean(): plan.Clear(); break;
                case "clear": break;
                case "speed": exchange.Speed = property.Value.GetInt32(); break;
                case "fundingPpm": exchange.PayFunding(property.Value.GetInt32()); break;
                case "delayMs": plan.DelayMs = property.Value.GetInt32(); break;
                case "silenceMs": plan.SilenceMs = property.Value.GetInt32(); break;
                case "retryAfterSeconds": plan.RetryAfterSeconds = property.Value.GetInt32(); break;
                case "scope" when Enum.TryParse<FrameKinds>(property.Value.GetString(), true, out var scope): plan.Scope = scope; break;
                case "arm" or "rate":
                    if (ApplyKinds(property, plan) is { } unknown) return unknown;
                    break;
                default: return $"Unknown fault setting '{property.Name}'.";
            }
        }

        return null;
    }

    private static string? ApplyKinds(JsonProperty property, FaultPlan plan)
    {
        foreach (var fault in property.Value.EnumerateObject())
        {
            if (!Enum.TryParse<FaultKind>(fault.Name, true, out var kind))
                return $"Unknown fault '{fault.Name}'; there are {string.Join(", ", Enum.GetNames<FaultKind>())}.";
            if (property.Name == "arm") plan.Arm(kind, fault.Value.GetInt64());
            else plan.SetRate(kind, fault.Value.GetInt64());
        }

        return null;
    }
}
