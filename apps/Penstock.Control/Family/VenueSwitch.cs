using System.Text;
using System.Text.Json.Nodes;

namespace Penstock.Control.Family;

/// <summary>Tells all simulated venues of a demo how to behave, by what each of them serves at /sim/faults.</summary>
internal sealed class VenueSwitch : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly IReadOnlyList<Uri> _venues;

    /// <param name="nodeConfiguration">The demo's own: its venues are the ones to tell.</param>
    public VenueSwitch(string nodeConfiguration)
    {
        var venues = JsonNode.Parse(File.ReadAllText(nodeConfiguration))!["venues"]!.AsArray();
        _venues = [.. venues.Select(venue => new Uri(new Uri((string)venue!["rest"]!), "/sim/faults"))];
    }

    /// <exception cref="HttpRequestException">A venue does not answer, or does not understand.</exception>
    public Task SetAsync(JsonObject behaviour, CancellationToken cancel) => Task.WhenAll(_venues.Select(async venue =>
    {
        using var body = new StringContent(behaviour.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(venue, body, cancel).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }));

    public void Dispose() => _http.Dispose();
}
