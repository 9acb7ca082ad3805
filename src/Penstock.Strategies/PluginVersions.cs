using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Penstock.Infrastructure.Plugins;

namespace Penstock.Strategies;

/// <summary>
/// The code of plugins by the hash of their file: what was loaded already, or the file in one of the folders that has this hash, whatever
/// its name. Loaded code lives as long as something made of it does, and no longer: nothing here keeps it in memory but the file's bytes, so
/// that a file that was replaced can still be loaded again. Any thread.
/// </summary>
/// <param name="folders">Where plugins are looked for.</param>
public sealed class PluginVersions(Func<IEnumerable<string>> folders) : IStrategyVersions
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string Path)> _images = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WeakReference<Assembly>> _loaded = new(StringComparer.Ordinal);

    /// <summary>
    /// What was made of a version keeps its load context, which else would end as soon as nobody held it; the assembly itself cannot be the key,
    /// for it lives until its context ends.
    /// </summary>
    private readonly ConditionalWeakTable<IStrategy, AssemblyLoadContext> _contexts = [];

    /// <summary>Versions whose code is in memory.</summary>
    public int LoadedNow => _loaded.Values.Count(w => w.TryGetTarget(out _));

    /// <summary>What was loaded by others is found by its hash from now on.</summary>
    public void Remember(Plugin plugin)
    {
        if (plugin.Assembly is not { } assembly || plugin.Sha256.Length == 0) return;
        _images.TryAdd(plugin.Sha256, (plugin.Image.ToArray(), plugin.Path));
        _loaded[plugin.Sha256] = new WeakReference<Assembly>(assembly);
    }

    /// <summary>The version a plugin is.</summary>
    public static StrategyVersion Of(Plugin plugin) => new(Path.GetFileName(plugin.Path), plugin.Version, plugin.Sha256);

    /// <summary>The code of that hash; null with the reason when it is nowhere.</summary>
    public Assembly? Find(StrategyVersion version, out string problem)
    {
        problem = "";
        if (_loaded.TryGetValue(version.Sha256, out var known) && known.TryGetTarget(out var assembly)) return assembly;
        if (ImageOf(version.Sha256) is not { } image)
        {
            problem = $"there is no file {version.File} {version.Number} with sha256 {version.Sha256} in {string.Join(" or ", folders())}";
            return null;
        }

        if (PluginFolder.LoadImage(image.Bytes, image.Path) is not { } plugin)
        {
            problem = $"{image.Path} is no plugin";
            return null;
        }

        Remember(plugin);
        if (plugin.Assembly is null) problem = $"{image.Path}: {plugin.Problem}";
        return plugin.Assembly;
    }

    /// <inheritdoc />
    public IStrategy? Create(StrategyVersion version, string strategy, out string problem)
    {
        if (Find(version, out problem) is not { } assembly) return null;
        try
        {
            if (assembly.GetCustomAttributes<StrategyAttribute>().FirstOrDefault(a => a.Name == strategy) is { } found)
            {
                var made = found.Create();
                _contexts.AddOrUpdate(made, AssemblyLoadContext.GetLoadContext(assembly)!);
                return made;
            }

            problem = $"{version} brings no strategy '{strategy}'";
        }
        catch (Exception e) when (PluginCode.IsMisfit(e) || e is TargetInvocationException)
        {
            problem = $"{version} does not fit this node: {(e.InnerException ?? e).Message}";
        }

        return null;
    }

    /// <summary>The folder is looked at again every time: files come while the node runs.</summary>
    private (byte[] Bytes, string Path)? ImageOf(string sha256)
    {
        if (_images.TryGetValue(sha256, out var image)) return image;
        foreach (var file in folders().SelectMany(PluginFolder.Files))
        {
            try
            {
                var bytes = File.ReadAllBytes(file);
                if (PluginFolder.HashOf(bytes) != sha256) continue;
                return _images.GetOrAdd(sha256, (bytes, file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not this one: a file that cannot be read has no hash.
            }
        }

        return null;
    }
}
