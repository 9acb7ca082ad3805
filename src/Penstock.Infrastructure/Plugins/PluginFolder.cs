using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;

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
        return [.. Files(folder).Select(LoadFile).OfType<Plugin>()];
    }

    /// <summary>Every file that may be a plugin, in the order of their names.</summary>
    public static IEnumerable<string> Files(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*.dll")
        .Concat(Directory.EnumerateDirectories(folder).Select(d => Path.Combine(d, Path.GetFileName(d) + ".dll")).Where(File.Exists))
        .Order(StringComparer.Ordinal).Take(FilesMax);

    /// <summary>The hash a version is found by.</summary>
    public static string HashOf(ReadOnlySpan<byte> image) => Convert.ToHexStringLower(SHA256.HashData(image));

    /// <summary>Null when the file is no plugin.</summary>
    public static Plugin? LoadFile(string path)
    {
        try
        {
            return LoadImage(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Plugin(Path.GetFileNameWithoutExtension(path), path, 0, null, null, $"it is no assembly that can be read: {e.Message}");
        }
    }

    /// <summary>From bytes read before, in a load context of its own: a second time is another context.</summary>
    /// <param name="image">The assembly.</param>
    /// <param name="path">Where it came from, and where what it needs lies.</param>
    public static Plugin? LoadImage(byte[] image, string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        Plugin Refused(string problem, int contract = 0) => new(name, path, contract, null, null, problem);
        int? contract;
        try
        {
            contract = ContractOf(image);
        }
        catch (BadImageFormatException e)
        {
            return Refused($"it is no assembly that can be read: {e.Message}");
        }

        if (contract is null) return null;
        if (contract != PluginContractAttribute.Current)
            return Refused($"it was built for contract {contract}, this node has {PluginContractAttribute.Current}: build it against this version of Penstock", contract.Value);
        var context = new PluginLoadContext(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
        try
        {
            var assembly = context.LoadImage(image, path);
            foreach (var needed in assembly.GetReferencedAssemblies()) context.LoadFromAssemblyName(needed);
            return new Plugin(name, path, contract.Value, context, assembly, null)
            {
                Image = image, Sha256 = HashOf(image), Version = assembly.GetName().Version?.ToString(3) ?? "",
            };
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException or IOException)
        {
            context.Unload();
            var missing = e is FileNotFoundException { FileName: { } file } ? $"it needs {file}, which is neither beside it nor part of the node" : e.Message;
            return Refused(missing, contract.Value);
        }
    }

    /// <summary>What the attribute says; null without one.</summary>
    private static int? ContractOf(byte[] image)
    {
        using var stream = new MemoryStream(image);
        using var file = new PEReader(stream);
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
