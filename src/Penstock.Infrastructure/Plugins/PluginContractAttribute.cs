namespace Penstock.Infrastructure.Plugins;

/// <summary>
/// Marks an assembly as a plugin and says which contract it was compiled against: <c>[assembly: PluginContract(PluginContractAttribute.Current)]</c>.
/// The constant is copied into the plugin, so an old plugin still says its old number in a newer node.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class PluginContractAttribute(int version) : Attribute
{
    /// <summary>Raised whenever IStrategy, IVenue or what they use changes so that a compiled plugin would break.</summary>
    public const int Current = 1;

    public int Version { get; } = version;
}
