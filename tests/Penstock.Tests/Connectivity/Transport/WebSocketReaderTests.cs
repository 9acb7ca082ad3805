using System.Text;
using Penstock.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Transport;

public class WebSocketReaderTests
{
    private const int MessageMax = 100_000;

    /// <summary>Bytes of a server in hex, and what the client must make of them. Mostly the cases of RFC 6455 §5.4-5.7, 7.4, 8.1.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "81 05 48 65 6c 6c 6f", "text:Hello" },
        { "82 03 00 ff 80", "binary:00FF80" },
        { "81 00", "text:" },
        { "01 03 48 65 6c 80 02 6c 6f", "text:Hello" },
        { "01 03 48 65 6c 89 02 68 69 80 02 6c 6f", "ping:6869|text:Hello" },
        { "01 00 00 00 80 00", "text:" },
        { "02 01 01 00 01 02 00 00 80 01 03 81 01 41", "binary:010203|text:A" },
        { "89 05 48 65 6c 6c 6f 8a 00", "ping:48656C6C6F|pong:" },
        { "88 00", "close:1005:" },
        { "88 02 03 e8", "close:1000:" },
        { "88 05 03 e9 62 79 65 81 01 41", "close:1001:bye" },
        { "88 02 0f a0", "close:4000:" },
        { "88 01 03", "InvalidClose" },
        { "88 02 03 ed", "InvalidClose" },
        { "88 02 03 ee", "InvalidClose" },
        { "88 02 00 00", "InvalidClose" },
        { "88 02 13 88", "InvalidClose" },
        { "88 04 03 e8 c3 28", "InvalidUtf8" },
        { "c1 00", "ReservedBits" },
        { "a1 00", "ReservedBits" },
        { "91 00", "ReservedBits" },
        { "83 00", "UnknownOpcode" },
        { "8b 00", "UnknownOpcode" },
        { "8f 00", "UnknownOpcode" },
        { "81 81 00 00 00 00 41", "WrongMasking" },
        { "09 00", "ControlFragmented" },
        { "08 00", "ControlFragmented" },
        { "89 7e 00 7e", "ControlTooLong" },
        { "80 00", "UnexpectedContinuation" },
        { "00 01 41", "UnexpectedContinuation" },
        { "01 01 41 81 01 42", "ExpectedContinuation" },
        { "01 01 41 02 01 42", "ExpectedContinuation" },
        { "81 01 41 80 01 42", "text:A|UnexpectedContinuation" },
        { "81 7e 00 7d", "LengthNotMinimal" },
        { "81 7f 00 00 00 00 00 00 ff ff", "LengthNotMinimal" },
        { "81 7f 80 00 00 00 00 00 00 00", "TooLarge" },
        { "81 7f 7f ff ff ff ff ff ff ff", "TooLarge" },
        { "82 7f 00 00 00 00 00 01 86 a1", "TooLarge" },
        { "81 04 f0 9f 98 80", "text:😀" },
        { "01 02 f0 9f 80 02 98 80", "text:😀" },
        { "81 02 c0 80", "InvalidUtf8" },
        { "81 03 ed a0 80", "InvalidUtf8" },
        { "81 04 f4 90 80 80", "InvalidUtf8" },
        { "01 02 f0 9f 80 01 98", "InvalidUtf8" },
        { "82 02 c0 80", "binary:C080" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("requirement", "R108")]
    public void Every_rule_of_the_protocol_holds_however_the_bytes_are_cut(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(expected, Run(bytes, [bytes.Length]));
        Assert.Equal(expected, Run(bytes, [.. Enumerable.Repeat(1, bytes.Length)]));
        for (var cut = 1; cut < bytes.Length; cut++) Assert.Equal(expected, Run(bytes, [cut, bytes.Length - cut]));
    }

