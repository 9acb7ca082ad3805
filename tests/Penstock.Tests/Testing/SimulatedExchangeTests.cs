using System.Net.WebSockets;
using System.Text;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

[Trait("requirement", "E30")]
public sealed class SimulatedExchangeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("binance", """{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}""", "depthUpdate", "/api/v3/exchangeInfo")]
    [InlineData("kraken", """{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USDT"],"depth":10}}""", "\"type\":\"update\"", "/0/public/AssetPairs")]
    [InlineData("okx", """{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}""", "\"action\":\"update\"", "/api/v5/public/instruments?instType=SPOT")]
    public async Task A_stranger_with_plain_dotnet_clients_gets_instruments_and_a_live_book(string name, string subscribe, string wanted, string path)
    {
        using var timeout = new CancellationTokenSource(Patience);
        await using var exchange = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = name, Seed = 9 }, cancel: timeout.Token);
        using var http = new HttpClient { BaseAddress = exchange.Rest };
        Assert.Contains("BT", await http.GetStringAsync(path, timeout.Token));

        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(exchange.PublicStream, timeout.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes(subscribe), WebSocketMessageType.Text, true, timeout.Token);
        while (!(await ReceiveAsync(socket, timeout.Token)).Contains(wanted))
        {
        }

        Assert.Contains("USDT", await http.GetStringAsync("/sim/account", timeout.Token));
        var answer = await http.PostAsync("/sim/faults", new StringContent("""{"arm":{"Disconnect":1}}"""), timeout.Token);
        Assert.True(answer.IsSuccessStatusCode);
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            while (true) await ReceiveAsync(socket, timeout.Token);
        });
        var refused = await http.PostAsync("/sim/faults", new StringContent("""{"arm":{"Disconect":1}}"""), timeout.Token);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(1, exchange.Statistics()["injected.Disconnect"]);
        Assert.Equal(4, exchange.Balances.Count);
    }

    [Fact]
    public async Task A_farm_tells_where_each_of_its_venues_listens_and_with_which_key()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await using var farm = await SimulatedFarm.StartAsync(SimulatedVenueCatalog.Names, 1, timeout.Token);
        Assert.Equal(SimulatedVenueCatalog.Names, farm.Endpoints.Select(e => e.Name));
        Assert.Equal(farm.Endpoints.Count, farm.Endpoints.Select(e => e.Rest.Port).Distinct().Count());
        Assert.All(farm.Endpoints, e => Assert.Equal("ws", e.PrivateStream.Scheme));
        await Assert.ThrowsAsync<ArgumentException>(() => SimulatedFarm.StartAsync(["nowhere"], 1, timeout.Token));
    }

    internal static async Task<string> ReceiveAsync(ClientWebSocket socket, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        var text = new StringBuilder();
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, cancel);
            if (result.MessageType == WebSocketMessageType.Close) throw new WebSocketException("closed");
            text.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
            if (result.EndOfMessage) return text.ToString();
        }
    }
}
