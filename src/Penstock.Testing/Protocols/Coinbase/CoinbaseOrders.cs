using System.Globalization;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>What became of an order request: an order, or why not in the venue's words.</summary>
internal readonly record struct CoinbaseOutcome(SimulatedOrder? Order, string Error, string Message);

/// <summary>Orders of the account in Coinbase's words: what requests mean, and rows of the user channel and of REST answers.</summary>
internal sealed class CoinbaseOrders(CoinbaseVenue venue)
{
    private const string IdPrefix = "5f3d2c1b-0000-4000-8000-";

    /// <summary>Orders kept for the list; older ones are forgotten.</summary>
    private const int LatestMax = 10_000;

    private readonly LinkedList<SimulatedOrder> _latest = [];

    /// <summary>Latest first.</summary>
    public IEnumerable<SimulatedOrder> Latest => _latest;

    public static string IdOf(SimulatedOrder order) => IdPrefix + order.Id.ToString("x12", CultureInfo.InvariantCulture);

    public void Remember(SimulatedOrder order)
    {
        _latest.AddFirst(order);
        if (_latest.Count > LatestMax) _latest.RemoveLast();
    }

    public SimulatedOrder? Find(string orderId) =>
        orderId.StartsWith(IdPrefix, StringComparison.Ordinal)
        && long.TryParse(orderId[IdPrefix.Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id)
            ? venue.Market.FindById(id) : null;

    /// <summary>A client order id used before gives the order it gave then.</summary>
    public CoinbaseOutcome Place(JsonElement body, long nowNs)
    {
        var clientId = ProtocolSession.StringOf(body, "client_order_id");
        if (clientId.Length is 0 or > 128) return Refused("INVALID_REQUEST", "client_order_id is required");
        if (venue.Market.FindByClientId(clientId) is { } earlier) return new(earlier, "", "");
        if (venue.Find(ProtocolSession.StringOf(body, "product_id")) is not { } instrument) return Refused("INVALID_PRODUCT_ID", "valid product_id is required");
        if (!TryTicket(body, clientId, instrument, out var ticket)) return Refused("UNSUPPORTED_ORDER_CONFIGURATION", "order configuration was invalid");
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        return reject switch
        {
            MatchReject.None => new(order, "", ""),
            MatchReject.TickSize => Refused("INVALID_PRICE_PRECISION", "price is not a multiple of the increment"),
            MatchReject.LotSize => Refused("INVALID_SIZE_PRECISION", "size is not a multiple of the increment"),
            MatchReject.NotionalMin => Refused("INVALID_QUOTE_SIZE_TOO_SMALL", "order is too small"),
            MatchReject.PostOnlyWouldTake => Refused("INVALID_LIMIT_PRICE_POST_ONLY", "Invalid limit price for a post only order"),
            _ => Refused("INSUFFICIENT_FUND", "Insufficient balance in source account"),
        };
    }

    public static OrderEvent StatusOf(SimulatedOrder order) => new()
    {
        Order = order, State = order.State, Filled = order.Filled, FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
        TimeNs = order.UpdatedNs,
    };

    /// <summary>A row of the user channel.</summary>
    public static void WriteStreamRow(Utf8Text text, in OrderEvent happened)
    {
        var order = happened.Order;
        var leaves = StatusWordOf(happened.State) == "OPEN" ? order.Quantity - happened.Filled : default;
        text.Write($$"""{"avg_price":"{{AverageOf(happened)}}","cancel_reason":"{{(happened.Cause == CancelCause.Requested ? "User requested cancel" : "")}}","client_order_id":"{{order.ClientId}}","completion_percentage":"{{CompletionOf(happened)}}","contract_expiry_type":"UNKNOWN_CONTRACT_EXPIRY_TYPE","cumulative_quantity":"{{happened.Filled}}","filled_value":"{{Fixed.OfAmount(happened.FilledQuote)}}","leaves_quantity":"{{leaves}}","limit_price":"{{PriceOf(order)}}","number_of_fills":"{{(happened.Filled.Raw > 0 ? 1 : 0)}}","order_id":"{{IdOf(order)}}","order_side":"{{SideOf(order)}}","order_type":"{{(order.Ticket.Type == OrderType.Market ? "Market" : "Limit")}}","outstanding_hold_amount":"0","post_only":"{{(order.Ticket.PostOnly ? "true" : "false")}}","product_id":"{{order.Instrument.Symbol}}","product_type":"SPOT","reject_reason":"","retail_portfolio_id":"","risk_managed_by":"UNKNOWN_RISK_MANAGEMENT_TYPE","status":"{{StatusWordOf(happened.State)}}","stop_price":"","time_in_force":"{{TimeInForceOf(order)}}","total_fees":"{{Fixed.OfAmount(happened.FeePaid)}}","total_value_after_fees":"{{Fixed.OfAmount(happened.FilledQuote + happened.FeePaid)}}","trigger_status":"INVALID_ORDER_TYPE","creation_time":"{{new IsoTime(order.CreatedNs)}}","end_time":"0001-01-01T00:00:00Z","start_time":"0001-01-01T00:00:00Z"}""");
    }

    /// <summary>An order as REST writes it.</summary>
    public static void WriteRestRow(Utf8Text text, SimulatedOrder order)
    {
        var status = StatusOf(order);
        text.Write($$"""{"order_id":"{{IdOf(order)}}","product_id":"{{order.Instrument.Symbol}}","user_id":"2222-000000-000000","order_configuration":{{ConfigurationOf(order)}},"side":"{{SideOf(order)}}","client_order_id":"{{order.ClientId}}","status":"{{StatusWordOf(order.State)}}","time_in_force":"{{TimeInForceOf(order)}}","created_time":"{{new IsoTime(order.CreatedNs)}}","completion_percentage":"{{CompletionOf(status)}}","filled_size":"{{order.Filled}}","average_filled_price":"{{AverageOf(status)}}","fee":"","number_of_fills":"{{(order.Filled.Raw > 0 ? 1 : 0)}}","filled_value":"{{Fixed.OfAmount(order.FilledQuote)}}","pending_cancel":false,"size_in_quote":false,"total_fees":"{{Fixed.OfAmount(order.FeePaid)}}","size_inclusive_of_fees":false,"trigger_status":"INVALID_ORDER_TYPE","order_type":"{{(order.Ticket.Type == OrderType.Market ? "MARKET" : "LIMIT")}}","reject_reason":"REJECT_REASON_UNSPECIFIED","settled":{{!order.IsOpen}},"product_type":"SPOT","reject_message":"","cancel_message":"","order_placement_source":"RETAIL_ADVANCED","last_fill_time":null}""");
    }

    public static void WriteFill(Utf8Text text, AccountTrade trade) =>
        text.Write($$"""{"entry_id":"{{trade.TimeNs}}-{{trade.Order.Id}}","trade_id":"{{TradeIdOf(trade)}}","order_id":"{{IdOf(trade.Order)}}","trade_time":"{{new IsoTime(trade.TimeNs)}}","trade_type":"FILL","price":"{{trade.Price}}","size":"{{trade.Quantity}}","commission":"{{Fixed.OfAmount(trade.Fee)}}","product_id":"{{trade.Order.Instrument.Symbol}}","sequence_timestamp":"{{new IsoTime(trade.TimeNs)}}","liquidity_indicator":"{{(trade.IsMaker ? "MAKER" : "TAKER")}}","size_in_quote":false,"user_id":"2222-000000-000000","side":"{{SideOf(trade.Order)}}","retail_portfolio_id":""}""");

    /// <summary>The object that names type and time in force.</summary>
    public static string ConfigurationOf(SimulatedOrder order) => order.Ticket switch
    {
        { Type: OrderType.Market } => $$$"""{"market_market_ioc":{"base_size":"{{{order.Quantity}}}"}}""",
        { TimeInForce: TimeInForce.ImmediateOrCancel } => $$$"""{"sor_limit_ioc":{"base_size":"{{{order.Quantity}}}","limit_price":"{{{order.Price}}}"}}""",
        { TimeInForce: TimeInForce.FillOrKill } => $$$"""{"limit_limit_fok":{"base_size":"{{{order.Quantity}}}","limit_price":"{{{order.Price}}}"}}""",
        var ticket => $$$"""{"limit_limit_gtc":{"base_size":"{{{order.Quantity}}}","limit_price":"{{{order.Price}}}","post_only":{{{(ticket.PostOnly ? "true" : "false")}}}}}""",
    };

    private static CoinbaseOutcome Refused(string error, string message) => new(null, error, message);

    private static bool TryTicket(JsonElement body, string clientId, MarketInstrument instrument, out OrderTicket ticket)
    {
        ticket = default;
        var side = ProtocolSession.StringOf(body, "side");
        if (side is not ("BUY" or "SELL") || !body.TryGetProperty("order_configuration", out var configurations)) return false;
        foreach (var configuration in configurations.EnumerateObject())
        {
            var isMarket = configuration.Name is "market_market_ioc";
            if (!isMarket && configuration.Name is not ("limit_limit_gtc" or "sor_limit_ioc" or "limit_limit_fok")) return false;
            var price = Price.Zero;
            if (!isMarket && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(configuration.Value, "limit_price"), out price)) return false;
            if (!TrySize(configuration.Value, instrument, out var quantity)) return false;
            ticket = new OrderTicket
            {
                ClientId = clientId, Side = side == "BUY" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity, SelfTradeAllowed = true,
                Type = isMarket ? OrderType.Market : OrderType.Limit, PostOnly = ProtocolSession.StringOf(configuration.Value, "post_only") == "true",
                TimeInForce = configuration.Name switch
                {
                    "sor_limit_ioc" or "market_market_ioc" => TimeInForce.ImmediateOrCancel,
                    "limit_limit_fok" => TimeInForce.FillOrKill,
                    _ => TimeInForce.GoodTillCancel,
                },
            };
            return true;
        }

        return false;
    }

