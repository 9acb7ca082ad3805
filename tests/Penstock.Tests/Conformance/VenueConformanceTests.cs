using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Conformance;

/// <summary>What makes a folder a venue: the files, and instruments that are named and numbered as the venue does.</summary>
public class VenueConformanceTests
{
    public static TheoryData<string> Venues => FeedFixtures.Venues;

    [Fact, Trait("requirement", "R103")]
    public void C01_Every_announced_venue_has_a_folder_of_its_own_or_its_exchanges_name()
    {
        var folders = FeedFixtures.Venues.Select(row => FeedFixtures.NameOf(row.Data)).ToList();
        Assert.Equal(
            FeedFixtures.VenueNames.Select(name => folders.Contains(name) ? name : FeedFixtures.Create(name).Profile.Exchange).Distinct(), folders);
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R103")]
    public void C01_The_folder_has_a_file_for_every_job_and_tells_what_a_reader_needs(string venue)
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(FeedFixtures.Fixture(venue, "x")))!;
        foreach (var job in (string[])["Venue", "Instruments", "Feed", "FeedDecoder", "BookSync"])
            Assert.True(HasJob(folder, venue, job), $"{venue}{job}.cs is missing.");
        foreach (var file in (string[])["symbols.txt", "feed.jsonl", "feed.expected", "flood.txt", "instruments.json"])
            Assert.True(File.Exists(FeedFixtures.Fixture(venue, file)), $"Fixtures/{file} is missing.");

        var readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (var heading in (string[])["## Market data", "## Orders", "## Quirks", "## Assumptions", "## Sources (read 20"])
            Assert.Contains("\n" + heading, readme, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs"))
        {
            var name = Path.GetFileName(file);
            Assert.StartsWith(venue, name, StringComparison.Ordinal);
            if (!name[..^3].Contains('.', StringComparison.Ordinal)) Assert.Contains($"`{name}`", readme, StringComparison.Ordinal);
        }

        if (OrderFixtures.Create(venue) is null) return;
        foreach (var job in (string[])["Orders", "OrderEncoder", "ExecutionDecoder", "OrderQueries", "Errors", "Signer"])
            Assert.True(HasJob(folder, venue, job), $"{venue}{job}.cs is missing.");
        foreach (var file in (string[])["orders.jsonl", "rejects.txt", "signing.json"])
            Assert.True(File.Exists(FeedFixtures.Fixture(venue, file)), $"Fixtures/{file} is missing.");
    }

    /// <summary>A market beside another of the same exchange takes what is alike from that one's folder.</summary>
    private static bool HasJob(string folder, string venue, string job)
    {
        if (File.Exists(Path.Combine(folder, $"{venue}{job}.cs"))) return true;
        var exchange = FeedFixtures.Create(venue).Profile.Exchange;
        var sibling = FeedFixtures.Venues.Select(row => row.Data).Single(other => FeedFixtures.NameOf(other) == exchange);
        return sibling != venue && job != "Venue" && File.Exists(Path.Combine(Path.GetDirectoryName(folder)!, sibling, $"{sibling}{job}.cs"));
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R23"), Trait("requirement", "R16")]
    public void C05_Symbols_are_found_again_by_the_venues_spelling_and_ours_is_derived(string venue)
    {
        var table = new InstrumentTable();
        var instruments = Instruments(venue);
        foreach (var instrument in instruments)
        {
            var id = table.Add(instrument).Id;
            Assert.True(table.TryFind(instrument.Venue, System.Text.Encoding.UTF8.GetBytes(instrument.VenueSymbol), out var found));
            Assert.Equal(id, found);
            Assert.StartsWith($"{instrument.Base}-{instrument.Quote}", instrument.Symbol, StringComparison.Ordinal);
            Assert.Equal(instrument.Symbol.ToUpperInvariant(), instrument.Symbol);
        }

        Assert.Equal(instruments.Count, instruments.Select(i => i.Symbol).Distinct().Count());
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R23"), Trait("requirement", "R83")]
    public void C05_The_kind_says_what_a_trade_is_paid_in(string venue)
    {
        foreach (var instrument in Instruments(venue))
        {
            var (kind, paidIn) = (instrument.Kind, instrument.PaidIn);
            Assert.Equal(
                instrument.Symbol.EndsWith("-PERP", StringComparison.Ordinal),
                kind is InstrumentKind.LinearPerpetual or InstrumentKind.InversePerpetual);
            Assert.Equal(kind is InstrumentKind.InversePerpetual or InstrumentKind.InverseFuture ? instrument.Base : instrument.Quote, paidIn);
            if (kind == InstrumentKind.Spot) Assert.Equal(Quantity.From(1m), instrument.ContractSize);
            else Assert.NotEqual(instrument.Base, instrument.PositionAsset());
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R17")]
    public void C05_A_multiple_of_tick_and_lot_is_written_exactly_with_the_decimals_of_the_instrument(string venue)
    {
        Span<byte> text = stackalloc byte[FixedPoint.TextBytesMax];
        foreach (var instrument in Instruments(venue))
        {
            foreach (var (raw, decimals) in new[] { (instrument.Tick.Raw * 12_345, instrument.PriceDecimals), (instrument.Lot.Raw * 7, instrument.QuantityDecimals) })
            {
                Assert.True(raw > 0);
                var length = FixedPoint.Format(raw, decimals, text);
                Assert.Equal(DecimalStatus.Ok, FixedPoint.TryParse(text[..length], out var again, out var sent));
                Assert.Equal((raw, decimals), (again, sent));
            }
        }
    }

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R20")]
    public void C03_An_instrument_list_cut_anywhere_is_refused(string venue)
    {
        var body = File.ReadAllBytes(FeedFixtures.Fixture(venue, "instruments.json")).AsSpan().TrimEnd("\n"u8).ToArray();
        var source = FeedFixtures.Create(venue).Instruments;
        for (var length = 0; length < body.Length; length++)
            Assert.NotEqual(QuarantineCause.None, source.Parse(new VenueId(1), body.AsSpan(0, length), [], []));
    }

    private static List<Instrument> Instruments(string venue)
    {
        List<Instrument> instruments = [];
        var body = File.ReadAllBytes(FeedFixtures.Fixture(venue, "instruments.json"));
        Assert.Equal(QuarantineCause.None, FeedFixtures.Create(venue).Instruments.Parse(new VenueId(1), body, instruments, []));
        Assert.NotEmpty(instruments);
        return instruments;
    }
}
