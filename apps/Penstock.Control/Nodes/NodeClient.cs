using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Nodes;

/// <summary>
/// Talks to a node's command socket: one JSON line out, one JSON line back. The node answers from its admin thread, so
/// nothing asked here can slow trading down.
/// </summary>
internal static class NodeClient
{
    public static async Task<JsonObject> AskAsync(NodeEntry node, JsonObject command, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(node.Socket), limit.Token).ConfigureAwait(false);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToJsonString() + "\n"), limit.Token).ConfigureAwait(false);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var line = await reader.ReadLineAsync(limit.Token).ConfigureAwait(false);
            return line is null
                ? throw new Problem(ExitCode.Error, "the node closed the connection without an answer", node.Socket, "it may be stopping",
                    "penstock ctl status")
                : JsonNode.Parse(line)!.AsObject();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new Problem(ExitCode.Timeout, $"node {node.Name} (pid {node.Pid}) did not answer within 10 s", node.Socket,
                "it is stopped, stuck or overloaded",
                    $"look at {Path.Combine(node.Data, "node.log")}; kill -9 {node.Pid} is safe: the next start recovers from the journal");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Killed in the middle of its answer, a node resets the connection: an IOException.
            throw new Problem(ExitCode.NotFound, $"node {node.Name} (pid {node.Pid}) does not listen", node.Socket, e.Message,
                "penstock ctl status, to see which nodes run");
        }
        catch (JsonException e)
        {
            throw new Problem(ExitCode.Error, "the node's answer is not JSON", node.Socket, e.Message,
                "check that node and control have the same version");
        }
    }
}