    /// <summary>A market order may be counted in the quote currency.</summary>
    private static bool TrySize(JsonElement configuration, MarketInstrument instrument, out Quantity quantity)
    {
        if (SimulatedVenue.TryQuantity(ProtocolSession.StringOf(configuration, "base_size"), out quantity)) return true;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(configuration, "quote_size"), out var quote)) return false;
        if (instrument.Engine.Asks.Best is not { } ask) return false;
        quantity = new Quantity((long)((Int128)quote.Raw * FixedPoint.Scale / ask.Price.Raw)).FloorTo(instrument.Spec.Lot);
        return true;
    }

    private static string TradeIdOf(AccountTrade trade) =>
        $"{trade.Order.Instrument.VenueCode:x8}-0000-4000-8000-{trade.TradeId.ToString("x12", CultureInfo.InvariantCulture)}";

    private static string SideOf(SimulatedOrder order) => order.Side == Side.Buy ? "BUY" : "SELL";

    private static string PriceOf(SimulatedOrder order) => order.Ticket.Type == OrderType.Market ? "" : order.Price.ToString();

    private static string AverageOf(in OrderEvent happened) =>
        happened.Filled.Raw == 0 ? "0" : new Price((long)(happened.FilledQuote / happened.Filled.Raw)).ToString();

    private static string CompletionOf(in OrderEvent happened) =>
        ((decimal)happened.Filled.Raw * 100 / happened.Order.Quantity.Raw).ToString("0.##", CultureInfo.InvariantCulture);

    private static string StatusWordOf(OrderState state) => state switch
    {
        OrderState.Working or OrderState.PartiallyFilled => "OPEN",
        OrderState.Filled => "FILLED",
        OrderState.Rejected => "FAILED",
        _ => "CANCELLED",
    };

    private static string TimeInForceOf(SimulatedOrder order) => order.Ticket.TimeInForce switch
    {
        TimeInForce.ImmediateOrCancel => "IMMEDIATE_OR_CANCEL",
        TimeInForce.FillOrKill => "FILL_OR_KILL",
        _ => "GOOD_UNTIL_CANCELLED",
    };
}
