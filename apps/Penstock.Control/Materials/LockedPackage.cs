namespace Penstock.Control.Materials;

/// <summary>One package as a lock file pins it.</summary>
/// <param name="Registry">nuget or npm.</param>
/// <param name="Name">As the registry writes it.</param>
/// <param name="Version">The one that is used.</param>
/// <param name="Sha512">Of the package as it was fetched, lower-case hex.</param>
/// <param name="License">SPDX expression; null where the lock file does not say.</param>
/// <param name="IsShipped">Part of what runs; false for what only builds or tests.</param>
/// <param name="LockFile">Path in the repository.</param>
/// <param name="Needs">What it depends on: name and version of packages of the same lock file.</param>
internal sealed record LockedPackage(
    string Registry, string Name, string Version, string Sha512, string? License, bool IsShipped, string LockFile, IReadOnlyList<string> Needs)
{
    /// <summary>The package's URL, as package-url/purl-spec has it: the same everywhere.</summary>
    public string Reference => PackageUrl(Registry, Name, Version);

    public static string PackageUrl(string registry, string name, string version) =>
        $"pkg:{registry}/{name.Replace("@", "%40", StringComparison.Ordinal)}@{version}";
}
