using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Problems;
using Penstock.MarketData.Importing;
using Penstock.MarketData.Inspection;
using Penstock.MarketData.Playback;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Node.Configuration;

namespace Penstock.Node.Backtesting;

/// <summary>
/// One recording, read once to learn what it holds: its venue, the rule its books follow, and its instruments: from the venue's own list
/// where it was recorded, else with tick and lot as the prices and quantities show them.
/// </summary>
internal sealed class RecordedMarket
{
    /// <summary>Where the list is missing; the longer ones first.</summary>
    private static readonly string[] KnownQuotes = ["FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USD", "EUR", "GBP", "CHF", "JPY", "TRY", "BTC", "ETH", "BNB"];

    private readonly IVenue _venue;
    private readonly BookSyncRule _rule;

    private RecordedMarket(string file, string name, IVenue venue, BookSyncRule rule, IReadOnlyList<Instrument> instruments)
    {
        File = file;
        Name = name;
        _venue = venue;
        _rule = rule;
        Instruments = instruments;
    }

    public string File { get; }

    /// <summary>The venue as orders name it: the exchange, and its market unless that is spot: the same symbol may trade on both.</summary>
    public string Name { get; }

    public VenueProfile Profile => _venue.Profile;

    /// <summary>Those with data, in the order they appear; ids and venue are not the session's yet.</summary>
    public IReadOnlyList<Instrument> Instruments { get; }

    public static RecordedMarket Load(string file)
    {
        if (!System.IO.File.Exists(file))
            throw new Problem(ExitCode.NotFound, "there is no such source", file, "neither a recording nor a journal folder is there", "penstock capture writes recordings; penstock demo prints the folder of its journal");
        using var first = Open(file);
        var header = first.Header;
        var name = header.Market is "spot" or "mixed" or "" ? header.Venue : $"{header.Venue}-{header.Market}";
        var venue = header.Venue == NormalisedVenue.Name ? new NormalisedVenue()
            : Catalogs.Venues.TryCreate(name, out var own) ? own : Catalogs.Venues.TryCreate(header.Venue, out var known) ? known : null;
        if (venue is null)
            throw new Problem(ExitCode.NotFound, $"no venue '{header.Venue}' is built in", file, $"known: {string.Join(", ", Catalogs.Venues.Names)}", "penstock replay with a recording of one of them");
        var rule = venue.Profile.BookSyncByMarket.GetValueOrDefault(header.Market, venue.Profile.BookSync);
        var (instruments, fromRest) = Scan(venue, rule, first);
        if (!fromRest || venue.Profile.BookSyncFromRest is not { } other) return new RecordedMarket(file, name, venue, rule, instruments);
        using var again = Open(file);
        return new RecordedMarket(file, name, venue, other, Scan(venue, other, again).Instruments);
    }

    /// <param name="number">0, 1, 2 … over the recordings of the run.</param>
    public RecordingPlayer Play(VenueId id, InstrumentTable instruments, int number) =>
        new(_venue, new FeedContext(id, instruments), _rule, Open(File), number);

    private static (List<Instrument> Instruments, bool FromRest) Scan(IVenue venue, BookSyncRule rule, RecordingReader reader)
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        var listed = new Dictionary<string, Instrument>(StringComparer.Ordinal);
        var id = new VenueId(1);
        var listPath = venue is NormalisedVenue ? null : venue.Instruments.Request([]).PathAndQuery.Split('?')[0];
        var estimates = new List<TickEstimate>();
        using var player = new RecordingPlayer(venue, new FeedContext(id, table), rule, reader)
        {
            OnRest = (uri, body) =>
            {
                if (!uri.AbsolutePath.Equals(listPath, StringComparison.Ordinal)) return;
                var found = new List<Instrument>();
                if (venue.Instruments.Parse(id, body, found, []) != QuarantineCause.None) return;
                foreach (var instrument in found) listed[instrument.VenueSymbol] = instrument;
            },
        };
        while (player.TryRead())
        {
            foreach (ref readonly var e in player.Events)
            {
                if (e.Instrument == InstrumentId.None) continue;
                while (estimates.Count < e.Instrument.Value) estimates.Add(new TickEstimate());
                estimates[e.Instrument.Value - 1].Take(e);
            }
        }

        var instruments = new List<Instrument>();
        for (var i = 0; i < estimates.Count; i++)
        {
            if (estimates[i].Seen > 0) instruments.Add(Known(table[new InstrumentId(i + 1)].VenueSymbol, estimates[i], listed));
        }

        return (instruments, player.SawRestBook);
    }

    private static Instrument Known(string symbol, TickEstimate estimate, Dictionary<string, Instrument> listed)
    {
        // A list of today may name a coarser tick than a recording of then has: what was traded was legal.
        if (listed.TryGetValue(symbol, out var instrument) && instrument.HasUsualScales && estimate.TickRaw % instrument.Tick.Raw == 0)
            return instrument with { Status = InstrumentStatus.Trading };
        var (basis, quote) = Assets(symbol);
        return new Instrument
        {
            Venue = new VenueId(1), Symbol = $"{basis}-{quote}", VenueSymbol = symbol, Base = Text16.From(basis), Quote = Text16.From(quote),
            Tick = new Price(Math.Max(1, estimate.TickRaw)), Lot = new Quantity(Math.Max(1, estimate.LotRaw)), QuantityMin = new Quantity(Math.Max(1, estimate.LotRaw)),
        };
    }

    /// <summary>From the name, for want of a list: only the fees' asset and the ledger's labels depend on it.</summary>
    private static (string Base, string Quote) Assets(string symbol)
    {
        var text = symbol.ToUpperInvariant();
        var cut = text.IndexOfAny(['-', '/', '_', ':']);
        if (cut > 0 && text[..cut] is var left && left.Length <= 15 && text[(cut + 1)..] is { Length: > 0 and <= 15 } right && !right.StartsWith("PERP", StringComparison.Ordinal)) return (left, right);
        if (cut > 0) text = text[..cut];
        var quote = Array.Find(KnownQuotes, q => text.Length > q.Length && text.EndsWith(q, StringComparison.Ordinal));
        return quote is null ? (text[..Math.Min(15, text.Length)], "QUOTE") : (text[..Math.Min(15, text.Length - quote.Length)], quote);
    }

    private static RecordingReader Open(string file)
    {
        try
        {
            return RecordingReader.Open(System.IO.File.OpenRead(file));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Error, "this is no readable recording", file, e.Message, "expected gzip with JSON lines, the first of them a recording/1 header");
        }
    }
}
