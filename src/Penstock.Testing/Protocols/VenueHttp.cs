using System.Text;

namespace Penstock.Testing.Protocols;

/// <summary>One REST call as it arrived.</summary>
public sealed record VenueHttpRequest
{
    public required string Method { get; init; }

    /// <summary>Without the query.</summary>
    public required string Path { get; init; }

    /// <summary>As sent, without '?'; signatures cover exactly these characters.</summary>
    public string Query { get; init; } = "";

    public IReadOnlyDictionary<string, string> Headers { get; init; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public string Body { get; init; } = "";

    public string Header(string name) => Headers.TryGetValue(name, out var value) ? value : "";

    /// <summary>Decoded parameters of a query or form text, in order.</summary>
    public static List<KeyValuePair<string, string>> Parse(string text)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var name = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? "" : part[(equals + 1)..];
            parameters.Add(new(Decode(name), Decode(value)));
        }

        return parameters;
    }

    public static string Find(List<KeyValuePair<string, string>> parameters, string name) =>
        parameters.Find(p => p.Key == name).Value ?? "";

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>The answer to a REST call.</summary>
public sealed record VenueHttpResponse(int Status, string Body)
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public byte[] BodyBytes => Encoding.UTF8.GetBytes(Body);
}
