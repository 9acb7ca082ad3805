using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Tests.Venues.Okx;

public class OkxFeedTests
{
    private const string Listing = """
        {"code":"0","msg":"","data":[
          {"instId":"BTC-USDT","instIdCode":10459,"instType":"SPOT","baseCcy":"BTC","quoteCcy":"USDT","ctType":"","ctValCcy":"","settleCcy":"","lotSz":"0.00000001","minSz":"0.00001","tickSz":"0.1","state":"live"},
          {"instId":"BTC-USD-SWAP","instIdCode":"10458","instType":"SWAP","baseCcy":"","quoteCcy":"","ctType":"inverse","ctVal":"100","ctValCcy":"USD","settleCcy":"BTC","lotSz":"1","minSz":"1","tickSz":"0.1","state":"suspend"},
          {"instId":"ETH-USDT-SWAP","instType":"SWAP","baseCcy":"","quoteCcy":"","ctType":"linear","ctVal":"0.1","ctValCcy":"ETH","settleCcy":"USDT","lotSz":"1","minSz":"1","tickSz":"0.01","state":"live"},
          {"instId":"TINY-USDT","instType":"SPOT","baseCcy":"TINY","quoteCcy":"USDT","lotSz":"1","minSz":"1","tickSz":"0.0000000001","state":"live"},
          {"instId":"NONE-USDT","instType":"SPOT","baseCcy":"NONE","quoteCcy":"USDT","lotSz":"1","minSz":"1","tickSz":"","state":"preopen"}]}
        """;

    [Fact, Trait("requirement", "R23")]
    public void Spot_and_swaps_are_listed_with_their_numeric_codes()
    {
        var list = Parse(Listing, out var skipped);
        Assert.Equal(["TINY-USDT", "NONE-USDT"], skipped);
        Assert.Equal(["BTC-USDT", "BTC-USD-PERP", "ETH-USDT-PERP"], list.Select(i => i.Symbol));
        Assert.Equal(["BTC-USDT", "BTC-USD-SWAP", "ETH-USDT-SWAP"], list.Select(i => i.VenueSymbol));
        Assert.Equal([10459L, 10458L, 0L], list.Select(i => i.VenueCode));
        Assert.Equal(["BTC/USDT", "BTC/USD", "ETH/USDT"], list.Select(i => $"{i.Base}/{i.Quote}"));
        Assert.Equal((Price.From(0.1m), Quantity.From(0.00000001m), Quantity.From(0.00001m)), (list[0].Tick, list[0].Lot, list[0].QuantityMin));
        Assert.Equal(InstrumentStatus.Halted, list[1].Status);
    }

    [Fact, Trait("requirement", "R23")]
    public void The_recorded_lists_are_read_whole()
    {
        foreach (var (_, url, body) in FeedFixtures.Recording("okx-mixed.cf-20220513.jsonl.gz").Where(e => e.Kind == "rest").Take(2))
        {
            var list = Parse(Encoding.UTF8.GetString(body), out var skipped);
            Assert.True(list.Count > 100, url);
            Assert.True(skipped.Count < list.Count / 10, string.Join(' ', skipped));
        }
    }

    [Theory, Trait("requirement", "R20")]
    [InlineData("""{"code":"50001","msg":"Service temporarily unavailable","data":[]}""", QuarantineCause.VenueError)]
    [InlineData("""{"code":"0","data":[{""", QuarantineCause.Truncated)]
    [InlineData("""{"code":"0"}""", QuarantineCause.Malformed)]
    public void A_body_that_is_no_list_is_refused(string body, QuarantineCause expected) =>
        Assert.Equal(expected, FeedFixtures.Create("Okx").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), [], []));

    [Fact, Trait("requirement", "R103")]
    public void Subscriptions_carry_what_the_venue_documents()
    {
        var feed = FeedFixtures.CreateFeed("Okx");
        var instruments = Parse(Listing, out _);
        var writer = new FrameWriter();
        feed.WriteSubscribe([instruments[0]], writer);
        Assert.Equal(
            """{"id":"1","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},{"channel":"trades","instId":"BTC-USDT"},{"channel":"bbo-tbt","instId":"BTC-USDT"}]}""",
            Encoding.UTF8.GetString(writer.Frame(0)));
        writer.Clear();
        feed.WriteResubscribe(instruments[0], writer);
        Assert.Equal("""{"id":"2","op":"unsubscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}""", Encoding.UTF8.GetString(writer.Frame(0)));
        Assert.Equal("""{"id":"3","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}""", Encoding.UTF8.GetString(writer.Frame(1)));
        writer.Clear();
        Assert.True(feed.TryWritePing(writer));
        Assert.Equal("ping", Encoding.UTF8.GetString(writer.Frame(0)));
    }

    [Fact, Trait("requirement", "R20")]
    public void A_checksum_of_zero_is_none()
    {
        var feed = FeedFixtures.CreateFeed("Okx");
        var batch = new FeedBatch();
        const string Frame = """{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[],"ts":"1","checksum":0,"seqId":2,"prevSeqId":1}]}""";
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.ASCII.GetBytes(Frame), batch));
        Assert.False(batch.Messages[0].HasChecksum);
        Assert.Equal(QuarantineCause.None, feed.Decode(Encoding.ASCII.GetBytes(Frame.Replace(":0,", ":-7,", StringComparison.Ordinal)), batch));
        Assert.Equal((true, -7L), (batch.Messages[0].HasChecksum, batch.Messages[0].Checksum));
    }

    private static List<Instrument> Parse(string body, out List<string> skipped)
    {
        List<Instrument> instruments = [];
        skipped = [];
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create("Okx").Instruments.Parse(new VenueId(1), Encoding.UTF8.GetBytes(body), instruments, skipped));
        return instruments;
    }
}
