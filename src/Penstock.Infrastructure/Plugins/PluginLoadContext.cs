using System.Reflection;
using System.Runtime.Loader;

namespace Penstock.Infrastructure.Plugins;

/// <summary>
/// A plugin's own assemblies, to be unloaded with it. What the node has itself is the node's for the plugin as well: two copies of a
/// contract would be two different contracts. Files are read and closed, so that a new version can take their place.
/// </summary>
internal sealed class PluginLoadContext(string folder, string name) : AssemblyLoadContext(name, isCollectible: true)
{
    public Assembly LoadFile(string path) => LoadImage(File.ReadAllBytes(path), path);

    /// <param name="image">The assembly.</param>
    /// <param name="path">Where it came from; its symbols may lie beside it.</param>
    public Assembly LoadImage(byte[] image, string path)
    {
        using var code = new MemoryStream(image);
        var symbols = Path.ChangeExtension(path, ".pdb");
        if (!File.Exists(symbols)) return LoadFromStream(code);
        using var pdb = new MemoryStream(File.ReadAllBytes(symbols));
        return LoadFromStream(code, pdb);
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsNodes(assemblyName)) return null;
        var beside = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(beside) ? LoadFile(beside) : null;
    }

    private static bool IsNodes(AssemblyName assemblyName)
    {
        try
        {
            return Default.LoadFromAssemblyName(assemblyName) is not null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return false;
        }
    }
}
