namespace Penstock.Testing.Hosting;

/// <summary>Where a simulated venue listens and the key of its account: all a node needs to connect. Serialises as JSON.</summary>
public sealed record SimulatedEndpoint(
    string Name, Uri Rest, Uri PublicStream, Uri PrivateStream, string ApiKey, string Secret, string Passphrase, IReadOnlyList<string> Symbols,
    Uri? OrderEntry = null);
