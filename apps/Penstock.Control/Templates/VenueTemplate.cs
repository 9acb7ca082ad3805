namespace Penstock.Control.Templates;

/// <summary>A market-data venue to start from, of an invented protocol, and its tests.</summary>
internal static class VenueTemplate
{
    public const string Code = """
        using NAMESPACE;
        using Penstock.Connectivity;
        using Penstock.Connectivity.Decoding;
        using Penstock.Connectivity.Feeds;
        using Penstock.Connectivity.Orders;
        using Penstock.Connectivity.RateLimits;
        using Penstock.Connectivity.Transport;
        using Penstock.Infrastructure.Plugins;
        using Penstock.Model.Instruments;
        using Penstock.Model.Markets;
        using Penstock.Model.Numbers;

        [assembly: PluginContract(PluginContractAttribute.Current)]
        [assembly: Venue<NAMEVenue>("KEBAB")]

        namespace NAMESPACE;

        /// <summary>Market data only: CreateOrders returns null. docs/guides/add-a-venue.md says what comes next.</summary>
        public sealed class NAMEVenue : IVenue
        {
            public VenueProfile Profile { get; } = new()
            {
                Name = "KEBAB",
                DisplayName = "NAME",
                Live = new VenueEndpoints
                {
                    Rest = new Uri("https://api.KEBAB.invalid"), PublicStream = new Uri("wss://api.KEBAB.invalid/stream"), PrivateStream = new Uri("wss://api.KEBAB.invalid/private"),
                },
                Capabilities = VenueCapabilities.None,
                BookSync = new BookSyncRule { Source = SnapshotSource.Socket, Continuity = Continuity.PreviousIdEqualsLast, Resync = ResyncAction.Resubscribe },
                FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)),
                OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)),
                RestLimits = [new RateLimit(100, TimeSpan.FromSeconds(10))],
                OrderLimits = [new RateLimit(50, TimeSpan.FromSeconds(1))],
            };

            public IInstrumentSource Instruments { get; } = new NAMEInstruments();

            public IFeedProtocol CreateFeed(FeedContext context) => new NAMEFeed(context);

            public IOrderProtocol? CreateOrders(OrderContext context) => null;
        }

        /// <summary>GET /instruments: {"list":[{"symbol":"BTCUSDT","base":"BTC","quote":"USDT","tick":"0.01","lot":"0.00001"}]}</summary>
        internal sealed class NAMEInstruments : IInstrumentSource
        {
            public RestRequest Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/instruments" };

            public QuarantineCause Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped)
            {
                var cause = JsonValue.Parse(body, out var root);
                if (cause != QuarantineCause.None) return cause;
                if (!root["list"u8].IsArray) return QuarantineCause.VenueError;
                foreach (var entry in root["list"u8].Elements)
                {
                    var name = entry["symbol"u8].ToText();
                    if (name.Length == 0 || !entry["base"u8].TryText16(out var baseAsset) || !entry["quote"u8].TryText16(out var quoteAsset)
                        || !InstrumentNumbers.TryRead(entry["tick"u8], out var tick) || tick <= 0 || !InstrumentNumbers.TryRead(entry["lot"u8], out var lot) || lot <= 0)
                    {
                        skipped.Add(name);
                        continue;
                    }

                    instruments.Add(new Instrument
                    {
                        Venue = venue, Symbol = $"{baseAsset}-{quoteAsset}", VenueSymbol = name, Base = baseAsset, Quote = quoteAsset, Tick = new Price(tick), Lot = new Quantity(lot),
                        QuantityMin = new Quantity(lot), PriceDecimals = InstrumentNumbers.DecimalsOf(tick), QuantityDecimals = InstrumentNumbers.DecimalsOf(lot),
                    });
                }

                return QuarantineCause.None;
            }
        }

        /// <summary>{"ev":"book","symbol":"BTCUSDT","full":true,"seq":1,"prev":0,"time":1700000000000,"bids":[["1.00","2"]],"asks":[]}</summary>
        internal sealed class NAMEFeed(FeedContext context) : IFeedProtocol
        {
            private const int Event = 0, Symbol = 1, Full = 2, Sequence = 3, Previous = 4, Time = 5, Bids = 6, Asks = 7;

            private static readonly JsonFields Fields = new("ev", "symbol", "full", "seq", "prev", "time", "bids", "asks");

            public void Reset()
            {
            }

            public string ConnectPath(IReadOnlyList<Instrument> instruments) => "";

            public void WriteSubscribe(IReadOnlyList<Instrument> instruments, FrameWriter writer)
            {
                foreach (var instrument in instruments) Write("sub"u8, instrument, writer);
            }

            public void WriteResubscribe(Instrument instrument, FrameWriter writer)
            {
                Write("unsub"u8, instrument, writer);
                Write("sub"u8, instrument, writer);
            }

            public bool TryWritePing(FrameWriter writer)
            {
                writer.Append("{\"do\":\"ping\"}"u8).EndFrame();
                return true;
            }

            public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
            {
                batch.Reset();
                return batch.Finish(DecodeAny(frame, batch));
            }

            public RestRequest? SnapshotRequest(Instrument instrument) => null;

            public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
            {
                batch.Reset();
                return QuarantineCause.UnknownChannel;
            }

            private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
            {
                var cause = JsonValue.Parse(frame, out var root);
                if (cause != QuarantineCause.None) return cause;
                Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
                cause = Fields.Pick(root, ranges, out var fields);
                if (cause != QuarantineCause.None) return cause;
                if (fields[Event].Is("pong"u8))
                {
                    batch.AddControl(FeedMessageKind.Pong);
                    return QuarantineCause.None;
                }

                if (!fields[Event].Is("book"u8)) return QuarantineCause.UnknownChannel;
                if (!context.Instruments.TryFind(context.Venue, fields[Symbol], out var instrument)) return QuarantineCause.UnknownInstrument;
                var full = fields[Full].IsTrue;
                ref var message = ref batch.BeginMessage(full ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
                cause = fields[Time].GetUnixMs(out message.Time);
                if (cause == QuarantineCause.None) cause = fields[Sequence].GetInt64(out message.LastUpdateId);
                if (cause == QuarantineCause.None && !full) cause = fields[Previous].GetInt64(out message.PreviousUpdateId);
                var kind = full ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
                if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Buy, fields[Bids]);
                if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Sell, fields[Asks]);
                batch.EndMessage();
                return cause;
            }

            private static void Write(ReadOnlySpan<byte> what, Instrument instrument, FrameWriter writer) =>
                writer.Append("{\"do\":\""u8).Append(what).Append("\",\"symbol\":\""u8).Append(instrument.VenueSymbol).Append("\"}"u8).EndFrame();
        }

        """;

