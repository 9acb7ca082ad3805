using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Penstock.Control.Security;
using Penstock.Control.Sidecar;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Time;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Control;

/// <summary>Spans arrive at a collector of the test's own on loopback. The bodies are protobuf, in which names and values are plain text.</summary>
[Trait("requirement", "R58")]
public sealed class SpanTests
{
    private readonly List<(string Path, string Body)> _taken = [];

    [Fact]
    public async Task Requests_commands_approvals_and_subscriptions_arrive_with_who_and_outcome_and_no_secret()
    {
        await using var collector = await CollectorAsync();
        using var push = new SpanPush(new Uri(collector.Urls.First()), "penstock-test");
        JsonObject asked;
        await using (var world = await ControlWorld.StartAsync())
        {
            var second = world.Host.Tokens.Add("second", AccessRole.Admin);
            var request = world.Request("GET", "/api/v1/me?note=REFLECTED", world[AccessRole.Viewer]);
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
            Assert.Equal(200, (await world.SendAsync(request)).Status);
            Assert.Equal(200, (await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, """{"why":"REASON"}""")).Status);
            (_, asked) = await world.SendAsync("POST", "/api/v1/commands/resume", AccessRole.Trader, """{"why":"REASON"}""");
            var decision = $$"""{"hash":"{{(string?)asked["hash"]}}","why":"REASON"}""";
            await world.SendAsync(world.Request("POST", $"/api/v1/approvals/{(string?)asked["approval"]}/approve", second, decision));
            Assert.Equal(401, (await world.SendAsync("GET", "/api/v1/status/")).Status);
            using (var socket = await world.ConnectAsync(world[AccessRole.Viewer]))
            {
                await socket.HearAsync();
                await socket.SayAsync("""{"type":"subscribe","topics":["REFLECTED"]}""");
                await socket.SayAsync("""{"type":"ping"}""");
                await socket.HearAsync();
            }
        }

        // The server has ended, so every request's span has: a client may have its answer a moment before.
        push.Dispose();
        var told = string.Concat(_taken.Select(t => t.Body));
        Assert.All(_taken, t => Assert.Equal("/v1/traces", t.Path));
        foreach (var word in (string[])[
                     "penstock-test", "GET /api/v1/me", "http.route", "http.response.status_code", "command kill", "penstock.who", "trader",
                     "approval request", "waits", "approval approve", "second", "decided", "command resume", "trader+second", "gateway subscribe",
                     "penstock.topics"])
            Assert.Contains(word, told, StringComparison.Ordinal);
        // The caller's trace goes on here, whatever its flags say of being recorded.
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c")), told, StringComparison.Ordinal);
        foreach (var secret in (string[])["pst_", "Bearer", "REASON", "REFLECTED", (string)asked["hash"]!])
            Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        Assert.True(push.Pushed >= 8, $"{push.Pushed}");
        Assert.Equal(0, push.Failed);
    }

    [Fact]
    public async Task Scrapes_and_pushes_of_the_sidecar_are_spans()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-spans").FullName;
        await using var collector = await CollectorAsync();
        using var spans = new SpanPush(new Uri(collector.Urls.First()), "penstock-sidecar");
        using (CounterFile.Create(Path.Combine(folder, "counters"), NodeCounters.All))
        using (var follower = new CounterFollower(folder, new ManualClock()))
        using (var push = new OtlpPush(new Uri(collector.Urls.First()), follower, new OtlpFigures()))
        {
            Assert.True(push.Push());
            await using var web = Web();
            MetricsEndpoint.Map(web, follower, new OtlpFigures());
            await web.StartAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient();
            await http.GetStringAsync(new Uri(web.Urls.First() + "/metrics"), TestContext.Current.CancellationToken);
        }

        spans.Dispose();
        var told = string.Concat(_taken.Where(t => t.Path == "/v1/traces").Select(t => t.Body));
        foreach (var word in (string[])["sidecar push", "sidecar scrape", "penstock.characters", "served", "taken"])
            Assert.Contains(word, told, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_collector_that_is_gone_costs_counted_spans_and_nothing_else()
    {
        Uri gone;
        await using (var collector = await CollectorAsync()) gone = new Uri(collector.Urls.First());
        using var early = new SpanPush(gone, "penstock-test");
        using var late = new SpanPush(gone, "penstock-test");
        await using (var world = await ControlWorld.StartAsync())
        {
            await world.AssertHealthyAsync();
            early.Dispose();
            await world.AssertHealthyAsync();
        }

        late.Dispose();
        Assert.Equal(0, early.Pushed);
        Assert.True(late is { Pushed: 0, Failed: > 0 });
    }

    [Theory]
    [InlineData("http://c:4318", "http://c:4318/v1/traces")]
    [InlineData("http://c:4318/", "http://c:4318/v1/traces")]
    [InlineData("http://c:4318/v1/metrics", "http://c:4318/v1/traces")]
    [InlineData("https://c/otlp", "https://c/otlp/v1/traces")]
    public void Where_spans_go_follows_from_where_the_collector_is(string collector, string expected) =>
        Assert.Equal(new Uri(expected), OtlpCollector.For(new Uri(collector), "traces"));

    private async Task<WebApplication> CollectorAsync()
    {
        var web = Web();
        web.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
            lock (_taken) _taken.Add((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }

    private static WebApplication Web()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }
}
