using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Configuration;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;

namespace Penstock.Node.Commands;

/// <summary>A venue to capture: where it is, and the wanted instruments as it lists them.</summary>
internal sealed record CaptureVenue
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public VenueId Id { get; } = new(1);

    public required IVenue Venue { get; init; }

    public required VenueEndpoints Endpoints { get; init; }

    public required InstrumentTable Instruments { get; init; }

    /// <summary>The URL the list was fetched from.</summary>
    public required string ListUrl { get; init; }

    /// <summary>The list's body, as received.</summary>
    public required byte[] List { get; init; }

    /// <summary>Recordings name the exchange, and the market beside it.</summary>
    public string RecordedAs => Catalogs.Venues.Names.Contains(Venue.Profile.Exchange) ? Venue.Profile.Exchange : Venue.Profile.Name;

    /// <exception cref="Problem">No such venue or symbol, or the venue does not answer.</exception>
    public static CaptureVenue Open(string name, IReadOnlyList<string> symbols, VenueConfiguration? configured, bool testnet)
    {
        if (!Catalogs.Venues.TryCreate(name, out var venue))
        {
            var nearest = Suggestions.Nearest(name, Catalogs.Venues.Names);
            throw new Problem(ExitCode.NotFound, $"there is no venue '{name}'", "penstock capture", $"known: {string.Join(", ", Catalogs.Venues.Names)}", nearest is null ? "penstock venues" : $"did you mean '{nearest}'?");
        }

        if (symbols.Count == 0)
            throw new Problem(ExitCode.Usage, "no instrument is named", "penstock capture", $"neither --symbols nor a configuration says what to capture of {name}", "penstock capture binance --symbols BTC-USDT --to DIR");
        var endpoints = EndpointsOf(venue!.Profile, configured, testnet);
        var request = venue.Instruments.Request(symbols);
        var address = new Uri(endpoints.Rest, request.PathAndQuery);
        var body = Fetch(name, address, request.Headers);
        return new CaptureVenue { Venue = venue, Endpoints = endpoints, Instruments = Wanted(venue, symbols, body, address), ListUrl = address.AbsoluteUri, List = body };
    }

    private static VenueEndpoints EndpointsOf(VenueProfile profile, VenueConfiguration? configured, bool testnet)
    {
        if (testnet && profile.Testnet is null)
            throw new Problem(ExitCode.NotFound, $"{profile.Name} has no test network", "--testnet", "none is known for it", "leave --testnet away, or name the addresses in --config FILE");
        var own = testnet ? profile.Testnet! : profile.Live;
        return configured is null ? own
            : own with { Rest = Address(configured.Rest, own.Rest), PublicStream = Address(configured.PublicStream, own.PublicStream) };
    }

    private static Uri Address(string configured, Uri own) => configured.Length == 0 ? own
        : Uri.TryCreate(configured, UriKind.Absolute, out var uri) ? uri
        : throw new Problem(ExitCode.Configuration, $"'{configured}' is not an address", "venues", "expected a full URL such as wss://host/path", "penstock config check FILE");

    private static InstrumentTable Wanted(IVenue venue, IReadOnlyList<string> symbols, byte[] body, Uri address)
    {
        var name = venue.Profile.Name;
        var listed = new List<Instrument>();
        var skipped = new List<string>();
        var cause = venue.Instruments.Parse(new VenueId(1), body, listed, skipped);
        if (cause != QuarantineCause.None)
            throw new Problem(ExitCode.Error, $"{name}'s instrument list cannot be used", address.ToString(), $"{cause}", "try again; if it stays, the venue has changed its format");
        var table = new InstrumentTable();
        foreach (var symbol in symbols)
        {
            if (listed.Find(i => i.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase)) is { } found)
            {
                table.Add(found);
                continue;
            }

            var nearest = Suggestions.Nearest(symbol, listed.Select(i => i.Symbol));
            throw new Problem(ExitCode.NotFound, $"{name} lists no instrument {symbol}", "--symbols", $"{listed.Count} instruments are listed", nearest is null ? "name one it lists" : $"did you mean {nearest}?");
        }

        return table;
    }

    private static byte[] Fetch(string name, Uri address, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        using var handler = new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All };
        using var http = new HttpClient(handler) { Timeout = Patience };
        using var message = new HttpRequestMessage(HttpMethod.Get, address);
        message.Headers.TryAddWithoutValidation("User-Agent", "penstock");
        foreach (var (key, value) in headers) message.Headers.TryAddWithoutValidation(key, value);
        try
        {
            using var answer = http.Send(message);
            using var body = new MemoryStream();
            answer.Content.ReadAsStream().CopyTo(body);
            return answer.IsSuccessStatusCode ? body.ToArray()
                : throw new Problem(ExitCode.Error, $"{name} refuses its instrument list", address.ToString(), $"HTTP {(int)answer.StatusCode}", "try again later; check the address with penstock config show");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            throw new Problem(ExitCode.Error, $"{name} cannot be reached", address.ToString(), e.Message, "check the network and the address; penstock sim gives one that needs neither");
        }
    }
}
