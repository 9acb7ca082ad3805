using System.Security.Cryptography;
using System.Text;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Secrets;

namespace Penstock.Tests.Infrastructure.Secrets;

[Trait("requirement", "R143")]
[Trait("requirement", "R146")]
public sealed class SecretsTests
{
    /// <summary>RFC 7914 §11, PBKDF2-HMAC-SHA256; the framework's function as the store uses it.</summary>
    [Theory]
    [InlineData("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbcca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")]
    [InlineData("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d")]
    public void Pbkdf2_gives_what_the_rfc_says(string password, string salt, int iterations, string expected)
    {
        expected = expected.Length > 64 ? expected[..64] : expected;
        var derived = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), iterations, HashAlgorithmName.SHA256, 32);
        Assert.Equal(expected, Convert.ToHexStringLower(derived));
    }

    /// <summary>McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test case 16 (AES-256 with additional data).</summary>
    [Fact]
    public void An_envelope_is_aes_256_gcm_as_published()
    {
        var key = Convert.FromHexString("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        var box = Convert.FromHexString("cafebabefacedbaddecaf888" + "76fc6ece0f4e1768cddf8853bb2d551b"
            + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
        var bound = Convert.FromHexString("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        using var plain = KeyEntry.Decrypt(key, box, bound);
        Assert.StartsWith("d9313225f88406e5a55909c5aff5269a", Convert.ToHexStringLower(plain!.Span), StringComparison.Ordinal);
        Assert.Null(KeyEntry.Decrypt(key, box, bound.AsSpan(1)));
        Assert.Equal(box.Length, KeyEntry.Encrypt(key, plain.Span, bound).Length);
    }

    [Fact]
    public void A_master_key_depends_on_every_input_and_its_parts_differ()
    {
        var recipe = MasterKeyRecipe.New(isKeyFile: true);
        using var one = MasterKey.Derive(new byte[32], recipe);
        using var same = MasterKey.Derive(new byte[32], recipe);
        using var salted = MasterKey.Derive(new byte[32], MasterKeyRecipe.New(isKeyFile: true));
        Assert.True(one.Wrap.SequenceEqual(same.Wrap) && one.Seal.SequenceEqual(same.Seal) && one.Check.SequenceEqual(same.Check));
        Assert.False(one.Wrap.SequenceEqual(one.Seal) || one.Wrap.SequenceEqual(one.Check) || one.Seal.SequenceEqual(one.Check) || one.Wrap.SequenceEqual(salted.Wrap));
    }

    [Fact]
    public unsafe void A_buffer_is_kept_out_of_dumps_and_is_zero_where_it_was_cut()
    {
        using var buffer = SecretBuffer.FromText("a secret that is long enough");
        buffer.Truncate(8);
        Assert.Equal("a secret", buffer.ToText());
        Assert.True(buffer.Extend(12).IndexOfAnyExcept((byte)0) < 0);
        fixed (byte* at = buffer.Span) Assert.Contains(" dd ", FlagsOf((ulong)at) + " ", StringComparison.Ordinal);
        Assert.Equal("(secret)", buffer.ToString());
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.False(new SecretBuffer(3).TryAppend("four"u8));
    }

    [Theory]
    [InlineData("tty", SecretOrigin.Terminal)]
    [InlineData("fd:3", SecretOrigin.Descriptor)]
    [InlineData("file:/a/b", SecretOrigin.File)]
    [InlineData("key-file:/a", SecretOrigin.KeyFile)]
    [InlineData("credential:penstock", SecretOrigin.Credential)]
    public void A_source_is_named_and_never_the_secret(string text, SecretOrigin expected) => Assert.Equal(expected, SecretSource.Parse(text, "--unlock").Origin);

    [Theory]
    [InlineData("env:CANARY_PASSPHRASE")]
    [InlineData("canary passphrase")]
    [InlineData("fd:canary")]
    [InlineData("credential:../canary")]
    [InlineData("file:")]
    public void Anything_else_is_refused_and_not_repeated(string text)
    {
        var problem = Assert.Throws<Problem>(() => SecretSource.Parse(text, "--unlock"));
        var printed = new StringWriter();
        problem.Print(printed);
        Assert.Equal(ExitCode.Usage, problem.Code);
        Assert.DoesNotContain("canary", printed.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{"apiKey":"a-canary","secret":"b\nc","passphrase":"p"}""", true)]
    [InlineData("""{"apiKey":"a-canary","secret":"b"}""", true)]
    [InlineData("""{"apiKey":"a-canary"}""", false)]
    [InlineData("""{"apiKey":"a-canary","secret":""}""", false)]
    [InlineData("""{"apiKey":"a-canary","secret":"b","secret":"c"}""", false)]
    [InlineData("""{"apiKey":"a-canary","secret":"b","other":"c"}""", false)]
    [InlineData("""{"apiKey":7,"secret":"b"}""", false)]
    [InlineData("""["canary"]""", false)]
    [InlineData("canary", false)]
    [InlineData("", false)]
    public void Keys_are_read_from_one_form_and_nothing_of_another_is_repeated(string json, bool isFine)
    {
        using var buffer = SecretBuffer.FromText(json);
        if (isFine)
        {
            using var keys = KeyMaterial.FromJson(buffer, "fd:3");
            Assert.Equal("a-canary", keys.KeyId.ToText());
            return;
        }

        var problem = Assert.Throws<Problem>(() => KeyMaterial.FromJson(buffer, "fd:3"));
        var printed = new StringWriter();
        problem.Print(printed);
        Assert.DoesNotContain("canary", printed.ToString(), StringComparison.Ordinal);
    }

    private static string FlagsOf(ulong address)
    {
        var inside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var dash = line.IndexOf('-', StringComparison.Ordinal);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (dash > 0 && dash < space && ulong.TryParse(line.AsSpan(0, dash), System.Globalization.NumberStyles.HexNumber, null, out var from))
                inside = address >= from && address < Convert.ToUInt64(line[(dash + 1)..space], 16);
            else if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal))
                return line;
        }

        return "";
    }
}
