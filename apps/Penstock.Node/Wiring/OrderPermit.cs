using Penstock.Connectivity;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;

namespace Penstock.Node.Wiring;

/// <summary>
/// That orders may leave this process, and where to (E2): to simulated venues, or, when configuration and command line both say live,
/// to real ones. There is no third way to get one, and without one the pipeline makes no order session, whatever keys there are.
/// </summary>
internal sealed class OrderPermit
{
    private const string WhyBoth = "real orders take both: one word in a file can be a copy of another node's, one word on a command line a habit";

    private readonly bool _isLive;

    private OrderPermit(bool isLive) => _isLive = isLive;

    /// <summary>Null: no order leaves. Before the keys are read and anything connects.</summary>
    /// <param name="configuration">What the file says.</param>
    /// <param name="live">What the command line says: --live is there.</param>
    /// <exception cref="Problem">Only one of them says live.</exception>
    public static OrderPermit? For(NodeConfiguration configuration, bool live) => (configuration.Environment, live) switch
    {
        (NodeEnvironment.Live, true) => new OrderPermit(isLive: true),
        (NodeEnvironment.Sim, false) => new OrderPermit(isLive: false),
        (NodeEnvironment.Paper, false) => null,
        (NodeEnvironment.Live, false) => throw new Problem(
            ExitCode.Configuration, "the environment is live, and the command line does not say --live", "environment", WhyBoth,
            "penstock run --live --config FILE to trade real money; \"environment\": \"paper\" to trade without"),
        _ => throw new Problem(
            ExitCode.Configuration, $"--live, and the environment is {configuration.Environment.ToString().ToLowerInvariant()}", "environment",
            WhyBoth,
            "leave --live away; or set \"environment\": \"live\" in the configuration to trade real money"),
    };

    /// <summary>
    /// What simulated venues are is told by their addresses: `penstock sim` and the demo listen at loopback alone, where no exchange is. Names
    /// are not looked up: only localhost and loopback addresses as such count.
    /// </summary>
    /// <param name="endpoints">Of a venue; the public stream takes no orders.</param>
    public bool Covers(VenueEndpoints endpoints) =>
        _isLive || (endpoints.Rest.IsLoopback && endpoints.PrivateStream.IsLoopback && endpoints.OrderEntry is null or { IsLoopback: true });

    /// <summary>Before anything connects: a venue with keys that may not get them is a mistake, not a venue without orders.</summary>
    /// <exception cref="Problem">A venue with keys is not covered.</exception>
    public void Check(IEnumerable<VenueSetup> venues)
    {
        if (venues.FirstOrDefault(v => v.Credentials is not null && !Covers(v.Endpoints)) is not { } real) return;
        throw new Problem(
            ExitCode.Configuration, $"the environment is sim, and venue '{real.Venue.Profile.Name}' is not at loopback", "venues",
            "simulated venues listen on this machine only; this address could be the exchange itself, and its account has keys",
            "set rest, privateStream and, where the venue has one, orderEntry to what penstock sim prints; or \"environment\": \"paper\"");
    }
}
