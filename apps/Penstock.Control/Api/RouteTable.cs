using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Penstock.Control.Security;

namespace Penstock.Control.Api;

/// <summary>Every way in, with who may: the only place where routes are made.</summary>
internal sealed class RouteTable
{
    /// <summary>Topics that are queries of the same name.</summary>
    private static readonly string[] Topics =
    [
        "orders", "fills", "positions", "balances", "pnl", "strategies", "limits", "breakers", "rejects", "approvals", "audit", "events",
            "lifecycle", "bbo",
    ];

    private readonly List<ApiRoute> _routes = [];

    public RouteTable(ApiQueries queries, CommandDesk commands, Func<ApiRequest, Task> socket)
    {
        Get("/api/v1/me", "Whose token this is.", queries.MeAsync);
        Get("/api/v1/status", "The node's own status, at most a second or two old.", queries.StatusAsync);
        Get("/api/v1/venues", "How each venue is doing.", queries.VenuesAsync);
        Get("/api/v1/instruments", "Every instrument of the session.", queries.InstrumentsAsync);
        Get("/api/v1/pipeline", "The pipeline's stages, queues and latencies.", queries.PipelineAsync);
        foreach (var topic in Topics) Get($"/api/v1/{topic}", $"What the topic {topic} carries.", r => queries.TopicAsync(r, topic));
        Get("/api/v1/orders/{id}", "One order.", r => queries.OrderAsync(r, trace: false));
        Get("/api/v1/orders/{id}/trace", "What led to an order and what became of it, step by step.", r => queries.OrderAsync(r, trace: true));
        Get("/api/v1/audit/export", "The whole audit trail with its hashes: format=json or csv.", queries.AuditExportAsync);
        Get("/api/v1/bars", "Bars: instrument and interval.", r => queries.TopicAsync(r, $"bars:{r.Query("instrument")}:{r.Query("interval")}"));
        Get("/api/v1/book", "The best levels of a book: instrument.", r => queries.TopicAsync(r, $"book:{r.Query("instrument")}"));
        Get("/api/v1/trades", "The last trades: instrument.", r => queries.TopicAsync(r, $"trades:{r.Query("instrument")}"));
        Get("/api/v1/config", "The node's configuration, without secrets.", queries.ConfigurationAsync);
        Get("/api/v1/runbooks", "The runbooks.", queries.RunbooksAsync);
        Get("/api/v1/runbooks/{name}", "One runbook.", queries.RunbookAsync);
        Get("/api/v1/reports", "Reports of this data folder.", queries.ReportsAsync);
        Get("/api/v1/report", "One of them, by its path.", queries.ReportAsync);
        Get("/api/v1/faults", "Faults a simulated venue can be told to have.", r => ApiAnswers.JsonAsync(r.Http, FaultDesk.Kinds()));
        Get("/api/v1/openapi.json", "This table for machines.", r => ApiAnswers.JsonAsync(r.Http, OpenApi.Document(_routes)));
        foreach (var spec in CommandCatalog.All)
            Add(new ApiRoute("POST", $"/api/v1/commands/{spec.Name}", spec.Role, spec.Summary, r =>
                commands.TakeAsync(spec, r)) { Fields = [.. spec.Fields, "why"] });
        Add(new ApiRoute("POST", "/api/v1/approvals/{id}/approve", AccessRole.Admin, "Allows what somebody else asked for.", r =>
            commands.DecideAsync(r, true)) { Fields = ["hash", "why"] });
        Add(new ApiRoute("POST", "/api/v1/approvals/{id}/deny", AccessRole.Admin, "Refuses it.", r =>
            commands.DecideAsync(r, false)) { Fields = ["hash", "why"] });
        Add(new ApiRoute("GET", "/ws/v1", AccessRole.Viewer, "Topics as a stream over a WebSocket.", socket));
        Add(new ApiRoute("GET", "/{**path}", AccessRole.Public, "The console.", ConsoleFiles.ServeAsync) { IsDocumented = false });
    }

    public IReadOnlyList<ApiRoute> All => _routes;

    /// <summary>Another part's route, before the server starts: health and metrics come this way.</summary>
    public void Add(ApiRoute route) => _routes.Add(route);

    private void Get(string pattern, string summary, Func<ApiRequest, Task> handle) =>
        Add(new ApiRoute("GET", pattern, AccessRole.Viewer, summary, handle));
}

/// <summary>The route table as OpenAPI 3.1; written here, so that it cannot say anything else than the table.</summary>
internal static class OpenApi
{
    public static JsonObject Document(IReadOnlyList<ApiRoute> routes)
    {
        var paths = new JsonObject();
        foreach (var route in routes.Where(r => r.IsDocumented))
        {
            var path = paths[route.Pattern]?.AsObject() ?? [];
            paths[route.Pattern] ??= path;
            path[route.Method.ToLowerInvariant()] = Operation(route);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Penstock control plane", ["version"] = "1",
                ["description"] = "Shapes of the answers: docs/guides/api.md." },
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
                ["schemas"] = new JsonObject
                {
                    ["problem"] = Object(("type", "string"), ("title", "string"), ("status", "integer"), ("detail", "string"), ("next", "string")),
                },
            },
            ["paths"] = paths,
        };
    }

    private static JsonObject Operation(ApiRoute route)
    {
        var problem = new JsonObject { ["$ref"] = "#/components/schemas/problem" };
        var operation = new JsonObject
        {
            ["summary"] = route.Summary, ["x-role"] = route.Role.ToString().ToLowerInvariant(),
            ["security"] = route.Role == AccessRole.Public || route.IsPublicOnLoopback ? new JsonArray()
                : new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "As docs/guides/api.md says." },
                ["default"] = new JsonObject { ["description"] = "A problem.",
                    ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = problem } } },
            },
        };
        var parameters = new JsonArray([.. Parts(route.Pattern).Select(p => (JsonNode)Parameter(p, "path"))]);
        if (route.Method == "POST")
        {
            if (route.Pattern.Contains("/commands/", StringComparison.Ordinal)) parameters.Add(Parameter("Idempotency-Key", "header"));
            var body = Object([.. route.Fields.Select(f => (f, ""))]);
            body["required"] = new JsonArray("why");
            body["additionalProperties"] = false;
            operation["requestBody"] = new JsonObject { ["required"] = true,
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = body } } };
        }

        operation["parameters"] = parameters;
        return operation;
    }

    private static JsonObject Parameter(string name, string place) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static IEnumerable<string> Parts(string pattern) =>
        pattern.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}', '*'));

    private static JsonObject Object(params ReadOnlySpan<(string Name, string Type)> properties)
    {
        var all = new JsonObject();
        foreach (var (name, type) in properties) all[name] = type.Length == 0 ? new JsonObject() : new JsonObject { ["type"] = type };
        return new JsonObject { ["type"] = "object", ["properties"] = all };
    }
}
