using System.Text;
using Penstock.Testing.Flow;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

/// <summary>How one simulated venue is set up. The defaults make a lively market and a rich account.</summary>
public sealed record SimulatedVenueOptions
{
    /// <summary>One of <c>SimulatedVenueCatalog.Names</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Everything random at the venue comes from it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Of what the prices of all venues with this seed have in common, where <see cref="Flow"/> has any of it.</summary>
    public ulong WorldSeed { get; init; }

    /// <summary>Null: BTC-USDT, ETH-USDT and SOL-USDT with the venue's usual ticks and lots.</summary>
    public IReadOnlyList<SimulatedInstrument>? Instruments { get; init; }

    public string ApiKey { get; init; } = "simulated-key";

    /// <summary>Base64, because one venue insists; the others take it as it is.</summary>
    public string Secret { get; init; } = Convert.ToBase64String(Encoding.ASCII.GetBytes("a secret of a simulated account, worth nothing"));

    public string Passphrase { get; init; } = "simulated-passphrase";

    /// <summary>What the account owns at the start, by asset.</summary>
    public IReadOnlyDictionary<string, decimal> Balances { get; init; } = new Dictionary<string, decimal>
    {
        ["USDT"] = 1_000_000m, ["BTC"] = 10m, ["ETH"] = 200m, ["SOL"] = 5_000m,
    };

    public FlowOptions Flow { get; init; } = new();

    public int MakerFeePpm { get; init; } = 200;

    public int TakerFeePpm { get; init; } = 500;

    /// <summary>Null: as the venue does it.</summary>
    public bool? BuyerPaysFeeInBase { get; init; }

    /// <summary>REST weight or calls a minute before 429.</summary>
    public int RestWeightPerMinute { get; init; } = 6_000;

    /// <summary>The port to listen on at 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }
}
