using System.Security.Cryptography;
using System.Text;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>What every signed request has to pass: the key, the signature over exactly what was sent, the time.</summary>
internal sealed class BinanceKeys(SimulatedVenue venue)
{
    /// <summary>WebSocket requests: all parameters but the signature, sorted, not encoded.</summary>
    public bool CheckSigned(SortedDictionary<string, string> parameters, long nowNs, out BinanceError error)
    {
        var payload = string.Join('&', parameters.Where(p => p.Key != "signature").Select(p => p.Key + "=" + p.Value));
        return Check(parameters.GetValueOrDefault("apiKey", ""), payload, parameters.GetValueOrDefault("signature", ""), out error)
            && CheckTime(parameters, nowNs, out error);
    }

    /// <summary>REST requests: query and body exactly as they came, up to the signature.</summary>
    public bool CheckSigned(VenueHttpRequest request, long nowNs, out Dictionary<string, string> parameters, out BinanceError error)
    {
        var sent = request.Query + request.Body;
        var at = sent.IndexOf("signature=", StringComparison.Ordinal);
        var payload = at <= 0 ? sent : sent[..at].TrimEnd('&');
        parameters = [];
        foreach (var (name, value) in VenueHttpRequest.Parse(request.Query + "&" + request.Body)) parameters[name] = value;
        return Check(request.Header("X-MBX-APIKEY"), payload, parameters.GetValueOrDefault("signature", ""), out error)
            && CheckTime(parameters, nowNs, out error);
    }

    private bool Check(string apiKey, string payload, string signature, out BinanceError error)
    {
        var expected = Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(payload)));
        error = apiKey != venue.Options.ApiKey ? BinanceError.BadKey
            : !SimulatedVenue.Same(expected, signature.ToLowerInvariant()) ? BinanceError.BadSignature
            : BinanceError.None;
        if (error.Code != 0) venue.Statistics.AuthenticationFailures++;
        return error.Code == 0;
    }

    public bool CheckTime(IReadOnlyDictionary<string, string> parameters, long nowNs, out BinanceError error)
    {
        error = BinanceError.BadTime;
        if (!long.TryParse(parameters.GetValueOrDefault("timestamp", ""), out var sent)) return false;
        if (!long.TryParse(parameters.GetValueOrDefault("recvWindow", "5000"), out var window)) return false;
        // Sixteen digits are microseconds.
        if (sent > 100_000_000_000_000) sent /= 1_000;
        var now = SimulatedVenue.Ms(nowNs);
        if (sent >= now + 1_000 || now - sent > window)
        {
            venue.Statistics.AuthenticationFailures++;
            return false;
        }

        error = BinanceError.None;
        return true;
    }
}
