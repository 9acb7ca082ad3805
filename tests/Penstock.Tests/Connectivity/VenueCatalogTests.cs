using System.Reflection;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Model.Instruments;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;
using Penstock.Tests.Connectivity;

[assembly: Venue<EleventhVenue>("eleventh")]

namespace Penstock.Tests.Connectivity;

/// <summary>Goal: another exchange is a class and an attribute; nothing that exists is edited for it.</summary>
public class VenueCatalogTests
{
    [Fact]
    [Trait("requirement", "R104")]
    public void A_venue_of_any_assembly_is_found_by_its_attribute()
    {
        var catalog = new VenueCatalog([Assembly.Load("Penstock.Venues"), typeof(EleventhVenue).Assembly]);
        Assert.Contains("eleventh", catalog.Names);
        Assert.True(catalog.TryCreate("eleventh", out var venue));
        Assert.IsType<EleventhVenue>(venue);
        Assert.False(catalog.TryCreate("twelfth", out _));
    }

    [Fact]
    public void Two_venues_of_one_name_are_refused()
    {
        var assembly = typeof(EleventhVenue).Assembly;
        Assert.Contains("eleventh", Assert.Throws<InvalidOperationException>(() => new VenueCatalog([assembly, assembly])).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R103")]
    [Trait("requirement", "R171")]
    public void Every_venue_is_used_through_the_same_contract()
    {
        var catalog = new VenueCatalog([Assembly.Load("Penstock.Venues")]);
        Assert.True(catalog.Names.Count() >= 3);
        foreach (var name in catalog.Names)
        {
            Assert.True(catalog.TryCreate(name, out var venue));
            Assert.Equal(name, venue!.Profile.Name);
            Assert.NotNull(venue.CreateFeed(new FeedContext(new VenueId(1), new InstrumentTable())));
            var orders = venue.CreateOrders(new OrderContext(new VenueId(1), new InstrumentTable(), KeysOf(name)));
            Assert.Equal(venue.Profile.Capabilities.HasFlag(VenueCapabilities.WebSocketOrderEntry), orders is not (null or IRestOrderEntry));
        }
    }

    /// <summary>Keys of the form the venue gives out, as its simulated twin does: some are base64, some an EC key.</summary>
    private static Credentials KeysOf(string name)
    {
        if (!SimulatedVenueCatalog.Names.Contains(name)) return new Credentials { ApiKey = "k", Secret = Convert.ToBase64String("secret"u8), Passphrase = "p" };
        var options = SimulatedVenueCatalog.Create(new SimulatedVenueOptions { Name = name }).Options;
        return new Credentials { ApiKey = options.ApiKey, Secret = options.Secret, Passphrase = options.Passphrase };
    }

    [Fact]
    [Trait("requirement", "R105")]
    public void A_venue_folder_holds_no_socket_no_thread_and_no_http_client()
    {
        foreach (var file in Architecture.SourceTree.Read("src/Penstock.Venues"))
            Assert.DoesNotMatch(@"\b(HttpClient|ClientWebSocket|TcpClient|Thread|Timer|SslStream)\b|new Socket\b", file.Code);
    }
}

/// <summary>The smallest venue there can be.</summary>
public sealed class EleventhVenue : IVenue
{
    public VenueProfile Profile => throw new NotSupportedException();

    public IInstrumentSource Instruments => throw new NotSupportedException();

    public IFeedProtocol CreateFeed(FeedContext context) => throw new NotSupportedException();

    public IOrderProtocol? CreateOrders(OrderContext context) => null;
}
