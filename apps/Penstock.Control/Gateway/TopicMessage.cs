using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Penstock.Control.ReadModels;

namespace Penstock.Control.Gateway;

/// <summary>
/// One message of a topic, encoded once and shared by every client that gets it. Only the count of dropped messages is each client's own: where
/// it is not zero the head is written anew for that client, and the shared rest follows as the second fragment of the same message.
/// </summary>
internal sealed class TopicMessage
{
    private const byte BinaryVersion = 1;
    private const int BinaryHeadBytes = 24;

    private TopicMessage(byte[] bytes, int headBytes, bool isBinary, bool isSnapshot, string topic, long seq, long previous, bool isList)
    {
        (Bytes, HeadBytes, IsBinary, IsSnapshot) = (bytes, headBytes, isBinary, isSnapshot);
        (Topic, Seq, Previous, IsList) = (topic, seq, previous, isList);
    }

    public byte[] Bytes { get; }

    /// <summary>Where the shared rest begins.</summary>
    public int HeadBytes { get; }

    public bool IsBinary { get; }

    public bool IsSnapshot { get; }

    public string Topic { get; }

    public long Seq { get; }

    public long Previous { get; }

    /// <summary>The next one is of no use without this one.</summary>
    public bool IsList { get; }

    /// <summary>An answer to one client, outside of every topic.</summary>
    public static TopicMessage Control(byte[] json, bool isBinary)
    {
        if (!isBinary) return new TopicMessage(json, json.Length, false, false, "", 0, 0, false);
        var bytes = new byte[BinaryHeadBytes + json.Length];
        (bytes[0], bytes[1]) = (BinaryVersion, 3);
        json.CopyTo(bytes, BinaryHeadBytes);
        return new TopicMessage(bytes, bytes.Length, true, false, "", 0, 0, false);
    }

    /// <param name="topic">What it is of.</param>
    /// <param name="since">The version the receiver has, or <see cref="ITopic.FromNothing"/>.</param>
    /// <param name="isBinary">The compact form.</param>
    public static TopicMessage Of(ITopic topic, long since, bool isBinary)
    {
        var isSnapshot = since < 0;
        var seq = topic.Version;
        var buffer = new ArrayBufferWriter<byte>(1_024);
        var previous = isSnapshot ? seq : since;
        if (isBinary) WriteBinaryHead(buffer, topic, isSnapshot, seq, previous);
        else WriteHead(buffer, topic.Name, isSnapshot, seq, previous, dropped: 0);
        var head = buffer.WrittenCount;
        if (isBinary && topic.BinaryBody != 0)
        {
            topic.WriteBinary(buffer, since);
        }
        else
        {
            using var json = new Utf8JsonWriter(buffer, JsonText.Options);
            topic.Write(json, since);
            json.Flush();
            if (!isBinary) buffer.Write("}"u8);
        }

        return new TopicMessage(buffer.WrittenSpan.ToArray(), head, isBinary, isSnapshot, topic.Name, seq, previous, topic.IsList);
    }

    /// <summary>The head with this client's own count.</summary>
    public byte[] HeadWith(long dropped)
    {
        if (IsBinary)
        {
            var head = Bytes.AsSpan(0, HeadBytes).ToArray();
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)Math.Min(uint.MaxValue, dropped));
            return head;
        }

        var buffer = new ArrayBufferWriter<byte>(128);
        WriteHead(buffer, Topic, IsSnapshot, Seq, Previous, dropped);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHead(ArrayBufferWriter<byte> to, string topic, bool isSnapshot, long seq, long previous, long dropped)
    {
        to.Write(isSnapshot ? "{\"type\":\"snapshot\",\"topic\":"u8 : "{\"type\":\"update\",\"topic\":"u8);
        to.Write(JsonSerializer.SerializeToUtf8Bytes(topic));
        to.Write(Encoding.UTF8.GetBytes(isSnapshot
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $",\"seq\":{seq},\"dropped\":{dropped},\"data\":")
            : string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $",\"seq\":{seq},\"prev\":{previous},\"dropped\":{dropped},\"data\":")));
    }

    private static void WriteBinaryHead(ArrayBufferWriter<byte> to, ITopic topic, bool isSnapshot, long seq, long previous)
    {
        var name = Encoding.UTF8.GetBytes(topic.Name);
        var head = to.GetSpan(BinaryHeadBytes + name.Length)[..(BinaryHeadBytes + name.Length)];
        head.Clear();
        (head[0], head[1], head[2], head[3]) = (BinaryVersion, isSnapshot ? (byte)1 : (byte)2, topic.BinaryBody, (byte)name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], seq);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], previous);
        name.CopyTo(head[BinaryHeadBytes..]);
        to.Advance(head.Length);
    }
}
