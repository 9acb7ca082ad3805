using System.Text.Json.Nodes;
using Penstock.Control.Api;
using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>Commands from the URL to the node: who and why, once, and with four eyes where it is dangerous.</summary>
public sealed class CommandTests
{
    private const string Kill = """{"why":"drill"}""";

    [Fact]
    [Trait("requirement", "R73")]
    [Trait("requirement", "R145")]
    public async Task A_command_reaches_the_node_with_the_tokens_name_and_the_reason()
    {
        await using var world = await ControlWorld.StartAsync();
        var (status, body) = await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, """{"venue":"okx","why":"drill"}""");
        Assert.Equal((200, "Done."), (status, (string?)body["result"]));
        Assert.Equal("""{"command":"kill","venue":"okx","who":"trader","why":"drill"}""", Assert.Single(world.Commands).ToJsonString());
    }

    [Fact]
    public async Task Who_cannot_be_given_and_unknown_fields_are_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (var body in new[]
        {
            """{"why":"x","who":"admin"}""", """{"why":"x","command":"drain"}""", """{"why":"x","venue":{"a":1}}""",
            """{"why":""}""", "{}", """{"why":5}""",
            $$"""{"why":"{{new string('x', 201)}}"}""", """{"why":"a\nlevel=error killed everything"}""",
            """{"why":"a\u001b[31m"}""", """{"why":"a","why":"b"}""",
        })
        {
            Assert.Equal(400, (await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, body)).Status);
        }

        Assert.Empty(world.Commands);
    }

    [Fact]
    public async Task The_same_key_does_it_once_and_another_body_is_a_conflict()
    {
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal(200, (await Send(Kill)).Status);
        Assert.Equal(200, (await Send(Kill)).Status);
        Assert.Equal(409, (await Send("""{"venue":"okx","why":"drill"}""")).Status);
        Assert.Single(world.Commands);

        Task<(int Status, JsonObject Body)> Send(string body)
        {
            var request = world.Request("POST", "/api/v1/commands/kill", world[AccessRole.Trader], body);
            request.Headers.Remove("Idempotency-Key");
            request.Headers.Add("Idempotency-Key", "one");
            return world.SendAsync(request);
        }
    }

    [Theory]
    [InlineData("resume", """{"why":"w"}""")]
    [InlineData("breaker", """{"name":"daily-loss","action":"arm","why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"0.51","why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"none","why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"2.1","instrument":"btc-usdt.okx","why":"w"}""")]
    [InlineData("limit", """{"name":"order-quantity","value":"0.1","why":"w"}""")]
    [InlineData("limit", """{"name":"message-window","value":"1","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"enable","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"resume","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"swap","to":"Maker-1.1.dll","why":"w"}""")]
    [InlineData("difference", """{"instrument":"BTC-USDT.OKX","why":"w"}""")]
    [Trait("requirement", "R72")]
    [Trait("attack", "F05")]
    public async Task What_is_dangerous_waits_for_a_second_person(string command, string body)
    {
        await using var world = await ControlWorld.StartAsync();
        var second = world.Host.Tokens.Add("second", AccessRole.Admin);
        var (status, asked) = await world.SendAsync("POST", $"/api/v1/commands/{command}", AccessRole.Admin, body);
        Assert.Equal(202, status);
        Assert.Empty(world.Commands);
        var decision = new JsonObject { ["hash"] = asked["hash"]!.DeepClone(), ["why"] = "looked at it" }.ToJsonString();
        var path = $"/api/v1/approvals/{(string?)asked["approval"]}/approve";

        Assert.Equal(403, (await world.SendAsync("POST", path, AccessRole.Admin, decision)).Status);
        Assert.Equal(403, (await world.SendAsync("POST", path, AccessRole.Trader, decision)).Status);
        Assert.Equal(409, (await world.SendAsync(world.Request("POST", path, second, """{"hash":"00","why":"w"}"""))).Status);
        Assert.Equal(400, (await world.SendAsync(world.Request("POST", path, second, """{"hash":"00"}"""))).Status);
        Assert.Empty(world.Commands);
        Assert.Equal(200, (await world.SendAsync(world.Request("POST", path, second, decision))).Status);
        var sent = Assert.Single(world.Commands);
        Assert.Equal("admin+second", (string?)sent["who"]);
        Assert.Contains("approved by second: looked at it", (string?)sent["why"], StringComparison.Ordinal);
        Assert.Equal(409, (await world.SendAsync(world.Request("POST", path, second, decision))).Status);
        Assert.Single(world.Commands);
    }

    [Theory]
    [InlineData("difference", """{"instrument":"BTC-USDT.OKK","why":"w"}""", "approve.check")]
    [InlineData("resume", """{"venue":"okk","why":"w"}""", "scope.check")]
    [InlineData("breaker", """{"name":"daily-loss","action":"arm","strategy":9,"why":"w"}""", "scope.check")]
    [InlineData("limit", """{"name":"position","value":"9","instrument":"BTC-USDT.OKK","why":"w"}""", "scope.check")]
    [Trait("requirement", "R72")]
    public async Task Nobody_is_asked_to_approve_what_the_node_could_only_refuse(string command, string body, string asked)
    {
        await using var world = await ControlWorld.StartAsync();
        var questions = new List<string?>();
        world.Check = question =>
        {
            questions.Add((string?)question["command"]);
            return new JsonObject { ["error"] = "there is none of that name" };
        };
        var (status, problem) = await world.SendAsync("POST", $"/api/v1/commands/{command}", AccessRole.Admin, body);
        Assert.Equal((422, "there is none of that name"), (status, (string?)problem["detail"]));
        Assert.Equal(asked, Assert.Single(questions));
        world.Check = _ => null;
        Assert.Equal(503, (await world.SendAsync("POST", $"/api/v1/commands/{command}", AccessRole.Admin, body)).Status);
        Assert.Empty(world.Host.Approvals.List());
        Assert.Empty(world.Commands);
    }

    [Theory]
    [InlineData("kill", """{"why":"w"}""")]
    [InlineData("cancel-all", """{"why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"0.5","why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"0.1","why":"w"}""")]
    [InlineData("limit", """{"name":"position","value":"2","instrument":"BTC-USDT.OKX","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"disable","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"pause","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"cancel-swap","why":"w"}""")]
    [InlineData("strategy", """{"strategy":1,"action":"set","settings":"spreadBps=9","why":"w"}""")]
    [Trait("requirement", "R72")]
    public async Task What_stops_or_lowers_never_waits(string command, string body)
    {
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal(200, (await world.SendAsync("POST", $"/api/v1/commands/{command}", AccessRole.Trader, body)).Status);
        Assert.Single(world.Commands);
    }

    [Fact]
    [Trait("requirement", "R145")]
    [Trait("attack", "E03")]
    public async Task A_fault_is_journaled_by_the_node_before_anything_happens_and_does_not_happen_when_it_is_not()
    {
        await using var world = await ControlWorld.StartAsync();
        const string fault = """{"venue":"okx","kind":"Silence","on":true,"why":"drill"}""";
        // There is no such venue here, which is found out when the command stands in the journal.
        Assert.Equal(422, (await world.SendAsync("POST", "/api/v1/commands/fault", AccessRole.Admin, fault)).Status);
        Assert.Equal("""{"command":"fault","text":"Silence on okx","who":"admin","why":"drill"}""",
            Assert.Single(world.Commands).ToJsonString());
        world.Node = _ => null;
        Assert.Equal(503, (await world.SendAsync("POST", "/api/v1/commands/fault", AccessRole.Admin, fault)).Status);
        world.Node = _ => new JsonObject { ["error"] = "simulations only" };
        var (status, body) = await world.SendAsync("POST", "/api/v1/commands/fault", AccessRole.Admin, fault);
        Assert.Equal((422, "simulations only"), (status, (string?)body["detail"]));
    }

    [Fact]
    [Trait("requirement", "R96")]
    public void A_swap_reaches_the_node_in_its_own_words()
    {
        var body = """{"strategy":2,"action":"swap","to":"1.1.0","warmUpMs":500,"events":"20","settings":"size=0.02 wide=true","why":"w"}""";
        var (command, wrong) = StrategyCommand.ToNode(JsonNode.Parse(body)!.AsObject());
        Assert.Equal("", wrong);
        var expected = """{"command":"strategy.swap","name":"2","settings":{"size":"0.02","wide":"true"},"to":"1.1.0","warmUpMs":500,"events":20}""";
        Assert.Equal(expected, command!.ToJsonString());
    }

    [Theory]
    [Trait("requirement", "R95")]
    [InlineData("\"feesBps=\\\"10 26\\\" edgeBps=3\"")]
    [InlineData("\"\\\"feesBps=10 26\\\"  edgeBps=3 \"")]
    [InlineData("{\"feesBps\":\"10 26\",\"edgeBps\":3}")]
    public void Settings_with_blanks_reach_the_node_whole(string settings)
    {
        var (command, wrong) = StrategyCommand.ToNode(JsonNode.Parse($$"""{"strategy":1,"action":"set","settings":{{settings}}}""")!.AsObject());
        Assert.Equal("", wrong);
        Assert.Equal("""{"feesBps":"10 26","edgeBps":"3"}""", command!["settings"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"strategy":1,"action":"set","settings":"fees=\"10 26"}""")]
    [InlineData("""{"strategy":1,"action":"set","settings":{}}""")]
    [InlineData("""{"strategy":1,"action":"set","settings":{"fees":[10]}}""")]
    [InlineData("""{"strategy":1,"action":"set","settings":{"fees":"1\n2"}}""")]
    [InlineData("""{"strategy":"x","action":"set"}""")]
    [InlineData("""{"strategy":1,"action":"explode"}""")]
    [InlineData("""{"strategy":1,"action":"set"}""")]
    [InlineData("""{"strategy":1,"action":"set","settings":"spreadBps"}""")]
    [InlineData("""{"strategy":1,"action":"swap"}""")]
    [InlineData("""{"strategy":1,"action":"swap","to":"a.dll","warmUpMs":-1}""")]
    public void A_strategy_command_that_makes_no_sense_does_not_reach_the_node(string body) =>
        Assert.Null(StrategyCommand.ToNode(JsonNode.Parse(body)!.AsObject()).Command);

    [Fact]
    public async Task An_approval_that_waited_too_long_is_gone()
    {
        await using var world = await ControlWorld.StartAsync();
        var (_, asked) = await world.SendAsync("POST", "/api/v1/commands/resume", AccessRole.Trader, Kill);
        world.Wall.AddedNs = (long)TimeSpan.FromMinutes(5).TotalNanoseconds + 1_000_000;
        var decision = new JsonObject { ["hash"] = asked["hash"]!.DeepClone(), ["why"] = "w" }.ToJsonString();
        Assert.Equal(410, (await world.SendAsync("POST", $"/api/v1/approvals/{(string?)asked["approval"]}/approve", AccessRole.Admin, decision))
            .Status);
        Assert.Empty(world.Commands);
    }

    [Fact]
    public async Task A_refusal_of_the_node_and_a_missing_node_are_told_apart()
    {
        await using var world = await ControlWorld.StartAsync();
        world.Node = _ => new JsonObject { ["error"] = "there is no venue 'x'" };
        var (refused, body) = await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, Kill);
        Assert.Equal((422, "there is no venue 'x'"), (refused, (string?)body["detail"]));
        world.Node = _ => null;
        Assert.Equal(503, (await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, Kill)).Status);
    }

    [Fact]
    public void Every_command_is_either_harmless_or_needs_two()
    {
        foreach (var spec in CommandCatalog.All)
        {
            Assert.True(spec.Role >= AccessRole.Trader, spec.Name);
            Assert.DoesNotContain("who", spec.Fields);
        }

        string[] alone = ["kill", "cancel-all", "order", "fault", "log-level", "state"];
        Assert.Equal(alone, CommandCatalog.All.Where(c => !c.NeedsSecond(new JsonObject { ["action"] = "enable" }, null)).Select(c => c.Name));
    }
}
