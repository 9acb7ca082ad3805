using System.Text;
using System.Text.Json.Nodes;
using Penstock.Control.Logging;
using Penstock.Control.ReadModels;
using Penstock.Control.Security;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Logging;

namespace Penstock.Control.Api;

/// <summary>
/// Takes commands of people and brings them to the node, which journals each with who and why (R145). What needs four eyes waits as an approval;
/// what was asked twice with one key is done once.
/// </summary>
internal sealed class CommandDesk(NodeModel node, Approvals approvals, IdempotencyKeys keys, FaultDesk faults, LogRing log)
{
    /// <summary>POST /api/v1/commands/{name}.</summary>
    public async Task TakeAsync(CommandSpec spec, ApiRequest request)
    {
        var http = request.Http;
        var key = http.Request.Headers["Idempotency-Key"];
        if (key.Count != 1 || !IdempotencyKeys.IsKey(key[0]))
        {
            await ApiAnswers.ProblemAsync(http, "malformed", "Idempotency-Key is needed: 1 to 64 letters, digits, - or _",
                "send the same key again when no answer came").ConfigureAwait(false);
            return;
        }

        var (body, problem, detail) = await JsonBody.ReadAsync(http.Request, request.Cancel).ConfigureAwait(false);
        if (body is null)
        {
            await ApiAnswers.ProblemAsync(http, problem!, detail).ConfigureAwait(false);
            return;
        }

        if (CommandCatalog.Check(spec, body) is { } wrong)
        {
            await ApiAnswers.ProblemAsync(http, "malformed", wrong).ConfigureAwait(false);
            return;
        }

        var once = await keys.DoOnceAsync(request.Who.Name, key[0]!, spec.Name + "\n" + body.ToJsonString(), () =>
            DoAsync(spec, body, request.Who, key[0]!)).ConfigureAwait(false);
        if (once is not { } done)
        {
            await ApiAnswers.ProblemAsync(http, "conflict", "this Idempotency-Key was used for another request").ConfigureAwait(false);
            return;
        }

        if (done.Replayed) http.Response.Headers["Idempotent-Replay"] = "true";
        await ApiAnswers.TextAsync(http, done.Answer.Status, done.Answer.Body).ConfigureAwait(false);
    }

    /// <summary>POST /api/v1/approvals/{id}/approve and deny.</summary>
    public async Task DecideAsync(ApiRequest request, bool approve)
    {
        var http = request.Http;
        var (body, problem, detail) = await JsonBody.ReadAsync(http.Request, request.Cancel).ConfigureAwait(false);
        if (body is null)
        {
            await ApiAnswers.ProblemAsync(http, problem!, detail).ConfigureAwait(false);
            return;
        }

        if (CommandCatalog.CheckWhy(body) is { } wrong)
        {
            await ApiAnswers.ProblemAsync(http, "malformed", wrong).ConfigureAwait(false);
            return;
        }

        using var span = Spans.Begin(approve ? "approval approve" : "approval deny");
        span?.SetTag("penstock.who", request.Who.Name);
        var outcome = approvals.Decide(request.Part("id"), approve, body.Text("hash") ?? "", request.Who.Name, body.Text("why")!, out var approval);
        var refusal = outcome switch
        {
            DecisionOutcome.NotFound => ("not-found", "there is no such approval"),
            DecisionOutcome.Decided => ("conflict", "it was decided before: a decision counts once"),
            DecisionOutcome.Expired => ("expired", "it waited too long; ask anew"),
            DecisionOutcome.OwnRequest => ("forbidden", "nobody approves what he asked for himself"),
            DecisionOutcome.OtherHash => ("conflict", "the hash is not that of this request: read it again"),
            _ => default,
        };
        span?.SetTag("penstock.approval", approval?.Id);
        span.End(refusal == default, refusal == default ? "decided" : refusal.Item1);
        if (refusal != default)
        {
            await ApiAnswers.ProblemAsync(http, refusal.Item1, refusal.Item2, "GET /api/v1/approvals").ConfigureAwait(false);
            return;
        }

        if (!approve)
        {
            await ApiAnswers.JsonAsync(http, new JsonObject { ["result"] = "Denied." }).ConfigureAwait(false);
            return;
        }

        var answer = await CarryOutAsync(approval!).ConfigureAwait(false);
        await ApiAnswers.TextAsync(http, answer.Status, answer.Body).ConfigureAwait(false);
    }

