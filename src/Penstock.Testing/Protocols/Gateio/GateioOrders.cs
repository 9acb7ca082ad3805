using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Gateio;

/// <summary>What became of a request: a result as JSON, or a label and why.</summary>
internal readonly record struct GateioOutcome(int Status, string Result, string Label, string Message)
{
    public bool IsOk => Label.Length == 0;

    public static GateioOutcome Ok(string result) => new(200, result, "", "");

    public static GateioOutcome Refused(int status, string label, string message) => new(status, "", label, message);
}

/// <summary>Orders of the account in Gate's words: the same for REST, order entry and the private channels.</summary>
internal sealed class GateioOrders(GateioVenue venue)
{
    private const long ClockSkewSecondsMax = 60;

    /// <summary>Placements and amendments a second and market.</summary>
    private const int PlacementsPerSecond = 10;

    private static readonly GateioOutcome Unknown = GateioOutcome.Refused(404, "ORDER_NOT_FOUND", "Order not found");

    private readonly Dictionary<string, (long Second, int Count)> _rates = [];

    public bool CheckLogin(string apiKey, string timestamp, string signature, long nowNs) =>
        Counted(apiKey == venue.Options.ApiKey && IsInTime(timestamp, nowNs) && SimulatedVenue.Same(Sign($"api\nspot.login\n\n{timestamp}"), signature));

    public bool CheckSubscription(string channel, string happening, string time, string apiKey, string signature) =>
        Counted(apiKey == venue.Options.ApiKey && SimulatedVenue.Same(Sign($"channel={channel}&event={happening}&time={time}"), signature));

