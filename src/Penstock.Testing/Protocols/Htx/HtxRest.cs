using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>The REST interface: public calls, and calls signed over method, host, path and query. An error comes with status 200.</summary>
internal sealed class HtxRest(HtxVenue venue)
{
    private const string Accounts = "/v1/account/accounts";

    private readonly Utf8Text _text = new();

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        switch (request.Path)
        {
            case "/v1/common/timestamp": return Data(SimulatedVenue.Ms(nowNs).ToString());
            case "/v1/settings/common/market-symbols": return Symbols(nowNs);
        }

        if (!venue.Orders.CheckRest(request, nowNs)) return Error("api-signature-not-valid", "Signature not valid: Verification failure");
        return request.Path switch
        {
            Accounts => Data($$"""[{"id":{{HtxVenue.AccountId + 1}},"type":"otc","subtype":"","state":"working"},{"id":{{HtxVenue.AccountId}},"type":"spot","subtype":"","state":"working"}]"""),
            "/v1/order/openOrders" => Open(parameters),
            "/v1/order/matchresults" => Fills(parameters),
            "/v1/order/orders/getClientOrder" => Order(venue.Market.FindByClientId(VenueHttpRequest.Find(parameters, "clientOrderId"))),
            _ when request.Path == $"{Accounts}/{HtxVenue.AccountId}/balance" => Balance(),
            _ when request.Path.StartsWith("/v1/order/orders/", StringComparison.Ordinal)
                && long.TryParse(request.Path["/v1/order/orders/".Length..], out var id) => Order(venue.Market.FindById(id)),
            _ => new VenueHttpResponse(404, """{"status":"error","err-code":"bad-request","err-msg":"not found","data":null}"""),
        };
    }

    private static VenueHttpResponse Data(string data) => new(200, "{\"status\":\"ok\",\"data\":" + data + "}");

    private static VenueHttpResponse Error(string code, string message) =>
        new(200, $$"""{"status":"error","err-code":"{{code}}","err-msg":"{{message}}","data":null}""");

    private VenueHttpResponse Symbols(long nowNs)
    {
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            var name = HtxVenue.Spell(spec);
            _text.Comma().Write($$"""{"symbol":"{{name}}","sn":"{{spec.Base}}/{{spec.Quote}}","bc":"{{spec.Base.ToLowerInvariant()}}","qc":"{{spec.Quote.ToLowerInvariant()}}","state":"online","ve":true,"we":true,"dl":false,"cd":false,"te":true,"ce":true,"tet":0,"pp":{{spec.PriceDecimals}},"ap":{{DecimalsOf(spec)}},"sp":"main","vp":8,"minoa":{{HtxNumbers.Of(spec.QuantityMin.Raw)}},"maxoa":10000000,"minov":1,"lominoa":{{HtxNumbers.Of(spec.QuantityMin.Raw)}},"lomaxoa":10000000,"smminoa":{{HtxNumbers.Of(spec.QuantityMin.Raw)}},"bmmaxov":1000000,"blmlt":1.1,"slmgt":0.9,"at":"enabled"}""");
        }

        return new VenueHttpResponse(200, $$"""{"status":"ok","data":[{{_text}}],"ts":"{{SimulatedVenue.Ms(nowNs)}}","full":1}""");
    }

    private static int DecimalsOf(SimulatedInstrument spec)
    {
        var decimals = 8;
        for (var lot = spec.Lot.Raw; lot % 10 == 0; lot /= 10) decimals--;
        return decimals;
    }

    private VenueHttpResponse Order(SimulatedOrder? order)
    {
        if (order is null) return Error("base-record-invalid", "record invalid");
        HtxOrders.WriteOrder(_text, order, "field");
        return Data(_text.ToString());
    }

    private VenueHttpResponse Open(List<KeyValuePair<string, string>> parameters)
    {
        if (VenueHttpRequest.Find(parameters, "account-id") != HtxVenue.AccountId.ToString()) return Error("account-account-id-inexistent", "account id does not exist");
        var symbol = VenueHttpRequest.Find(parameters, "symbol");
        foreach (var order in venue.Market.OpenOrders(symbol.Length > 0 ? venue.Find(symbol)?.Spec : null).AsEnumerable().Reverse().Take(Size(parameters)))
        {
            _text.Comma();
            HtxOrders.WriteOrder(_text, order, "filled");
        }

        return Data($"[{_text}]");
    }

    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters)
    {
        var symbol = VenueHttpRequest.Find(parameters, "symbol");
        long.TryParse(VenueHttpRequest.Find(parameters, "start-time"), out var since);
        var matching = venue.Market.Trades.Reverse().Where(t =>
            (symbol.Length == 0 || HtxVenue.Spell(t.Order.Instrument) == symbol) && SimulatedVenue.Ms(t.TimeNs) >= since);
        foreach (var trade in matching.Take(Size(parameters)))
        {
            _text.Comma();
            HtxOrders.WriteFill(_text, trade);
        }

        return Data($"[{_text}]");
    }

    private VenueHttpResponse Balance()
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        foreach (var asset in ledger.Assets)
        {
            var name = asset.ToLowerInvariant();
            _text.Comma().Write($$"""{"currency":"{{name}}","type":"trade","balance":"{{Fixed.OfAmount(ledger.Free(account, asset))}}","debt":"0","available":"{{Fixed.OfAmount(ledger.Free(account, asset))}}","seq-num":"1"}""");
            _text.Comma().Write($$"""{"currency":"{{name}}","type":"frozen","balance":"{{Fixed.OfAmount(ledger.Locked(account, asset))}}","debt":"0","available":"0","seq-num":"1"}""");
        }

        return Data($$"""{"id":{{HtxVenue.AccountId}},"type":"spot","state":"working","list":[{{_text}}]}""");
    }

    private static int Size(List<KeyValuePair<string, string>> parameters) =>
        int.TryParse(VenueHttpRequest.Find(parameters, "size"), out var size) ? Math.Clamp(size, 1, 500) : 100;
}
