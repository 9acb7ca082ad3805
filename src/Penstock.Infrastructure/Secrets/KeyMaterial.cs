using System.Buffers.Binary;
using System.Text.Json;
using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>What an account's requests are signed with. In memory only, zeroed when disposed.</summary>
public sealed class KeyMaterial(SecretBuffer keyId, SecretBuffer secret, SecretBuffer passphrase) : IDisposable
{
    /// <summary>The public half; shown to nobody in full all the same.</summary>
    public SecretBuffer KeyId { get; } = keyId;

    public SecretBuffer Secret { get; } = secret;

    /// <summary>Empty where the venue knows no passphrase.</summary>
    public SecretBuffer Passphrase { get; } = passphrase;

    /// <summary>The first characters of a key id that is long enough for them to say little.</summary>
    public string MaskedKeyId => KeyId.Length >= 12 ? $"{System.Text.Encoding.ASCII.GetString(KeyId.Span[..4])}…" : "…";

    /// <summary>Reads <c>{"apiKey":"…","secret":"…","passphrase":"…"}</c>; passphrase may be absent.</summary>
    /// <exception cref="Problem">Something else; nothing of it is repeated.</exception>
    public static KeyMaterial FromJson(SecretBuffer json, string where)
    {
        SecretBuffer? keyId = null, secret = null, passphrase = null;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                ref var target = ref keyId;
                if (reader.ValueTextEquals("secret"u8)) target = ref secret;
                else if (reader.ValueTextEquals("passphrase"u8)) target = ref passphrase;
                else if (!reader.ValueTextEquals("apiKey"u8)) throw new JsonException();
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || target is not null) throw new JsonException();
                target = new SecretBuffer(reader.ValueSpan.Length);
                target.Truncate(reader.CopyString(target.Extend(target.Capacity)));
            }

            if (keyId is not { Length: > 0 } || secret is not { Length: > 0 }) throw new JsonException();
            return new KeyMaterial(keyId, secret, passphrase ?? new SecretBuffer(0));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            keyId?.Dispose();
            secret?.Dispose();
            passphrase?.Dispose();
            throw new Problem(ExitCode.Configuration, "the keys are not in the expected form", where, "they do not read as one JSON object of texts", """expected {"apiKey":"…","secret":"…","passphrase":"…"}, passphrase only where the venue has one""");
        }
    }

    /// <summary>The plain form inside an entry: each part with its length.</summary>
    internal SecretBuffer ToPlain()
    {
        var plain = new SecretBuffer(3 * sizeof(ushort) + KeyId.Length + Secret.Length + Passphrase.Length);
        foreach (var part in (SecretBuffer[])[KeyId, Secret, Passphrase])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(plain.Extend(sizeof(ushort)), (ushort)part.Length);
            plain.TryAppend(part.Span);
        }

        return plain;
    }

    internal static KeyMaterial FromPlain(ReadOnlySpan<byte> plain)
    {
        var parts = new SecretBuffer[3];
        for (var i = 0; i < parts.Length; i++)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(plain);
            parts[i] = SecretBuffer.Copy(plain.Slice(sizeof(ushort), length));
            plain = plain[(sizeof(ushort) + length)..];
        }

        return new KeyMaterial(parts[0], parts[1], parts[2]);
    }

    public override string ToString() => $"key {MaskedKeyId}";

    public void Dispose()
    {
        KeyId.Dispose();
        Secret.Dispose();
        Passphrase.Dispose();
    }
}
