using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.Audit;
using Penstock.Control.ReadModels;
using Penstock.Model.Numbers;

namespace Penstock.Control.Api;

/// <summary>ApiAnswers from the read models. Each is a question to their thread, answered between two of its steps; the node is not involved.</summary>
internal sealed class ApiQueries(ReadModelAgent models, string data, string? documents)
{
    private const int ReportsMax = 200;

    /// <summary>Reading a journal whole costs a core for seconds: one at a time.</summary>
    private readonly SemaphoreSlim _exporting = new(1);

    private static readonly string[] Parameters = ["after", "limit", "instrument", "interval"];

    private static readonly string[] SecretWords = ["secret", "apikey", "passphrase", "password", "token", "privatekey"];

    public Task MeAsync(ApiRequest request) =>
        ApiAnswers.JsonAsync(request.Http, new JsonObject { ["name"] = request.Who.Name, ["role"] = request.Who.Role.ToString().ToLowerInvariant() });

    /// <summary>A topic as it is now.</summary>
    public async Task TopicAsync(ApiRequest request, string name)
    {
        var after = long.TryParse(request.Query("after"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : ITopic.FromNothing;
        var limit = int.TryParse(request.Query("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var l) && l is >= 1 and <= 1_000 ? l
            : 0;
        var wrong = request.Http.Request.Query.Keys.FirstOrDefault(k => !Parameters.Contains(k)) is { } unknown
            ? $"'{unknown}' is no parameter here; known: {string.Join(", ", Parameters)}"
            : (request.Query("after") is not null && after < 0) || (request.Query("limit") is not null && limit == 0)
                ? "limit is 1 to 1000, after a row's number" : null;
        if (wrong is not null)
        {
            await ApiAnswers.ProblemAsync(request.Http, "malformed", wrong).ConfigureAwait(false);
            return;
        }

        await AwaitFirstAsync(name, request.Cancel).ConfigureAwait(false);
        await WriteAsync(request, json =>
        {
            if (models.Find(name) is not { } topic) return false;
            json.WriteStartObject();
            json.WriteNumber("seq"u8, topic.Version);
            json.WritePropertyName("data"u8);
            if (topic is RowLog log && (limit > 0 || after >= 0)) log.Write(json, after, limit > 0 ? limit : 1_000);
            else topic.Write(json, ITopic.FromNothing);
            json.WriteEndObject();
            return true;
        }).ConfigureAwait(false);
    }

    public Task StatusAsync(ApiRequest request) => WriteAsync(request, json =>
    {
        (models.Node.Status ?? new JsonObject { ["state"] = "DOWN" }).WriteTo(json);
        return true;
    });

    public Task VenuesAsync(ApiRequest request) => WriteAsync(request, json =>
    {
        models.Counters.Read();
        var venues = models.Journal.Blueprint?.Venues ?? [];
        (models.Counters.Picture(venues, models.Market.Readers, [])?["venues"] ?? new JsonArray()).WriteTo(json);
        return true;
    });

    public Task PipelineAsync(ApiRequest request) => WriteAsync(request, json =>
    {
        models.Counters.Read();
        var picture = models.Counters.Picture(models.Journal.Blueprint?.Venues ?? [], models.Market.Readers, models.GatewayFigures());
        json.WriteStartObject();
        json.WriteNumber("seq"u8, models.Pipeline.Version);
        json.WritePropertyName("data"u8);
        if (picture is null) json.WriteNullValue();
        else picture.WriteTo(json);
        json.WriteEndObject();
        return true;
    });

    public Task InstrumentsAsync(ApiRequest request) => WriteAsync(request, json =>
    {
        json.WriteStartArray();
        foreach (var view in models.Market.Instruments)
        {
            var i = view.Instrument;
            json.WriteStartObject();
            json.WriteNumber("id"u8, i.Id.Value);
            json.WriteString("instrument"u8, view.Name);
            json.WriteString("symbol"u8, i.Symbol);
            json.WriteString("venue"u8, view.Name[(view.Name.LastIndexOf('.') + 1)..].ToLowerInvariant());
            json.WriteString("base"u8, i.Base.ToString());
            json.WriteString("quote"u8, i.Quote.ToString());
            json.WriteString("tick"u8, FixedPoint.ToText(i.Tick.Raw, i.PriceScale));
            json.WriteString("lot"u8, FixedPoint.ToText(i.Lot.Raw, i.QuantityScale));
            json.WriteNumber("priceDecimals"u8, i.PriceDecimals);
            json.WriteNumber("quantityDecimals"u8, i.QuantityDecimals);
            json.WriteNumber("priceScale"u8, i.PriceScale);
            json.WriteNumber("quantityScale"u8, i.QuantityScale);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return true;
    });

    public Task OrderAsync(ApiRequest request, bool trace) => WriteAsync(request, json =>
    {
        if (!models.Journal.Orders.TryFind(request.Part("id"), out var row)) return false;
        if (trace) models.Journal.Orders.WriteTrace(json, row!);
        else models.Journal.Orders.WriteRow(json, row!);
        return true;
    });

    /// <summary>The file the node was started from; should a secret ever stand in it, it is not shown.</summary>
    public async Task ConfigurationAsync(ApiRequest request)
    {
        try
        {
            var json = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "node.json"), request.Cancel).ConfigureAwait(false));
            Mask(json);
            await ApiAnswers.JsonAsync(request.Http, json!).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            await ApiAnswers.ProblemAsync(request.Http, "not-found", "the node's configuration does not lie in its data folder").ConfigureAwait(false);
        }
    }

    public Task RunbooksAsync(ApiRequest request)
    {
        var pages = new JsonArray();
        foreach (var file in Pages()) pages.Add(new JsonObject { ["name"] = Path.GetFileNameWithoutExtension(file), ["title"] = Title(file) });
        return ApiAnswers.JsonAsync(request.Http, pages);
    }

    /// <summary>By name out of the list: a path is never made from what a client sent.</summary>
    public Task RunbookAsync(ApiRequest request)
    {
        var name = request.Part("name");
        var file = Pages().FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == name);
        return file is null ? ApiAnswers.ProblemAsync(request.Http, "not-found", "there is no such runbook", "GET /api/v1/runbooks")
            : ApiAnswers.JsonAsync(request.Http, new JsonObject { ["name"] = name, ["markdown"] = File.ReadAllText(file) });
    }

    public Task ReportsAsync(ApiRequest request)
    {
        var reports = new JsonArray();
        foreach (var file in Reports())
        {
            reports.Add(new JsonObject
            {
                ["name"] = Path.GetFileName(file), ["path"] = Path.GetRelativePath(data, file),
                ["atMs"] = new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeMilliseconds(),
            });
        }

        return ApiAnswers.JsonAsync(request.Http, reports);
    }

    /// <summary>One tear sheet, by its path out of the list. To be saved: it brings styles of its own, which this origin allows no page.</summary>
    public Task ReportAsync(ApiRequest request)
    {
        var file = Reports().FirstOrDefault(f => Path.GetRelativePath(data, f) == request.Query("path"));
        if (file is null) return ApiAnswers.ProblemAsync(request.Http, "not-found", "there is no such report", "GET /api/v1/reports");
        request.Http.Response.Headers.ContentDisposition = "attachment";
        return ApiAnswers.BytesAsync(request.Http, 200, File.ReadAllBytes(file), "text/html; charset=utf-8");
    }

    /// <summary>The whole audit trail with its hashes, to be saved; `penstock verify FILE` checks it again, wherever it is.</summary>
    public async Task AuditExportAsync(ApiRequest request)
    {
        var format = request.Query("format") ?? "json";
        if (format is not ("json" or "csv"))
        {
            await ApiAnswers.ProblemAsync(request.Http, "malformed", "format is json or csv", "GET /api/v1/audit/export?format=json")
                .ConfigureAwait(false);
            return;
        }

        var journal = Path.Combine(data, "journal");
        if (!Directory.Exists(journal))
        {
            await ApiAnswers.ProblemAsync(request.Http, "not-found", "there is no journal in the node's data folder").ConfigureAwait(false);
            return;
        }

        if (!await _exporting.WaitAsync(0, request.Cancel).ConfigureAwait(false))
        {
            await ApiAnswers.ProblemAsync(request.Http, "too-many", "another export is being made").ConfigureAwait(false);
            return;
        }

        try
        {
            var (rows, verdict) = await Task.Run(() => AuditExport.Read(journal, models.Journal.ToUnixNs), request.Cancel).ConfigureAwait(false);
            if (!verdict.Ok)
            {
                await ApiAnswers.ProblemAsync(request.Http, "internal", $"the audit trail is not what was written: {verdict.Fault}",
                    "penstock verify, on the machine of the journal").ConfigureAwait(false);
                return;
            }

            request.Http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit-{verdict.Records}.{format}\"";
            await ApiAnswers.TextAsync(request.Http, 200, format == "csv" ? AuditExport.ToCsv(rows) : AuditExport.ToJson(rows),
                format == "csv" ? "text/csv; charset=utf-8" : "application/json").ConfigureAwait(false);
        }
        finally
        {
            _exporting.Release();
        }
    }

    private IEnumerable<string> Reports() =>
        Directory.Exists(data) ? Directory.EnumerateFiles(data, "*.html", SearchOption.AllDirectories).Take(ReportsMax) : [];

    private IEnumerable<string> Pages() => documents is not null && Directory.Exists(documents)
        ? Directory.EnumerateFiles(documents, "*.md").OrderBy(f => f, StringComparer.Ordinal) : [];

    private static string Title(string file) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith('#'))?.TrimStart('#', ' ') ?? Path.GetFileNameWithoutExtension(file);

