using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.Control.Family;

/// <summary>
/// What the simulated venues themselves say the account owns: the other side of every fill. The demo prints it beside the
/// node's own positions so that nobody has to believe either.
/// </summary>
internal static class VenueTruth
{
    /// <returns>Venue → asset → free + locked, exact decimals as text.</returns>
    public static async Task<JsonObject> AskAsync(string nodeConfiguration, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var truth = new JsonObject();
        var venues = JsonNode.Parse(await File.ReadAllTextAsync(nodeConfiguration, cancel).ConfigureAwait(false))!["venues"]!.AsArray();
        foreach (var venue in venues)
        {
            var account = JsonNode.Parse(await http.GetStringAsync(new Uri(new Uri((string)venue!["rest"]!), "/sim/account"), cancel).ConfigureAwait(false))!;
            var assets = new JsonObject();
            foreach (var balance in account["balances"]!.AsArray())
            {
                var total = balance!["free"]!.GetValue<decimal>() + balance["locked"]!.GetValue<decimal>();
                assets[(string)balance["asset"]!] = total.ToString(CultureInfo.InvariantCulture);
            }

            truth[(string)venue["name"]!] = assets;
        }

        return truth;
    }
}
