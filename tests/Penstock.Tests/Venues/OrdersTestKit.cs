using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Tests.Venues;

/// <summary>What the order tests of all venues need: an instrument, orders of every variety, and the checks every decoder has to pass.</summary>
internal static class OrdersTestKit
{
    public const long UnixNs = 1_700_000_000_123_456_789;

    /// <summary>The order all tests are about; its text is taken from the id itself.</summary>
    public static readonly ClientOrderId Id = ClientOrderId.Of(1, 7);

    public static OrderContext Context(string venueSymbol, string quote, Credentials credentials, long venueCode = 0, string baseAsset = "BTC")
    {
        var venue = new VenueId(3);
        var table = new InstrumentTable();
        table.Add(new Instrument
        {
            Venue = venue, Symbol = $"{baseAsset}-{quote}", VenueSymbol = venueSymbol, Base = Text16.From(baseAsset), Quote = Text16.From(quote),
            Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m), VenueCode = venueCode,
        });
        return new OrderContext(venue, table, credentials);
    }

    public static OrderRequest Order(string variety, Side side = Side.Buy) => new()
    {
        ClientOrderId = Id,
        Instrument = new InstrumentId(1),
        Side = side,
        Type = variety == "market" ? OrderType.Market : OrderType.Limit,
        TimeInForce = variety switch
        {
            "ioc" or "market" => TimeInForce.ImmediateOrCancel,
            "fok" => TimeInForce.FillOrKill,
            _ => TimeInForce.GoodTillCancel,
        },
        Flags = variety == "post" ? OrderFlags.PostOnly : OrderFlags.None,
        Price = Price.From(23416.10m),
        Quantity = Quantity.From(0.00847m),
    };

    public static CancelRequest Cancel(string venueOrderId = "") => new()
    {
        ClientOrderId = venueOrderId.Length == 0 ? Id : ClientOrderId.None,
        Instrument = new InstrumentId(1),
        VenueOrderId = venueOrderId.Length == 0 ? default : Text40.From(venueOrderId),
    };

    /// <summary>Of the order all tests are about; a price and an id that every venue takes.</summary>
    public static AmendRequest Amend() => new()
    {
        ClientOrderId = Id, Instrument = new InstrumentId(1), VenueOrderId = Text40.From("34930659963"), Side = Side.Buy, Flags = OrderFlags.PostOnly,
        Price = Price.From(23417m), Quantity = Quantity.From(0.00847m),
    };

    /// <summary>Encodes an order the way the venue takes it: the frame, or path and body of the REST call; empty where it is refused.</summary>
    public static RejectReason TryPlace(IOrderProtocol protocol, in OrderRequest order, out string sent)
    {
        sent = "";
        if (protocol is IRestOrderEntry rest)
        {
            var refusal = rest.FormPlace(order, UnixNs, out var request);
            Assert.Equal(refusal == RejectReason.None, request is not null);
            if (request is not null) sent = $"{request.PathAndQuery} {request.Body}";
            return refusal;
        }

        var writer = new FrameWriter();
        var reason = protocol.WritePlace(order, writer, UnixNs);
        if (reason == RejectReason.None) sent = Only(writer);
        else Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
        return reason;
    }

    public static string Placed(IOrderProtocol protocol, in OrderRequest order)
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.None, protocol.WritePlace(order, writer, UnixNs));
        return Only(writer);
    }

    public static string Cancelled(IOrderProtocol protocol, in CancelRequest cancel)
    {
        var writer = new FrameWriter();
        Assert.Equal(RejectReason.None, protocol.WriteCancel(cancel, writer, UnixNs));
        return Only(writer);
    }

    public static string Only(FrameWriter writer)
    {
        Assert.Equal(1, writer.FrameCount);
        return Encoding.UTF8.GetString(writer.Frame(0));
    }

    public static QuarantineCause Decode(IOrderProtocol protocol, string frame, ExecutionBatch batch)
    {
        batch.Reset();
        return protocol.Decode(Encoding.UTF8.GetBytes(frame), batch);
    }

    public static ExecutionReport Report(IOrderProtocol protocol, string frame)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(protocol, frame, batch));
        Assert.Equal(1, batch.Reports.Length);
        return batch.Reports[0];
    }

    public static OrderSignal Signal(IOrderProtocol protocol, string frame)
    {
        var batch = new ExecutionBatch();
        Assert.Equal(QuarantineCause.None, Decode(protocol, frame, batch));
        Assert.Equal(0, batch.Reports.Length + batch.Balances.Length);
        return batch.Signal;
    }

    /// <summary>No order the venue cannot take is encoded, and nothing of it is left in the writer; only a market of contracts has positions to reduce.</summary>
    public static void AssertRefusesWhatItCannotEncode(IOrderProtocol protocol, bool reduces = false)
    {
        void Refused(RejectReason expected, OrderRequest order)
        {
            Assert.Equal(expected, TryPlace(protocol, order, out var sent));
            Assert.Empty(sent);
        }

        if (!reduces) Refused(RejectReason.InvalidParameter, Order("limit") with { Flags = OrderFlags.ReduceOnly });
        Refused(RejectReason.InvalidParameter, Order("ioc") with { Flags = OrderFlags.PostOnly });
        Refused(RejectReason.InvalidParameter, Order("market") with { Flags = OrderFlags.PostOnly });
        Refused(RejectReason.InvalidParameter, Order("market") with { TimeInForce = TimeInForce.FillOrKill });
        Refused(RejectReason.InvalidParameter, Order("limit") with { Side = Side.None });
        Refused(RejectReason.InvalidParameter, Order("limit") with { Instrument = new InstrumentId(9) });
        Refused(RejectReason.InvalidParameter, Order("limit") with { ClientOrderId = ClientOrderId.None });
        Refused(RejectReason.QuantityOutOfRange, Order("limit") with { Quantity = Quantity.Zero });
        Refused(RejectReason.PriceOutOfRange, Order("limit") with { Price = Price.Zero });
        if (protocol is IRestOrderEntry rest)
        {
            Assert.NotEqual(RejectReason.None, rest.FormCancel(default, UnixNs, out var request));
            Assert.Null(request);
        }

        var writer = new FrameWriter();
        Assert.NotEqual(RejectReason.None, protocol.WriteCancel(default, writer, UnixNs));
        Assert.True(writer.FrameCount == 0 && writer.Open.IsEmpty);
    }

    /// <summary>What the venue's answer to a placement, a cancel or a change of <see cref="Id"/> decodes to, where those are REST calls.</summary>
    public static ExecutionReport Answer(IRestOrderEntry rest, ExecutionKind kind, int httpStatus, string body)
    {
        var batch = new ExecutionBatch();
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.Equal(QuarantineCause.None, kind switch
        {
            ExecutionKind.CancelRejected => rest.DecodeCancel(Cancel(), httpStatus, bytes, batch),
            ExecutionKind.AmendRejected => rest.DecodeAmend(new AmendRequest { ClientOrderId = Id, Instrument = new InstrumentId(1) }, httpStatus, bytes, batch),
            _ => rest.DecodePlace(Order("limit"), httpStatus, bytes, batch),
        });
        return Assert.Single(batch.Reports.ToArray());
    }

    /// <summary>A frame cut at every byte is refused; a frame with any bit flipped is refused whole or decoded, and nothing throws.</summary>
    public static void AssertSurvivesDamage(Func<IOrderProtocol> create, params string[] frames)
    {
        var batch = new ExecutionBatch();
        foreach (var frame in frames)
        {
            var clean = Encoding.UTF8.GetBytes(frame);
            var protocol = create();
            for (var length = 0; length < clean.Length; length++)
            {
                batch.Reset();
                Assert.NotEqual(QuarantineCause.None, protocol.Decode(clean.AsSpan(0, length), batch));
                AssertUntouched(batch);
            }

            for (var bit = 0; bit < clean.Length * 8; bit++)
            {
                var damaged = clean.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                batch.Reset();
                if (protocol.Decode(damaged, batch) != QuarantineCause.None) AssertUntouched(batch);
            }
        }
    }

    private static void AssertUntouched(ExecutionBatch batch)
    {
        Assert.True(batch.Reports.IsEmpty && batch.Balances.IsEmpty);
        Assert.Equal(OrderSignal.None, batch.Signal);
    }

    public static void AssertAllocatesNothing(Action action)
    {
        for (var i = 0; i < 200; i++) action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 500; i++) action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Placing, changing, cancelling and decoding the given stream frames allocate nothing after warm-up.</summary>
    public static void AssertHotPathAllocatesNothing(IOrderProtocol protocol, params string[] frames)
    {
        var writer = new FrameWriter();
        var order = Order("limit");
        var (cancel, amend) = (Cancel(), Amend());
        // Where orders are REST calls the session runs beside the hot threads, and forming may allocate.
        if (protocol is not IRestOrderEntry) AssertAllocatesNothing(() =>
        {
            writer.Clear();
            protocol.WritePlace(order, writer, UnixNs);
            protocol.WriteAmend(amend, writer, UnixNs);
            protocol.WriteCancel(cancel, writer, UnixNs);
        });
        var batch = new ExecutionBatch();
        foreach (var frame in frames.Select(Encoding.UTF8.GetBytes))
        {
            Assert.Equal(QuarantineCause.None, protocol.Decode(frame, batch));
            AssertAllocatesNothing(() =>
            {
                batch.Reset();
                protocol.Decode(frame, batch);
            });
        }
    }
}
