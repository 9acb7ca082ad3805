using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Time;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Sidecar;

/// <summary>Pushes to a collector of the test's own on loopback. The bodies are protobuf, in which names and labels are plain text.</summary>
[Trait("requirement", "R55")]
public sealed class OtlpPushTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-otlp").FullName;
    private readonly List<(string Path, string? Type, string Body)> _taken = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_collector_gets_every_figure_and_later_ones_as_they_appear()
    {
        await using var collector = await CollectorAsync();
        using var file = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All);
        file.Add(NodeCounters.Gaps.Id, "okx").Set(5);
        file.AddHistogram(NodeCounters.DecisionNs.Id).Record(1_000);
        using var follower = new CounterFollower(_folder, new ManualClock());
        var figures = new OtlpFigures();
        using var push = new OtlpPush(new Uri(collector.Urls.First()), follower, figures);
        Assert.True(push.Push());
        file.Add(NodeCounters.Resyncs.Id, "kraken").Set(1);
        Assert.True(push.Push());
        Assert.Equal((2L, 0L, 2), (figures.Pushes, figures.Failures, _taken.Count));
        Assert.All(_taken, t => Assert.Equal(("/v1/metrics", "application/x-protobuf"), (t.Path, t.Type)));
        foreach (var word in (string[])["penstock_node_up", "penstock_feed_gaps_total", "okx", "penstock_decision_latency_seconds_p99", "trusted"])
            Assert.Contains(word, _taken[0].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("penstock_feed_resyncs_total", _taken[0].Body, StringComparison.Ordinal);
        Assert.Contains("penstock_feed_resyncs_total", _taken[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_gone_costs_a_counted_failure()
    {
        Uri gone;
        await using (var collector = await CollectorAsync()) gone = new Uri(collector.Urls.First());
        using var follower = new CounterFollower(_folder, new ManualClock());
        var figures = new OtlpFigures();
        using var push = new OtlpPush(gone, follower, figures);
        Assert.False(push.Push());
        Assert.Equal((0L, 1L), (figures.Pushes, figures.Failures));
    }

    private async Task<WebApplication> CollectorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var web = builder.Build();
        web.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
            _taken.Add((context.Request.Path, context.Request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
        });
        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }
}
