using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Penstock.Infrastructure.Plugins;

/// <summary>
/// Finds plugins (R74, R96, R104): plugins/NAME.dll and plugins/NAME/NAME.dll. An assembly is a plugin when it carries
/// <see cref="PluginContractAttribute"/>, read from the file before anything of it runs; others are what plugins need. Nothing here throws
/// for a plugin's sake: each has its one message. Start-up only.
/// </summary>
public static class PluginFolder
{
    /// <summary>More files are a mistaken folder.</summary>
    public const int FilesMax = 256;

    /// <summary>In the order of their names; empty when the folder does not exist.</summary>
    public static IReadOnlyList<Plugin> Load(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        var files = Directory.EnumerateFiles(folder, "*.dll")
            .Concat(Directory.EnumerateDirectories(folder).Select(d => System.IO.Path.Combine(d, System.IO.Path.GetFileName(d) + ".dll")).Where(File.Exists))
            .Order(StringComparer.Ordinal).Take(FilesMax);
        return [.. files.Select(LoadFile).OfType<Plugin>()];
    }

    /// <summary>Null when the file is no plugin.</summary>
    public static Plugin? LoadFile(string path)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        Plugin Refused(string problem, int contract = 0) => new(name, path, contract, null, null, problem);
        int? contract;
        try
        {
            contract = ContractOf(path);
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return Refused($"it is no assembly that can be read: {e.Message}");
        }

        if (contract is null) return null;
        if (contract != PluginContractAttribute.Current)
            return Refused($"it was built for contract {contract}, this node has {PluginContractAttribute.Current}: build it against this version of Penstock", contract.Value);
        var context = new PluginLoadContext(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, name);
        try
        {
            var assembly = context.LoadFile(path);
            foreach (var needed in assembly.GetReferencedAssemblies()) context.LoadFromAssemblyName(needed);
            return new Plugin(name, path, contract.Value, context, assembly, null);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException or IOException)
        {
            context.Unload();
            var missing = e is FileNotFoundException { FileName: { } file } ? $"it needs {file}, which is neither beside it nor part of the node" : e.Message;
            return Refused(missing, contract.Value);
        }
    }

    /// <summary>What the attribute says; null without one.</summary>
    private static int? ContractOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata) return null;
        var reader = file.GetMetadataReader();
        if (!reader.IsAssembly) return null;
        foreach (var handle in reader.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = reader.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            var parent = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            if (parent.Kind != HandleKind.TypeReference) continue;
            var type = reader.GetTypeReference((TypeReferenceHandle)parent);
            if (!reader.StringComparer.Equals(type.Name, nameof(PluginContractAttribute)) || !reader.StringComparer.Equals(type.Namespace, typeof(PluginContractAttribute).Namespace!)) continue;
            // A prolog of two bytes, then the one argument (ECMA-335 II.23.3).
            var value = reader.GetBlobReader(attribute.Value);
            return value.Length >= 6 && value.ReadUInt16() == 1 ? value.ReadInt32() : 0;
        }

        return null;
    }
}
