using System.IO.Compression;
using System.Text;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Connectivity.Transport;

public class RestClientTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void A_signed_request_goes_out_byte_for_byte_and_its_answer_comes_back_with_its_token()
    {
        using var server = new HttpStub(_ => HttpStub.Response(200, "{\"ok\":1}", "X-Used: 42\r\n"));
        var (client, pool) = Client(server, 100, o => o with { UsedWeightHeader = "x-used" });
        client.TryBegin(new RestRequest
        {
            Method = HttpMethod.Post, PathAndQuery = "/api/v3/order?a=%7E1&b=x%2Fy~&signature=AB", Body = "{\"q\":\"1\"}",
            ContentType = "application/json", Headers = [new("X-KEY", "k e y")],
        }, 77);
        var done = Complete(client);
        Assert.Equal((77, RestError.None, 200, 42), (done.Token, done.Error, done.Status, done.UsedWeight));
        Assert.Equal("{\"ok\":1}", Encoding.UTF8.GetString(done.Body));
        done.Release();
        var request = server.Requests.Single();
        Assert.StartsWith("POST /api/v3/order?a=%7E1&b=x%2Fy~&signature=AB HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("X-KEY: k e y\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"q\":\"1\"}", request, StringComparison.Ordinal);
        pool.Dispose();
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void Calls_wait_for_their_weight_without_blocking_and_are_formed_only_when_they_may_go()
    {
        using var server = new HttpStub(_ => HttpStub.Response(200, ""));
        var (client, pool) = Client(server, 10);
        var formed = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            client.TryBegin(() =>
            {
                formed.Add(_clock.NowNs);
                return new RestRequest { Method = HttpMethod.Get, PathAndQuery = "/x", Weight = 5 };
            }, i);
        }

        Complete(client);
        Complete(client);
        Assert.Equal(0, client.Step(_clock.NowNs));
        Assert.Equal(1, client.PendingCount);
        _clock.AdvanceMs(60_000);
        Assert.Equal(2, Complete(client).Token);
        Assert.Equal(_clock.NowNs, formed[^1]);
        pool.Dispose();
    }

    [Theory]
    [InlineData(429, "Retry-After: 7\r\n", 7), InlineData(418, "Retry-After: 100\r\n", 100), InlineData(429, "", 60), InlineData(418, "", 120)]
    [InlineData(429, "Date: Sat, 21 Nov 2026 08:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 08:00:09 GMT\r\n", 9)]
    [InlineData(429, "Retry-After: 99999999\r\n", 3600)]
    [Trait("requirement", "R112")]
    public void Too_many_requests_silences_every_session_of_the_pool_for_as_long_as_the_venue_says(int status, string headers, int seconds)
    {
        using var server = new HttpStub(_ => HttpStub.Response(status, "slow down", headers));
        var (client, pool) = Client(server, 100);
        client.TryBegin(Get("/x"), 1);
        Assert.Equal(status, Complete(client).Status);
        Assert.Equal(_clock.NowNs + seconds * 1_000_000_000L, pool.Limits.NextPermitNs(1, _clock.NowNs));
        var other = new RestClient(pool, _clock);
        other.TryBegin(Get("/y"), 2);
        Assert.Equal(0, other.Step(_clock.NowNs));
        Assert.Equal(1, client.Statistics.RateLimited);
        pool.Dispose();
    }

    [Fact]
    public void Compressed_answers_are_unpacked_and_oversized_ones_given_up()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(new byte[100_000]);
        using var server = new HttpStub(_ => [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), .. packed.ToArray()]);
        var (client, pool) = Client(server, 100);
        client.TryBegin(Get("/x"), 1);
        Assert.Equal(100_000, Complete(client).Body.Length);
        var (small, smallPool) = Client(server, 100, o => o with { BodyBytesMax = 99_999 });
        small.TryBegin(Get("/x"), 1);
        var done = Complete(small);
        Assert.Equal(RestError.TooLarge, done.Error);
        Assert.False(done.IsSuccess);
        pool.Dispose();
        smallPool.Dispose();
    }

    [Fact]
    public void Silence_refusal_and_nonsense_are_results_with_a_reason()
    {
        using var silent = new HttpStub(_ => null);
        var (client, pool) = Client(silent, 100, o => o with { Timeout = TimeSpan.FromMilliseconds(50) });
        client.TryBegin(Get("/x"), 1);
        Assert.Equal(RestError.Timeout, Complete(client).Error);
        pool.Dispose();

        var gone = new HttpStub(_ => null);
        (client, pool) = Client(gone, 100);
        gone.Dispose();
        client.TryBegin(Get("/x"), 1);
        Assert.Equal(RestError.Network, Complete(client).Error);
        client.TryBegin(Get("/x") with { Weight = 101 }, 2);
        Assert.Equal(RestError.Invalid, Complete(client).Error);
        Assert.Equal(0, client.PendingCount);
        pool.Dispose();
    }

    [Fact]
    [Trait("requirement", "R82")]
    public void A_call_taken_back_when_its_connection_is_open_sends_no_request_and_the_next_one_does()
    {
        using var server = new HttpStub(_ => HttpStub.Response(200, ""));
        var (client, pool) = Client(server, 100);
        var request = new RestRequest { Method = HttpMethod.Post, PathAndQuery = "/order", Body = "{}", ContentType = "application/json" };
        var asked = 0;
        client.TryBegin(() => request, 1, () => Interlocked.Increment(ref asked) == 1); // the second time it is about to be written
        var done = Complete(client);
        Assert.Equal((1L, RestError.Withheld, 2), (done.Token, done.Error, asked));
        client.TryBegin(() => request, 2, () => false);
        Assert.Equal(RestError.Withheld, Complete(client).Error);
        Assert.Empty(server.Requests);
        client.TryBegin(() => request with { PathAndQuery = "/next" }, 3, () => true);
        Assert.Equal((3L, RestError.None, 200), Complete(client) is var next ? (next.Token, next.Error, next.Status) : default);
        Assert.StartsWith("POST /next", server.Requests.Single(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{}", server.Requests.Single(), StringComparison.Ordinal);
        pool.Dispose();
    }

    internal static RestRequest Get(string path) => new() { Method = HttpMethod.Get, PathAndQuery = path };

    private (RestClient Client, RestPool Pool) Client(HttpStub server, int permits, Func<RestPoolOptions, RestPoolOptions>? change = null)
    {
        var options = new RestPoolOptions { Endpoint = server.Uri, Limits = [new RateLimit(permits, TimeSpan.FromMinutes(1))] };
        var pool = new RestPool(change?.Invoke(options) ?? options);
        return (new RestClient(pool, _clock), pool);
    }

    private RestCompletion Complete(RestClient client)
    {
        RestCompletion? done = null;
        LoopbackServer.Until(() => client.TryTake(out done), () => client.Step(_clock.NowNs));
        return done!;
    }
}
