using System.Runtime.Versioning;

namespace Penstock.Tests.EndToEnd;

/// <summary>A private stream that looks alive and is dead: its key was closed elsewhere, and nothing on it says so.</summary>
[SupportedOSPlatform("linux")]
public sealed class ListenKeyTests
{
    private const string Venue = "binance-usdm";

    [Fact]
    [Trait("requirement", "R67")]
    public async Task A_key_that_is_gone_is_found_by_keeping_it_and_replaced_with_its_connection()
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions { Venues = [Venue], Quotes = false });
        world.SkipUntil(world.IsComplete, "the private stream");
        var (connects, reconciled) = (world.Node[Venue].Orders!.LinkStatistics.Connects, world.Node[Venue].Orders!.Statistics.Reconciliations);
        using (var http = new HttpClient { BaseAddress = world.Exchange.Rest })
        using (var request = new HttpRequestMessage(HttpMethod.Delete, "/fapi/v1/listenKey"))
        {
            request.Headers.Add("X-MBX-APIKEY", world.Exchange.Endpoint.ApiKey);
            (await http.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        }

        world.SkipUntil(() => world.Node[Venue].Orders!.LinkStatistics.Connects > connects, "another connection, with another key");
        world.SkipUntil(() => world.IsComplete() && world.Node[Venue].Orders!.Statistics.Reconciliations > reconciled, "reconciled again");
        world.AssertReplays();
    }
}
