using System.Text.Json;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>The signed calls: over time, key, window, and the query or body exactly as sent.</summary>
internal sealed class BybitOrderRest(BybitVenue venue)
{
    /// <summary>Ended orders that can still be asked for by id.</summary>
    private const int OrdersPageMax = 50, FillsPageMax = 100;

    private readonly Utf8Text _text = new();

    /// <summary>Null for a path that is none of these.</summary>
    public VenueHttpResponse? Answer(VenueHttpRequest request, long nowNs)
    {
        if (!request.Path.StartsWith("/v5/order/") && !request.Path.StartsWith("/v5/execution/") && !request.Path.StartsWith("/v5/account/")) return null;
        var code = venue.Orders.CheckRest(request, nowNs);
        if (code != 0) return BybitMarketRest.Error(code, code == 10002 ? "invalid request, please check your server timestamp or recv_window param." : "API key is invalid.", nowNs);
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        return (request.Method, request.Path) switch
        {
            ("GET", "/v5/order/realtime") => Orders(parameters, nowNs),
            ("GET", "/v5/execution/list") => Fills(parameters, nowNs),
            ("GET", "/v5/account/wallet-balance") => Balance(nowNs),
            ("POST", "/v5/order/create" or "/v5/order/cancel" or "/v5/order/cancel-all") => Post(request, nowNs),
            _ => null,
        };
    }

    /// <summary>By id any order; else the open ones.</summary>
    private VenueHttpResponse Orders(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (VenueHttpRequest.Find(parameters, "category") != venue.Category) return BybitMarketRest.Error(10001, "Illegal category", nowNs);
        var (orderId, clientId) = (VenueHttpRequest.Find(parameters, "orderId"), VenueHttpRequest.Find(parameters, "orderLinkId"));
        var instrument = venue.Find(VenueHttpRequest.Find(parameters, "symbol"));
        IEnumerable<SimulatedOrder> found = orderId.Length + clientId.Length > 0
            ? venue.Orders.Find(orderId, clientId) is { } order ? [order] : []
            : venue.Market.OpenOrders(instrument?.Spec).AsEnumerable().Reverse().Take(Limit(parameters, OrdersPageMax));
        _text.Raw("{\"list\":[");
        foreach (var each in found) BybitOrders.WriteOrder(_text.Comma(), BybitOrders.StatusOf(each));
        return BybitMarketRest.Result(_text.Raw("],\"nextPageCursor\":\"\",\"category\":\"spot\"}").ToString(), nowNs);
    }

    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (VenueHttpRequest.Find(parameters, "category") != venue.Category) return BybitMarketRest.Error(10001, "Illegal category", nowNs);
        var symbol = VenueHttpRequest.Find(parameters, "symbol");
        long.TryParse(VenueHttpRequest.Find(parameters, "startTime"), out var startMs);
        _text.Raw("{\"list\":[");
        var matching = venue.Market.Trades.Reverse().Where(t =>
            (symbol.Length == 0 || BybitFeed.Spell(t.Order.Instrument.Symbol) == symbol) && SimulatedVenue.Ms(t.TimeNs) >= startMs);
        foreach (var trade in matching.Take(Limit(parameters, FillsPageMax))) venue.Orders.WriteFill(_text.Comma(), trade);
        return BybitMarketRest.Result(_text.Raw("],\"nextPageCursor\":\"\",\"category\":\"spot\"}").ToString(), nowNs);
    }

    private VenueHttpResponse Balance(long nowNs)
    {
        _text.Raw("{\"list\":[");
        venue.Orders.WriteAccount(_text);
        return BybitMarketRest.Result(_text.Raw("]}").ToString(), nowNs);
    }

    private VenueHttpResponse Post(VenueHttpRequest request, long nowNs)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body);
            if (request.Path.EndsWith("/cancel-all")) return CancelAll(document.RootElement, nowNs);
            SimulatedOrder? cancelled = null;
            var outcome = request.Path.EndsWith("/cancel")
                ? venue.Orders.BeginCancel(document.RootElement, out cancelled)
                : venue.Orders.Place(document.RootElement, nowNs);
            if (cancelled is not null) venue.FinishCancel(cancelled, nowNs);
            if (outcome.Code != 0) return BybitMarketRest.Error(outcome.Code, outcome.Message, nowNs);
            BybitOrders.WriteIds(_text, outcome);
            return BybitMarketRest.Result(_text.ToString(), nowNs);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return BybitMarketRest.Error(10001, "Request parameter error.", nowNs);
        }
    }

    private VenueHttpResponse CancelAll(JsonElement body, long nowNs)
    {
        if (venue.Find(ProtocolSession.StringOf(body, "symbol")) is not { } instrument) return BybitMarketRest.Error(10001, "Not supported symbols", nowNs);
        _text.Raw("{\"list\":[");
        foreach (var order in venue.Market.OpenOrders(instrument.Spec))
        {
            BybitOrders.WriteIds(_text.Comma(), new(0, "", order.Id.ToString(), order.ClientId));
            venue.FinishCancel(order, nowNs);
        }

        return BybitMarketRest.Result(_text.Raw("],\"success\":\"1\"}").ToString(), nowNs);
    }

    private static int Limit(List<KeyValuePair<string, string>> parameters, int most) =>
        int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit) ? Math.Clamp(limit, 1, most) : 20;
}
