using System.Buffers.Text;
using System.Text;
using Penstock.Benchmarks.Baselines;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// An endless, gapless stream of depth messages out of a few hundred: only the update ids, which have a fixed width, are
/// written anew each time. Making a message costs next to nothing and allocates nothing.
/// </summary>
internal sealed class DepthReplay
{
    private const int IdDigits = 12;
    private const long FirstId = 100_000_000_000;

    private readonly byte[][] _messages;
    private readonly int[] _firstIdAt;
    private readonly int[] _lastIdAt;
    private long _id = FirstId;
    private int _next;

    public DepthReplay(int count, ulong seed)
    {
        _messages = DepthMessages.Generate(count, seed, firstId: FirstId);
        _firstIdAt = Array.ConvertAll(_messages, m => After(m, "\"U\":"u8));
        _lastIdAt = Array.ConvertAll(_messages, m => After(m, "\"u\":"u8));
    }

    /// <summary>What GET /api/v3/depth answers before the first message.</summary>
    public static byte[] Snapshot() => Encoding.ASCII.GetBytes(
        $"{{\"lastUpdateId\":{FirstId},\"bids\":[[\"60990.00000000\",\"1.00000000\"]],\"asks\":[[\"61010.00000000\",\"1.00000000\"]]}}");

    /// <summary>The next message; valid until it comes round again.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var index = _next;
        _next = index + 1 == _messages.Length ? 0 : index + 1;
        var message = _messages[index];
        Utf8Formatter.TryFormat(_id + 1, message.AsSpan(_firstIdAt[index], IdDigits), out _);
        _id += 10;
        Utf8Formatter.TryFormat(_id, message.AsSpan(_lastIdAt[index], IdDigits), out _);
        return message;
    }

    private static int After(byte[] message, ReadOnlySpan<byte> key) => message.AsSpan().IndexOf(key) + key.Length;
}