    /// <summary>Empty, or the label a REST call is refused with.</summary>
    public string CheckRest(VenueHttpRequest request, long nowNs)
    {
        var timestamp = request.Header("Timestamp");
        var hash = Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(request.Body)));
        var label = request.Header("KEY") != venue.Options.ApiKey ? "INVALID_KEY"
            : !IsInTime(timestamp, nowNs) ? "REQUEST_EXPIRED"
            : !SimulatedVenue.Same(Sign($"{request.Method}\n{request.Path}\n{request.Query}\n{hash}\n{timestamp}"), request.Header("SIGN")) ? "INVALID_SIGNATURE"
            : "";
        Counted(label.Length == 0);
        return label;
    }

    /// <summary>False when the market's placements of this second are used up.</summary>
    public bool TryTakeRate(JsonElement parameters, long nowNs)
    {
        var (pair, second) = (ProtocolSession.StringOf(parameters, "currency_pair"), nowNs / 1_000_000_000);
        var used = _rates.TryGetValue(pair, out var rate) && rate.Second == second ? rate.Count : 0;
        _rates[pair] = (second, used + 1);
        return used < PlacementsPerSecond;
    }

    public GateioOutcome Place(JsonElement parameters, long nowNs)
    {
        if (venue.Find(ProtocolSession.StringOf(parameters, "currency_pair")) is not { } instrument)
            return GateioOutcome.Refused(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair");
        if (!TryTicket(parameters, instrument, out var ticket))
            return GateioOutcome.Refused(400, "INVALID_PARAM_VALUE", "Invalid order parameters");
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        return reject == MatchReject.None ? Done(order) : Refusal(reject);
    }

    /// <summary>Checks; the caller carries the cancel out.</summary>
    public GateioOutcome BeginCancel(JsonElement parameters, out SimulatedOrder? order) =>
        BeginCancel(ProtocolSession.StringOf(parameters, "order_id"), ProtocolSession.StringOf(parameters, "currency_pair"), out order);

    public GateioOutcome BeginCancel(string id, string pair, out SimulatedOrder? order)
    {
        order = Find(id, pair);
        if (order is { IsOpen: true }) return GateioOutcome.Ok("");
        var known = order;
        order = null;
        return known is null ? Unknown
            : known.State == OrderState.Filled ? GateioOutcome.Refused(400, "ORDER_CLOSED", "Order already closed")
            : GateioOutcome.Refused(400, "ORDER_CANCELLED", "Order already cancelled");
    }

    /// <summary>The amount is the new total, what is filled included.</summary>
    public GateioOutcome Amend(JsonElement parameters, long nowNs)
    {
        var outcome = BeginCancel(parameters, out var order);
        if (order is null) return outcome;
        var (price, quantity) = (order.Price, order.Quantity);
        if (ProtocolSession.StringOf(parameters, "price") is { Length: > 0 } newPrice && !SimulatedVenue.TryPrice(newPrice, out price)
            || ProtocolSession.StringOf(parameters, "amount") is { Length: > 0 } newAmount && !SimulatedVenue.TryQuantity(newAmount, out quantity))
            return GateioOutcome.Refused(400, "INVALID_PARAM_VALUE", "Invalid order parameters");
        var reject = venue.Market.Amend(order, price, quantity, nowNs);
        return reject == MatchReject.None ? Done(order) : Refusal(reject);
    }

    public GateioOutcome CancelAll(JsonElement parameters, long nowNs) =>
        CancelAll(ProtocolSession.StringOf(parameters, "currency_pair"), ProtocolSession.StringOf(parameters, "side"), nowNs);

    public GateioOutcome CancelAll(string pair, string side, long nowNs)
    {
        if (venue.Find(pair) is not { } instrument) return GateioOutcome.Refused(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair");
        var text = new Utf8Text().Raw("[");
        foreach (var order in venue.Market.OpenOrders(instrument.Spec).Where(o => side is "" || side == SimulatedVenue.SideText(o.Side)))
        {
            venue.FinishCancel(order, nowNs);
            WriteOrder(text.Comma(), StatusOf(order), isPush: false);
        }

        return GateioOutcome.Ok(text.Raw("]").ToString());
    }

    public GateioOutcome Status(JsonElement parameters) =>
        Find(ProtocolSession.StringOf(parameters, "order_id"), ProtocolSession.StringOf(parameters, "currency_pair")) is { } order ? Done(order) : Unknown;

    /// <summary>By the venue's id or by our text.</summary>
    public SimulatedOrder? Find(string id, string pair)
    {
        var order = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? venue.Market.FindById(number) : venue.Market.FindByClientId(id);
        return order is not null && order.Instrument == venue.Find(pair)?.Spec ? order : null;
    }

    /// <summary>The order as it stands now.</summary>
    public static GateioOutcome Done(SimulatedOrder order)
    {
        var text = new Utf8Text();
        WriteOrder(text, StatusOf(order), isPush: false);
        return GateioOutcome.Ok(text.ToString());
    }

    public static OrderEvent StatusOf(SimulatedOrder order) => new()
    {
        Order = order, State = order.State, Filled = order.Filled, FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
        TimeNs = order.UpdatedNs, Cause = order.State == OrderState.Cancelled ? CancelCause.Requested : CancelCause.Unfilled,
    };

    /// <summary>An order: with an event on the channel, with a status everywhere else.</summary>
    public static void WriteOrder(Utf8Text text, in OrderEvent happened, bool isPush)
    {
        var order = happened.Order;
        var (created, updated) = (SimulatedVenue.Ms(order.CreatedNs), SimulatedVenue.Ms(happened.TimeNs));
        var isOpen = happened.State is OrderState.Working or OrderState.PartiallyFilled;
        var quote = isPush ? "\"" : ""; // the channel writes milliseconds as texts
        text.Write($$"""{"id":"{{order.Id}}","text":"{{TextOf(order)}}","amend_text":"-","create_time":"{{created / 1_000}}","update_time":"{{updated / 1_000}}","create_time_ms":{{quote}}{{created}}{{quote}},"update_time_ms":{{quote}}{{updated}}{{quote}},"currency_pair":"{{order.Instrument.Symbol.Replace('-', '_')}}","type":"{{(order.Ticket.Type == OrderType.Market ? "market" : "limit")}}","account":"spot","side":"{{SimulatedVenue.SideText(order.Side)}}","amount":"{{order.Quantity}}","price":"{{order.Price}}","time_in_force":"{{TimeInForceOf(order)}}","iceberg":"0","stp_id":0""");
        if (isPush) text.Write($$""","event":"{{(happened.Kind == OrderEventKind.Accepted ? "put" : isOpen ? "update" : "finish")}}{{"\""}}""");
        else text.Write($$""","status":"{{(isOpen ? "open" : happened.State == OrderState.Filled ? "closed" : "cancelled")}}{{"\""}}""");
        text.Write($$""","left":"{{order.Quantity - happened.Filled}}","filled_amount":"{{happened.Filled}}","filled_total":"{{Fixed.OfAmount(happened.FilledQuote)}}","avg_deal_price":"{{AverageOf(happened)}}","fee":"{{Fixed.OfAmount(happened.FeePaid)}}","fee_currency":"{{order.FeeAsset}}","point_fee":"0","gt_fee":"0","gt_discount":false,"rebated_fee":"0","rebated_fee_currency":"{{order.Instrument.Quote}}","stp_act":"-","finish_as":"{{FinishOf(happened, isOpen)}}"}""");
    }

    /// <summary>A fill: REST writes ids and seconds as texts, the channel as numbers.</summary>
    public static void WriteFill(Utf8Text text, AccountTrade trade, bool isRest)
    {
        var order = trade.Order;
        var quote = isRest ? "\"" : "";
        text.Write($$"""{"id":{{quote}}{{trade.TradeId}}{{quote}},"create_time":{{quote}}{{trade.TimeNs / 1_000_000_000}}{{quote}},"create_time_ms":"{{MsText(trade.TimeNs)}}","order_id":"{{order.Id}}","currency_pair":"{{order.Instrument.Symbol.Replace('-', '_')}}","side":"{{SimulatedVenue.SideText(order.Side)}}","role":"{{(trade.IsMaker ? "maker" : "taker")}}","amount":"{{trade.Quantity}}","price":"{{trade.Price}}","fee":"{{Fixed.OfAmount(trade.Fee)}}","fee_currency":"{{order.FeeAsset}}","point_fee":"0","gt_fee":"0","text":"{{TextOf(order)}}"}""");
    }

    /// <summary>The list of balances, without the brackets.</summary>
    public void WriteBalances(Utf8Text text, bool isPush, long nowNs)
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        foreach (var asset in ledger.Assets)
        {
            var (free, locked) = (ledger.Free(account, asset), ledger.Locked(account, asset));
            text.Comma();
            if (isPush) text.Write($$"""{"timestamp":"{{nowNs / 1_000_000_000}}","timestamp_ms":"{{SimulatedVenue.Ms(nowNs)}}","user":"1000001","currency":"{{asset}}","change":"0","total":"{{Fixed.OfAmount(free + locked)}}","available":"{{Fixed.OfAmount(free)}}","freeze":"{{Fixed.OfAmount(locked)}}","freeze_change":"0","change_type":"order-match"}""");
            else text.Write($$"""{"currency":"{{asset}}","available":"{{Fixed.OfAmount(free)}}","locked":"{{Fixed.OfAmount(locked)}}","update_id":98}""");
        }
    }

    /// <summary>Milliseconds with what is finer behind a point.</summary>
    public static string MsText(long ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000_000}.{ns / 1_000 % 1_000:000}");

    private bool Counted(bool isRight)
    {
        if (!isRight) venue.Statistics.AuthenticationFailures++;
        return isRight;
    }

    private static bool IsInTime(string timestamp, long nowNs) =>
        long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds - nowNs / 1_000_000_000) <= ClockSkewSecondsMax;

    private string Sign(string prehash) =>
        Convert.ToHexStringLower(HMACSHA512.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(prehash)));

    private static bool TryTicket(JsonElement parameters, MarketInstrument instrument, out OrderTicket ticket)
    {
        ticket = default;
        string Of(string name) => ProtocolSession.StringOf(parameters, name);
        var (type, side, text, force) = (Of("type") is { Length: > 0 } given ? given : "limit", Of("side"), Of("text"), Of("time_in_force"));
        if (type is not ("limit" or "market") || side is not ("buy" or "sell") || Of("account") is not ("" or "spot")) return false;
        if (force is not ("" or "gtc" or "ioc" or "poc" or "fok") || (type == "market" && force is not ("ioc" or "fok"))) return false;
        if (text.Length > 0 && (!text.StartsWith("t-", StringComparison.Ordinal) || text.Length > 30 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))) return false;
        if (!SimulatedVenue.TryQuantity(Of("amount"), out var quantity)) return false;
        var price = Price.Zero;
        if (type == "limit" && !SimulatedVenue.TryPrice(Of("price"), out price)) return false;
        if (type == "market" && side == "buy") quantity = InBase(quantity, instrument);
        ticket = new OrderTicket
        {
            ClientId = text, Side = side == "buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = type == "market" ? OrderType.Market : OrderType.Limit, PostOnly = force == "poc", SelfTradeAllowed = true,
            TimeInForce = force switch
            {
                "ioc" => TimeInForce.ImmediateOrCancel,
                "fok" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    /// <summary>A market buy's amount is money.</summary>
    private static Quantity InBase(Quantity quote, MarketInstrument instrument) =>
        instrument.Engine.Asks.Best is { } ask
            ? new Quantity((long)((Int128)quote.Raw * FixedPoint.Scale / ask.Price.Raw)).FloorTo(instrument.Spec.Lot)
            : default;

    private static string TextOf(SimulatedOrder order) => order.ClientId.Length > 0 ? order.ClientId : "apiv4-ws";

    private static string AverageOf(in OrderEvent happened) =>
        happened.Filled.Raw == 0 ? "0" : new Price((long)(happened.FilledQuote / happened.Filled.Raw)).ToString();

    private static string TimeInForceOf(SimulatedOrder order) =>
        order.Ticket.PostOnly ? "poc" : order.Ticket.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "ioc",
            TimeInForce.FillOrKill => "fok",
            _ => order.Ticket.Type == OrderType.Market ? "ioc" : "gtc",
        };

    private static string FinishOf(in OrderEvent happened, bool isOpen) =>
        isOpen ? "open"
        : happened.State == OrderState.Filled ? "filled"
        : happened.Cause switch
        {
            CancelCause.SelfTrade => "stp",
            CancelCause.PostOnly => "poc",
            CancelCause.Unfilled => happened.Order.Ticket.TimeInForce == TimeInForce.FillOrKill ? "fok" : "ioc",
            _ => "cancelled",
        };

    private static GateioOutcome Refusal(MatchReject reject) => reject switch
    {
        MatchReject.TickSize => GateioOutcome.Refused(400, "INVALID_PRECISION", "Invalid price precision"),
        MatchReject.LotSize => GateioOutcome.Refused(400, "INVALID_PRECISION", "Invalid amount precision"),
        MatchReject.NotionalMin => GateioOutcome.Refused(400, "AMOUNT_TOO_LITTLE", "Your order size is too small"),
        MatchReject.PostOnlyWouldTake => GateioOutcome.Refused(400, "POC_FILL_IMMEDIATELY", "Order would match and take immediately so it's cancelled"),
        MatchReject.DuplicateClientId => GateioOutcome.Refused(400, "REPEATED_CREATION", "Order with this text exists"),
        _ => GateioOutcome.Refused(400, "BALANCE_NOT_ENOUGH", "Not enough balance"),
    };
}
