using System.Text;
using System.Text.Json;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Testing;

/// <summary>A simulated venue under a test's hand: no sockets, time moves when told.</summary>
internal sealed class SteppedVenue
{
    public SteppedVenue(string name, ulong seed = 5, FlowOptions? flow = null)
    {
        Venue = SimulatedVenueCatalog.Create(new SimulatedVenueOptions { Name = name, Seed = seed, Flow = flow ?? new FlowOptions() });
        Venue.Step(NowNs);
    }

    public SimulatedVenue Venue { get; }

    public long NowNs { get; private set; } = 1_700_000_000_000_000_000;

    public long NowMs => NowNs / 1_000_000;

    public (ProtocolSession Session, FrameCollector Frames) Open(string path, string query = "")
    {
        var frames = new FrameCollector();
        return (Venue.Open(path, query, frames, NowNs)!, frames);
    }

    public void Send(ProtocolSession session, string text) => session.OnText(Encoding.UTF8.GetBytes(text), NowNs);

    public void Run(int milliseconds, int stepMs = 10)
    {
        for (var ran = 0; ran < milliseconds; ran += stepMs)
        {
            NowNs += stepMs * 1_000_000L;
            Venue.Step(NowNs);
        }
    }

    public VenueHttpResponse Get(string path, string query = "", Dictionary<string, string>? headers = null) =>
        Venue.Handle(new VenueHttpRequest
        {
            Method = "GET", Path = path, Query = query,
            Headers = new Dictionary<string, string>(headers ?? [], StringComparer.OrdinalIgnoreCase),
        }, NowNs);

    public static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    /// <summary>The engine's own book as the texts a client would keep: price → quantity.</summary>
    public static SortedDictionary<decimal, decimal> Levels(BookSide side, int depth = int.MaxValue)
    {
        var levels = new SortedDictionary<decimal, decimal>();
        for (var rank = 0; rank < side.Count && rank < depth; rank++)
            levels[side[rank].Price.ToDecimal()] = side[rank].Quantity.ToDecimal();
        return levels;
    }

    /// <summary>Applies [price, quantity] or {price, qty} levels; zero deletes.</summary>
    public static void Apply(SortedDictionary<decimal, decimal> book, JsonElement levels)
    {
        foreach (var level in levels.EnumerateArray())
        {
            var (price, quantity) = level.ValueKind == JsonValueKind.Array
                ? (decimal.Parse(level[0].GetString()!), decimal.Parse(level[1].GetString()!))
                : (level.GetProperty("price").GetDecimal(), level.GetProperty("qty").GetDecimal());
            if (quantity == 0) book.Remove(price);
            else book[price] = quantity;
        }
    }
}
