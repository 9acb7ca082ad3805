using System.Text.Json;

namespace Penstock.Node.Control;

/// <summary>
/// The file by which control planes find this node: name, pid, data folder, socket. Written when the socket listens, removed
/// when the node leaves; a dead node's file is removed by whoever finds it.
/// </summary>
public sealed class NodeRegistration : IDisposable
{
    private readonly string _file;

    public NodeRegistration(string home, string name, string data, string socket)
    {
        var folder = Path.Combine(home, "nodes");
        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, $"{System.Environment.ProcessId}.json");
        var text = JsonSerializer.Serialize(new { name, pid = System.Environment.ProcessId, data, socket });
        var temporary = _file + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, _file, overwrite: true);
    }

    public void Dispose() => File.Delete(_file);
}
