using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>What people get wrong is told to them: the right status, what is wrong in words, and where to look next.</summary>
public sealed class WrongInputTests
{
    [Theory]
    [InlineData("/api/v1/nothing", 404, "nothing at this path", "openapi.json")]
    [InlineData("/api/v1/orders/zzz", 404, "no order", "/api/v1/orders")]
    [InlineData("/api/v1/bars?instrument=X&interval=7s", 404, "1s, 5s, 1m or 5m", "/api/v1/instruments")]
    [InlineData("/api/v1/fills?limit=0", 400, "1 to 1000", "openapi.json")]
    [InlineData("/api/v1/fills?limit=1001", 400, "1 to 1000", "openapi.json")]
    [InlineData("/api/v1/fills?limt=5", 400, "'limt' is no parameter here", "openapi.json")]
    [InlineData("/api/v1/audit/export?format=xml", 400, "json or csv", "format=json")]
    [InlineData("/api/v1/runbooks/none", 404, "no such runbook", "/api/v1/runbooks")]
    [InlineData("/api/v1/report", 404, "no such report", "/api/v1/reports")]
    public async Task A_question_that_makes_no_sense_is_answered_in_words(string path, int status, string detail, string next)
    {
        await using var world = await ControlWorld.StartAsync();
        var (answered, body) = await world.SendAsync("GET", path, AccessRole.Viewer);
        Assert.Equal(status, answered);
        Assert.Contains(detail, (string?)body["detail"], StringComparison.Ordinal);
        Assert.Contains(next, (string?)body["next"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("everything", """{"why":"w"}""", 404, "no such command; known: kill")]
    [InlineData("kill", "{}", 400, "why is needed")]
    [InlineData("kill", """{"why":"w","venues":"okx"}""", 400, "'venues' is no field of kill; known: venue, strategy, why")]
    [InlineData("limit", """{"why":"w","name":"position"}""", 400, "value is needed")]
    [InlineData("limit", """{"why":"w","name":"positoin","value":"1"}""", 400, "There is no limit 'positoin'; known: order-quantity")]
    [InlineData("limit", """{"why":"w","name":"position","value":"much"}""", 400, "must be a number")]
    [InlineData("breaker", """{"why":"w","name":"daily-loss"}""", 400, "action is arm")]
    [InlineData("breaker", """{"why":"w","name":"daly-loss","action":"arm"}""", 400, "no breaker of that name; known: volatility")]
    [InlineData("strategy", """{"why":"w","strategy":"one","action":"disable"}""", 400, "strategy is a number")]
    [InlineData("order", """{"why":"w","action":"sell"}""", 400, "action is place, cancel or modify")]
    [InlineData("fault", """{"why":"w","venue":"okx","kind":"Silence"}""", 400, "venue, kind and on are needed")]
    [InlineData("log-level", """{"why":"w","level":"loud"}""", 400, "level is trace, debug")]
    [InlineData("state", """{"why":"w","action":"start"}""", 400, "action is drain")]
    public async Task A_command_that_makes_no_sense_reaches_neither_the_node_nor_a_second_person(
        string command, string body, int status, string detail)
    {
        await using var world = await ControlWorld.StartAsync();
        var (answered, problem) = await world.SendAsync("POST", $"/api/v1/commands/{command}", AccessRole.Admin, body);
        Assert.Equal(status, answered);
        Assert.Contains(detail, (string?)problem["detail"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)problem["next"]);
        Assert.Empty(world.Commands);
        Assert.Empty(world.Host.Approvals.List());
    }
}
