using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;

namespace Penstock.EleventhVenue.Tidewater.Simulation;

/// <summary>The REST interface: the instrument list, and signed questions about the account.</summary>
internal sealed class TidewaterRest(TidewaterSimulation venue)
{
    private readonly Utf8Text _text = new();

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        if (request.Path == "/v1/instruments") return Instruments();
        var path = request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}";
        var code = venue.Account.Check(request.Header("Tide-Key"), request.Header("Tide-Time"), request.Method + path, request.Header("Tide-Sign"), nowNs);
        if (code != 0) return Error(401, code);
        var parameters = VenueHttpRequest.Parse(request.Query);
        var symbol = VenueHttpRequest.Find(parameters, "symbol");
        _text.Clear();
        switch (request.Path)
        {
            case "/v1/order":
                if (venue.Account.Find(VenueHttpRequest.Find(parameters, "order"), VenueHttpRequest.Find(parameters, "id")) is not { } order) return Error(404, TidewaterErrors.NoSuchOrder);
                venue.Account.Write(_text, TidewaterAccount.StatusOf(order), "");
                return new VenueHttpResponse(200, _text.ToString());
            case "/v1/orders":
                return List(venue.Market.OpenOrders(venue.Find(symbol)?.Spec), o => venue.Account.Write(_text, TidewaterAccount.StatusOf(o), ""));
            case "/v1/fills":
                long.TryParse(VenueHttpRequest.Find(parameters, "since"), out var since);
                return List(venue.Market.Trades.Where(t => t.Order.Instrument.Symbol == symbol && SimulatedVenue.Ms(t.TimeNs) >= since), Fill);
            case "/v1/balances":
                venue.Account.WriteBalances(_text.Raw("{"));
                return new VenueHttpResponse(200, _text.ToString());
            default:
                return Error(404, 2000);
        }
    }

    private static VenueHttpResponse Error(int status, int code) => new(status, $"{{\"code\":{code}}}");

    private void Fill(AccountTrade trade)
    {
        TidewaterAccount.WriteFill(_text.Raw("{"), trade, trade.Order.Filled, trade.Order.State);
    }

    private VenueHttpResponse List<T>(IEnumerable<T> items, Action<T> write)
    {
        _text.Raw("{\"list\":[");
        foreach (var item in items)
        {
            _text.Comma();
            write(item);
        }

        return new VenueHttpResponse(200, _text.Raw("]}").ToString());
    }

    private VenueHttpResponse Instruments()
    {
        _text.Clear().Raw("{\"list\":[");
        foreach (var spec in venue.Market.Instruments.Select(i => i.Spec))
            _text.Comma().Write($$"""{"symbol":"{{spec.Symbol}}","base":"{{spec.Base}}","quote":"{{spec.Quote}}","tick":"{{spec.Tick}}","lot":"{{spec.Lot}}","state":"open"}""");
        return new VenueHttpResponse(200, _text.Raw("]}").ToString());
    }
}
