using System.Reflection;
using System.Runtime.CompilerServices;

namespace Penstock.Infrastructure.Plugins;

/// <summary>
/// One plugin found: loaded, or with one message why not. The load context is the plugin's own, so that a strategy's can be unloaded
/// while others trade; whoever keeps an object of it keeps it in memory.
/// </summary>
public sealed class Plugin
{
    private PluginLoadContext? _context;

    internal Plugin(string name, string path, int contract, PluginLoadContext? context, Assembly? assembly, string? problem)
    {
        (Name, Path, Contract, _context, Assembly, Problem) = (name, path, contract, context, assembly, problem);
    }

    /// <summary>SHA-256 of its file, lower-case hexadecimal; what it needs beside it is not in it. Empty when it was not loaded.</summary>
    public string Sha256 { get; internal init; } = "";

    /// <summary>The file's bytes as they were loaded: a new version may have taken its place since.</summary>
    public ReadOnlyMemory<byte> Image { get; internal init; }

    /// <summary>The assembly's version; empty when it was not loaded.</summary>
    public string Version { get; internal init; } = "";

    /// <summary>The file's name without its ending.</summary>
    public string Name { get; }

    public string Path { get; }

    /// <summary>The contract it was compiled against; 0 when it says none.</summary>
    public int Contract { get; }

    /// <summary>Null when it was not loaded, or is unloaded.</summary>
    public Assembly? Assembly { get; private set; }

    /// <summary>The plugin of which this is another version, to be swapped to; null otherwise.</summary>
    public string? WaitsBehind { get; set; }

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>What a catalogue found wrong with it; the first word stays.</summary>
    public void Refuse(string problem) => Problem ??= problem;

    /// <summary>Keeps it in memory no longer; whoever uses it still does, and its context ends with the last of them.</summary>
    public void LetGo() => (Assembly, _context) = (null, null);

    /// <summary>
    /// Lets go of the assembly and asks for its memory back. The reference dies once nothing of the plugin is used any more: take it out of
    /// the catalogues first.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WeakReference Unload()
    {
        var gone = new WeakReference(_context);
        Assembly = null;
        _context?.Unload();
        _context = null;
        return gone;
    }
}