    private static void Mask(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items) Mask(item);
        }
        else if (node is JsonObject o)
        {
            foreach (var name in o.Select(f => f.Key).ToList())
            {
                if (SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase))) o[name] = "***";
                else Mask(o[name]);
            }
        }
    }

    /// <summary>What only the node knows is asked for when somebody looks: the first look gives it two seconds.</summary>
    private async Task AwaitFirstAsync(string name, CancellationToken cancel)
    {
        var isEmpty = true;
        for (var i = 0; i < 20 && isEmpty; i++)
        {
            if (i > 0) await Task.Delay(100, cancel).ConfigureAwait(false);
            if (!await models.AskAsync(() => isEmpty = models.Look(name) && models.Node.Status is not null, cancel).ConfigureAwait(false)) return;
        }
    }

    private async Task WriteAsync(ApiRequest request, Func<Utf8JsonWriter, bool> write)
    {
        byte[]? answer = null;
        var found = false;
        bool taken;
        try
        {
            taken = await models.AskAsync(() => answer = JsonText.Encode(json => found = write(json)), request.Cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            taken = false;
        }

        if (!taken) await ApiAnswers.ProblemAsync(request.Http, "too-many", "too many questions are waiting").ConfigureAwait(false);
        else if (!found) await ApiAnswers.ProblemAsync(request.Http, "not-found",
            "no order, instrument or interval of that name; an instrument is written BTC-USDT.OKX, an interval 1s, 5s, 1m or 5m",
            "GET /api/v1/instruments; GET /api/v1/orders").ConfigureAwait(false);
        else await ApiAnswers.BytesAsync(request.Http, 200, answer, "application/json").ConfigureAwait(false);
    }
}
