using System.Runtime.CompilerServices;
using System.Text;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Tests.Vocabulary;

public class VocabularyTests
{
    [Fact]
    [Trait("requirement", "R15")]
    [Trait("requirement", "R18")]
    [Trait("requirement", "R93")]
    public void The_canonical_event_is_one_cache_line_without_references()
    {
        Assert.Equal(64, Unsafe.SizeOf<MarketEvent>());
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<MarketEvent>());
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<ExecutionReport>());
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<OrderRequest>());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8_388_607, (1L << 40) - 1)]
    [InlineData(36, 123_456_789)]
    [Trait("requirement", "R90")]
    public void Our_order_ids_round_trip_through_every_venues_alphabet(int session, long sequence)
    {
        var id = ClientOrderId.Of(session, sequence);
        var text = id.ToString();
        Assert.Matches("^p[0-9a-z]{13}$", text);
        Assert.True(ClientOrderId.TryParse(Encoding.ASCII.GetBytes(text), out var back));
        Assert.Equal(id, back);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p")]
    [InlineData("p000000000000")]
    [InlineData("x0000000000001")]
    [InlineData("p000000000000A")]
    [InlineData("pzzzzzzzzzzzzz")]
    [InlineData("p0000000000000")]
    public void Ids_of_others_are_not_taken_for_ours(string text) =>
        Assert.False(ClientOrderId.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Inline_texts_compare_by_their_bytes_and_refuse_what_does_not_fit()
    {
        Assert.True(Text40.TryCreate("6d1b345e-2821-40e2-ad83-4ecb18a06876"u8, out var uuid));
        Assert.Equal("6d1b345e-2821-40e2-ad83-4ecb18a06876", uuid.ToString());
        Assert.Equal(uuid, Text40.From("6d1b345e-2821-40e2-ad83-4ecb18a06876"));
        Assert.False(Text40.TryCreate(new byte[40], out var none));
        Assert.True(none.IsEmpty);
        Assert.NotEqual(Text16.From("BTC"), Text16.From("BTCX"));
    }

    [Fact]
    [Trait("requirement", "R16")]
    public void Instruments_are_found_by_the_venues_spelling_without_allocating()
    {
        var table = new InstrumentTable();
        for (var n = 0; n < 2_000; n++)
        {
            table.Add(new Instrument
            {
                Venue = new VenueId((byte)(1 + n % 3)), Symbol = $"A{n}-USDT", VenueSymbol = $"A{n}USDT",
                Base = Text16.From($"A{n}"), Quote = Text16.From("USDT"), Tick = new Price(1), Lot = new Quantity(1),
            });
        }

        Assert.True(table.TryFind(new VenueId(2), "A1USDT"u8, out var id));
        Assert.Equal("A1-USDT", table[id].Symbol);
        Assert.False(table.TryFind(new VenueId(1), "A1USDT"u8, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 1_000; n++) table.TryFind(new VenueId(2), "A1USDT"u8, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Replacing_an_instrument_keeps_its_id()
    {
        var table = new InstrumentTable();
        var first = table.Add(Example(InstrumentStatus.Trading));
        var second = table.Add(Example(InstrumentStatus.Halted));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, table.Count);
        Assert.Equal(InstrumentStatus.Halted, table[first.Id].Status);

        static Instrument Example(InstrumentStatus status) => new()
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
            Tick = new Price(1), Lot = new Quantity(1), Status = status,
        };
    }
}
