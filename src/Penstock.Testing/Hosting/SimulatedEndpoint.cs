namespace Penstock.Testing.Hosting;

/// <summary>Where a simulated venue listens, the key of its account and what it takes: all a node needs to trade. Serialises as JSON.</summary>
public sealed record SimulatedEndpoint(
    string Name, Uri Rest, Uri PublicStream, Uri PrivateStream, string ApiKey, string Secret, string Passphrase, IReadOnlyList<string> Symbols,
    Uri? OrderEntry = null, int MakerFeePpm = 0, int TakerFeePpm = 0);
