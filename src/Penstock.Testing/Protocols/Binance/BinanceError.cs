namespace Penstock.Testing.Protocols.Binance;

/// <summary>One of the venue's errors; code 0 is success.</summary>
internal readonly record struct BinanceError(int Status, int Code, string Message)
{
    public static readonly BinanceError None = new(200, 0, "");
    public static readonly BinanceError Malformed = new(400, -1102, "Mandatory parameter was not sent, was empty/null, or malformed.");
    public static readonly BinanceError UnknownSymbol = new(400, -1121, "Invalid symbol.");
    public static readonly BinanceError BadKey = new(401, -2015, "Invalid API-key, IP, or permissions for action.");
    public static readonly BinanceError BadSignature = new(400, -1022, "Signature for this request is not valid.");
    public static readonly BinanceError BadTime = new(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    public static readonly BinanceError UnknownCancel = new(400, -2011, "Unknown order sent.");
    public static readonly BinanceError NoSuchOrder = new(400, -2013, "Order does not exist.");

    public string Body => $$"""{"code":{{Code}},"msg":"{{Message}}"}""";
}
