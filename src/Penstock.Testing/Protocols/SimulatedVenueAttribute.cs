namespace Penstock.Testing.Protocols;

/// <summary>Announces a simulated venue of an assembly, by the name of the real one.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class SimulatedVenueAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>spot unless said otherwise: usdm, linear.</summary>
    public string Market { get; init; } = "spot";

    /// <summary>False where the twin has market data only.</summary>
    public bool IsTraded { get; init; } = true;

    public abstract SimulatedVenue Create(SimulatedVenueOptions options);
}

/// <typeparam name="T">Has a public constructor that takes the options.</typeparam>
/// <inheritdoc />
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class SimulatedVenueAttribute<T>(string name) : SimulatedVenueAttribute(name) where T : SimulatedVenue
{
    public override SimulatedVenue Create(SimulatedVenueOptions options) => (T)Activator.CreateInstance(typeof(T), options)!;
}