    private async Task<CommandAnswer> DoAsync(CommandSpec spec, JsonObject body, Principal who, string key)
    {
        var (command, wrong) = spec.ToNode(body);
        if (command is null) return Problem("malformed", wrong);
        if (!spec.NeedsSecond(body, await LimitsAsync(spec).ConfigureAwait(false)))
            return await SendAsync(spec, body, command, who.Name, body.Text("why")!, key).ConfigureAwait(false);
        if (await RefusalAsync(spec, command).ConfigureAwait(false) is { } refusal) return refusal;
        using var span = Spans.Begin("approval request");
        span?.SetTag("penstock.command", spec.Name);
        span?.SetTag("penstock.who", who.Name);
        var asked = approvals.Request(spec.Name, Summary(spec, body), body, who.Name);
        span?.SetTag("penstock.approval", asked?.Id);
        span.End(asked is not null, asked is null ? "too-many" : "waits");
        if (asked is not { } approval)
            return Problem("too-many", "too many approvals are waiting");
        return new CommandAnswer(202, new JsonObject { ["approval"] = approval.Id, ["hash"] = approval.Hash,
            ["expiresMs"] = approval.ExpiresMs }.ToJsonString());
    }

    /// <summary>Nobody is asked to approve what the node could only refuse: it is asked first, and does nothing yet.</summary>
    private async Task<CommandAnswer?> RefusalAsync(CommandSpec spec, JsonObject command)
    {
        if (spec.Check is null) return null;
        var question = (JsonObject)command.DeepClone();
        question["command"] = spec.Check;
        var answer = await node.AskAsync(question, CancellationToken.None).ConfigureAwait(false);
        if (answer is null) return Problem("no-node", "no node answers: nobody was asked to approve", "look at /api/v1/status, then ask again");
        return (string?)answer["error"] is { } error ? Problem("refused", error) : null;
    }

    /// <summary>Both names stand in the node's journal.</summary>
    private async Task<CommandAnswer> CarryOutAsync(Approval approval)
    {
        var spec = CommandCatalog.All.First(c => c.Name == approval.Command);
        var why = $"{approval.Body.Text("why")} | approved by {approval.DecidedBy}: {approval.DecidedWhy} | {approval.Id} {approval.Hash[..16]}";
        var answer = await SendAsync(spec, approval.Body, spec.ToNode(approval.Body).Command!, $"{approval.By}+{approval.DecidedBy}", why,
            approval.Id).ConfigureAwait(false);
        var told = JsonNode.Parse(answer.Body)!;
        approvals.Finish(approval.Id, answer.Status < 300, (string?)told["result"] ?? (string?)told["detail"] ?? "");
        return answer;
    }

    private async Task<CommandAnswer> SendAsync(CommandSpec spec, JsonObject body, JsonObject command, string who, string why, string key)
    {
        using var span = Spans.Begin("command " + spec.Name);
        span?.SetTag("penstock.command", spec.Name);
        span?.SetTag("penstock.who", who);
        command["who"] = who;
        command["why"] = why;
        if (spec.Name == "order") command["key"] = key;
        var answer = spec.Name == "fault" ? await faults.DoAsync(body, who).ConfigureAwait(false)
            : await node.AskAsync(command, CancellationToken.None).ConfigureAwait(false);
        var outcome = answer is null ? "no-node" : answer.ContainsKey("error") ? "refused" : "done";
        span.End(outcome == "done", outcome);
        log.Write(ControlMessages.CommandCarried, spec.Name, who, outcome);
        if (answer is null) return Problem("no-node", "no node answers; nothing is known of the command",
            "send it again with the same Idempotency-Key, or look at /api/v1/status");
        return (string?)answer["error"] is { } error ? Problem("refused", error)
            : new CommandAnswer(200, new JsonObject { ["result"] = answer["result"]?.DeepClone() }.ToJsonString());
    }

    /// <summary>Fresh, for comparing: what was read a second ago may have been lowered since.</summary>
    private async Task<JsonObject?> LimitsAsync(CommandSpec spec) =>
        spec.Name == "limit" ? await node.AskAsync(new JsonObject { ["command"] = "limits.list" }, CancellationToken.None).ConfigureAwait(false)
            : null;

    private static CommandAnswer Problem(string problem, string detail, string next = "") =>
        new(ApiAnswers.StatusOf(problem), ApiAnswers.ProblemText(problem, detail, next));

    private static string Summary(CommandSpec spec, JsonObject body)
    {
        var text = new StringBuilder(spec.Name);
        foreach (var (key, value) in body)
        {
            if (key != "why") text.Append(' ').Append(key).Append('=').Append(value);
        }

        return JsonText.OneLine(text.ToString());
    }
}