    public const string Tests = """
        using NAMESPACE;
        using Penstock.Connectivity;
        using Penstock.Connectivity.Feeds;
        using Penstock.Model.Instruments;
        using Xunit;

        public class NAMETests
        {
            [Theory]
            [InlineData("{\"ev\":\"book\",\"symbol\":\"BTCUSDT\",\"full\":true,\"seq\":1,\"prev\":0,\"time\":1700000000000,\"bids\":[[\"1.00\",\"2\"]],\"asks\":[[\"1.01\",\"3\"]]}", 2)]
            [InlineData("{\"ev\":\"book\",\"symbol\":\"NOBODY\",\"full\":true}", 0)]
            [InlineData("{\"ev\":", 0)]
            public void A_book_becomes_events_and_anything_else_none(string frame, int events)
            {
                Assert.True(new VenueCatalog([typeof(NAMEVenue).Assembly]).TryCreate("KEBAB", out var venue));
                var listed = new List<Instrument>();
                var body = "{\"list\":[{\"symbol\":\"BTCUSDT\",\"base\":\"BTC\",\"quote\":\"USDT\",\"tick\":\"0.01\",\"lot\":\"0.001\"}]}"u8;
                Assert.Equal(QuarantineCause.None, venue!.Instruments.Parse(new VenueId(1), body, listed, []));
                var table = new InstrumentTable();
                table.Add(listed[0]);
                var batch = new FeedBatch(table);
                var cause = venue.CreateFeed(new FeedContext(new VenueId(1), table)).Decode(System.Text.Encoding.UTF8.GetBytes(frame), batch);
                Assert.Equal((events > 0, events), (cause == QuarantineCause.None, batch.Events.Length));
            }
        }

        """;
}
