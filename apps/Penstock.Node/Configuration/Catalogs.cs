using Penstock.Connectivity;
using Penstock.Strategies;

namespace Penstock.Node.Configuration;

/// <summary>What this build of the node knows: the venues and strategies of the assemblies it was linked with.</summary>
internal static class Catalogs
{
    public static VenueCatalog Venues { get; } = new([System.Reflection.Assembly.Load("Penstock.Venues")]);

    public static StrategyCatalog Strategies { get; } = new([typeof(StrategyCatalog).Assembly]);
}