    [Theory]
    [InlineData(125), InlineData(126), InlineData(127), InlineData(65_535), InlineData(65_536), InlineData(MessageMax)]
    public void A_frame_of_each_length_form_arrives_whole(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var frame = new byte[length + WebSocketFraming.HeaderBytesMax];
        var written = WebSocketFraming.WriteFrame(frame, WebSocketOpcode.Binary, payload);
        Assert.Equal(WebSocketFraming.FrameBytes(length, masked: false), written);
        Assert.Equal("binary:" + Convert.ToHexString(payload), Run(frame[..written], [written / 2, written - written / 2]));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(7), InlineData(8), InlineData(9), InlineData(31), InlineData(1000)]
    public void Masking_is_undone_by_masking_and_matches_the_definition(int length)
    {
        var payload = new byte[length];
        new Random(3).NextBytes(payload);
        const uint Mask = 0x37FA213D;
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        var masked = payload.ToArray();
        WebSocketFraming.ApplyMask(masked, Mask);
        Assert.Equal(payload.Select((b, i) => (byte)(b ^ key[i % 4])), masked);
    }

    /// <summary>Goal: the reader equals a naive one. Method: seeded streams of valid and broken frames, cut at random.</summary>
    [Fact]
    public void The_reader_agrees_with_a_naive_twin_on_random_streams()
    {
        for (var seed = 1; seed <= 1500; seed++)
        {
            var random = new Random(seed);
            var bytes = RandomStream(random);
            var cuts = new List<int>();
            for (var left = bytes.Length; left > 0; left -= cuts[^1]) cuts.Add(Math.Min(left, 1 + random.Next(1, 400)));
            Assert.True(NaiveTwin(bytes) == Run(bytes, cuts), $"Seed {seed}: the reader and its twin differ.");
        }
    }

    [Fact]
    public void The_buffer_grows_to_the_largest_message_only()
    {
        var reader = new WebSocketReader(MessageMax);
        var sink = new Recorder();
        var frame = new byte[MessageMax + WebSocketFraming.HeaderBytesMax];
        var length = WebSocketFraming.WriteFrame(frame, WebSocketOpcode.Binary, new byte[MessageMax]);
        for (var i = 0; i < 20; i++)
        {
            Feed(reader, sink, frame.AsSpan(0, length), 5000);
            sink.Log.Clear();
        }

        Assert.InRange(reader.BufferBytes, MessageMax, MessageMax + 128 * 1024);
    }

    private static byte[] RandomStream(Random random)
    {
        var stream = new List<byte>();
        var frames = random.Next(1, 8);
        for (var i = 0; i < frames; i++)
        {
            var payload = new byte[random.Next(4) == 0 ? random.Next(300) : random.Next(12)];
            random.NextBytes(payload);
            if (random.Next(3) > 0) for (var j = 0; j < payload.Length; j++) payload[j] = (byte)(0x20 + payload[j] % 0x5F);
            var opcode = random.Next(6) switch { 0 => 0, 1 => 9, 2 => 10, 3 => 2, 4 => 1, _ => random.Next(16) };
            if (opcode >= 8 && payload.Length > 125) payload = payload[..125];
            var frame = new byte[payload.Length + 14];
            var length = WebSocketFraming.WriteFrame(frame, (WebSocketOpcode)opcode, payload, null, random.Next(4) > 0);
            if (random.Next(25) == 0) frame[random.Next(2)] ^= (byte)(1 << random.Next(8));
            stream.AddRange(frame.AsSpan(0, length));
        }

        return [.. stream];
    }

    private static string Run(byte[] bytes, IReadOnlyList<int> cuts)
    {
        var reader = new WebSocketReader(MessageMax);
        var sink = new Recorder();
        var at = 0;
        foreach (var cut in cuts)
        {
            if (!Feed(reader, sink, bytes.AsSpan(at, cut), cut)) break;
            at += cut;
        }

        return string.Join('|', sink.Log);
    }

