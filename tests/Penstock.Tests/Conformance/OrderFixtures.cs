using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Model.Instruments;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Conformance;

/// <summary>The order side of a venue made ready from its Fixtures folder: first instrument, keys, and the token where one is needed.</summary>
internal static class OrderFixtures
{
    /// <summary>Stands in frames for the order's id.</summary>
    private const string Placeholder = "$ID";

    /// <summary>Null for a venue of market data only.</summary>
    public static IOrderProtocol? Create(string venue)
    {
        var path = FeedFixtures.Fixture(venue, "signing.json");
        if (!File.Exists(path)) return FeedFixtures.Create(venue).CreateOrders(Context(venue, new Credentials { ApiKey = "key", Secret = "" }));
        using var keys = JsonDocument.Parse(File.ReadAllText(path));
        string Of(string name) => keys.RootElement.GetProperty(name).GetString()!;
        var credentials = new Credentials { ApiKey = Of("apiKey"), Secret = Of("secret"), Passphrase = Of("passphrase") };
        var orders = FeedFixtures.Create(venue).CreateOrders(Context(venue, credentials));
        if (orders?.TokenRequest(OrdersTestKit.UnixNs) is not null)
            Assert.True(orders.AcceptToken(File.ReadAllBytes(FeedFixtures.Fixture(venue, "token.json"))));
        return orders;
    }

    /// <summary>A protocol that has not asked for anything yet.</summary>
    public static IOrderProtocol CreateUntouched(string venue, Credentials credentials) =>
        FeedFixtures.Create(venue).CreateOrders(Context(venue, credentials))!;

    public static string[] Frames(string venue) => [.. FeedFixtures.Lines(venue, "orders.jsonl").Select(frame => Named(frame, venue))];

    public static string Named(string frame, string venue) => frame.Replace(Placeholder, IdText(venue), StringComparison.Ordinal);

    /// <summary>How the venue writes the id of the order all tests are about: some take numbers only.</summary>
    public static string IdText(string venue)
    {
        var path = FeedFixtures.Fixture(venue, "client-id.txt");
        return File.Exists(path) ? File.ReadAllText(path).TrimEnd() : OrdersTestKit.Id.ToString();
    }

    /// <summary>The one instrument the protocols know.</summary>
    public static Instrument Instrument(string venue) =>
        Context(venue, new Credentials { ApiKey = "", Secret = "" }).Instruments[new InstrumentId(1)];

    private static OrderContext Context(string venue, Credentials credentials)
    {
        List<Instrument> instruments = [];
        var body = File.ReadAllBytes(FeedFixtures.Fixture(venue, "instruments.json"));
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create(venue).Instruments.Parse(new VenueId(3), body, instruments, []));
        var table = new InstrumentTable();
        table.Add(instruments[0]);
        return new OrderContext(new VenueId(3), table, credentials);
    }
}