    private static bool Feed(WebSocketReader reader, Recorder sink, ReadOnlySpan<byte> bytes, int step)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(step, bytes.Length);
            bytes[..count].CopyTo(reader.Free(count));
            reader.Commit(count);
            bytes = bytes[count..];
            var violation = reader.Read(sink);
            if (violation != WebSocketViolation.None) sink.Log.Add(violation.ToString());
            if (violation != WebSocketViolation.None || sink.Closed) return false;
        }

        return true;
    }

    /// <summary>The same rules in the plainest way: the whole stream at once, lists, exceptions.</summary>
    private static string NaiveTwin(byte[] bytes)
    {
        var log = new List<string>();
        List<byte>? message = null;
        var messageIsText = false;
        var at = 0;
        try
        {
            while (at + 2 <= bytes.Length)
            {
                int first = bytes[at], second = bytes[at + 1], opcode = first & 15;
                var final = first >= 128;
                if ((first & 0x70) != 0) throw new InvalidDataException("ReservedBits");
                if (second >= 128) throw new InvalidDataException("WrongMasking");
                if (opcode is > 2 and < 8 or > 10) throw new InvalidDataException("UnknownOpcode");
                if (opcode >= 8 && !final) throw new InvalidDataException("ControlFragmented");
                if (opcode >= 8 && second > 125) throw new InvalidDataException("ControlTooLong");
                if (opcode == 0 && message is null) throw new InvalidDataException("UnexpectedContinuation");
                if (opcode is 1 or 2 && message is not null) throw new InvalidDataException("ExpectedContinuation");
                var extra = second == 126 ? 2 : second == 127 ? 8 : 0;
                if (at + 2 + extra > bytes.Length) break;
                System.Numerics.BigInteger length = second;
                if (extra > 0) length = new(bytes.AsSpan(at + 2, extra), isUnsigned: true, isBigEndian: true);
                if (extra == 2 && length < 126 || extra == 8 && length < 65536) throw new InvalidDataException("LengthNotMinimal");
                if (opcode < 8 && length + (message?.Count ?? 0) > MessageMax) throw new InvalidDataException("TooLarge");
                if (at + 2 + extra + length > bytes.Length) break;
                var payload = bytes[(at + 2 + extra)..(at + 2 + extra + (int)length)];
                at += 2 + extra + (int)length;
                if (opcode is 9 or 10) log.Add((opcode == 9 ? "ping:" : "pong:") + Convert.ToHexString(payload));
                else if (opcode == 8)
                {
                    if (payload.Length == 1) throw new InvalidDataException("InvalidClose");
                    var code = payload.Length == 0 ? 1005 : payload[0] * 256 + payload[1];
                    if (payload.Length > 0 && !(code is >= 1000 and < 1004 or >= 1007 and < 1015 or >= 3000 and < 5000)) throw new InvalidDataException("InvalidClose");
                    log.Add($"close:{code}:{Text(payload.Length == 0 ? payload : payload[2..])}");
                    break;
                }
                else
                {
                    if (message is null) (message, messageIsText) = ([], opcode == 1);
                    message.AddRange(payload);
                    if (!final) continue;
                    byte[] whole = [.. message];
                    message = null;
                    log.Add(messageIsText ? "text:" + Text(whole) : "binary:" + Convert.ToHexString(whole));
                }
            }
        }
        catch (InvalidDataException e)
        {
            log.Add(e.Message);
        }

        return string.Join('|', log);
    }

    private static string Text(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException("InvalidUtf8");
        }
    }

    private sealed class Recorder : IWebSocketSink
    {
        public List<string> Log { get; } = [];

        public bool Closed { get; private set; }

        public bool OnData(ReadOnlySpan<byte> payload, bool isText)
        {
            Log.Add(isText ? "text:" + Encoding.UTF8.GetString(payload) : "binary:" + Convert.ToHexString(payload));
            return true;
        }

        public bool OnPing(ReadOnlySpan<byte> payload) => Add("ping:" + Convert.ToHexString(payload));

        public bool OnPong(ReadOnlySpan<byte> payload) => Add("pong:" + Convert.ToHexString(payload));

        public bool OnClose(ushort code, ReadOnlySpan<byte> reason)
        {
            Closed = true;
            return Add($"close:{code}:{Encoding.UTF8.GetString(reason)}");
        }

        private bool Add(string line)
        {
            Log.Add(line);
            return true;
        }
    }
}
