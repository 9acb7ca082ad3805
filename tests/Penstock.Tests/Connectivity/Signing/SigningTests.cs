using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity.Signing;
using Penstock.Venues.Kraken;

namespace Penstock.Tests.Connectivity.Signing;

public class SigningTests
{
    private const string BinanceSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    private const string KrakenSecret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";

    private static string Hex(string secret, string payload)
    {
        using var signer = new HmacSigner(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        Span<byte> signature = stackalloc byte[128];
        return Encoding.ASCII.GetString(signature[..signer.Append(Encoding.UTF8.GetBytes(payload)).FinishHex(signature)]);
    }

    private static string Base64(string secret, string payload)
    {
        using var signer = new HmacSigner(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        Span<byte> signature = stackalloc byte[128];
        return Encoding.ASCII.GetString(signature[..signer.Append(Encoding.UTF8.GetBytes(payload)).FinishBase64(signature)]);
    }

    private static string ApiSign(string secret, string path, string nonce, string body)
    {
        var signer = new KrakenSigner(new Credentials { ApiKey = "k", Secret = secret }, new NonceSource());
        Span<byte> signature = stackalloc byte[KrakenSigner.SignatureBytes];
        var length = signer.Sign(Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(nonce), Encoding.ASCII.GetBytes(body), signature);
        return Encoding.ASCII.GetString(signature[..length]);
    }

    [Theory, Trait("requirement", "R144")]
    [InlineData("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71")]
    [InlineData("apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24")]
    public void Binances_published_examples_are_reproduced(string payload, string expected) => Assert.Equal(expected, Hex(BinanceSecret, payload));

    [Fact, Trait("requirement", "R144")]
    public void Okx_published_example_is_reproduced() => Assert.Equal("PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=",
        Base64("chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO", "2020-12-08T09:08:57.715ZGET/api/v5/account/balance"));

    [Fact, Trait("requirement", "R144")]
    public void Krakens_published_example_is_reproduced() => Assert.Equal(
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
        ApiSign(KrakenSecret, "/0/private/AddOrder", "1616492376594",
            "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"));

    [Fact]
    public void Shared_vectors_of_the_three_venues_are_reproduced()
    {
        var path = FindVectors();
        if (path is null) Assert.Skip("shared/vectors/vectors.json is not beside this repository.");
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(path!));
        var checkedCount = 0;
        foreach (var vector in vectors.RootElement.GetProperty("signing").EnumerateArray())
        {
            var inputs = vector.GetProperty("inputs");
            string Input(string name) => inputs.GetProperty(name).GetString()!;
            var prehash = vector.GetProperty("prehash").GetString()!;
            var signed = vector.GetProperty("exchange").GetString() switch
            {
                "binance" => Hex(Input("secret"), prehash),
                "okx" => Base64(Input("secret"), prehash),
                "kraken" => ApiSign(Input("secret"), Input("path"), Input("nonce"), Input("postdata")),
                _ => null,
            };
            if (signed is null) continue;
            Assert.Equal(vector.GetProperty("expected").GetString(), signed);
            checkedCount++;
        }

        Assert.Equal(3, checkedCount);
    }

    [Fact, Trait("requirement", "R144")]
    public void Every_way_to_sign_equals_the_platforms_for_any_key_and_message_however_it_is_cut()
    {
        var random = new Random(19);
        Span<byte> signature = stackalloc byte[64];
        for (var round = 0; round < 2_000; round++)
        {
            var key = new byte[random.Next(0, 200)];
            var message = new byte[random.Next(0, 400)];
            random.NextBytes(key);
            random.NextBytes(message);
            var expected = Convert.ToHexStringLower(HMACSHA256.HashData(key, message));
            foreach (var isFast in NativeSha256.IsAvailable ? (bool[])[true, false] : [false])
            {
                using var signer = new HmacSigner(HashAlgorithmName.SHA256, key, isFast);
                for (var again = 0; again < 2; again++)
                {
                    for (var at = 0; at < message.Length;)
                    {
                        var length = Math.Min(random.Next(0, 150), message.Length - at);
                        signer.Append(message.AsSpan(at, length));
                        at += length;
                    }

                    Assert.Equal(64, signer.FinishHex(signature));
                    Assert.Equal(expected, Encoding.ASCII.GetString(signature));
                }
            }
        }
    }

    [Fact, Trait("requirement", "R144")]
    public void The_fast_signer_is_in_use_where_openssl_is()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libcrypto.so.3", out _)) Assert.Skip("No libcrypto.so.3 here: signing goes the general way.");
        Assert.True(NativeSha256.IsAvailable);
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    public void A_signer_used_again_gives_the_same_signature_and_allocates_nothing(string algorithm)
    {
        var name = new HashAlgorithmName(algorithm);
        using var signer = new HmacSigner(name, "key"u8);
        Span<byte> first = stackalloc byte[128];
        Span<byte> again = stackalloc byte[128];
        for (var i = 0; i < 100; i++) signer.Append("part one "u8).Append("part two"u8).FinishHex(first);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) signer.Append("part one part two"u8).FinishHex(again);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        var expected = Convert.ToHexStringLower(CryptographicOperations.HmacData(name, "key"u8, "part one part two"u8));
        Assert.Equal(expected, Encoding.ASCII.GetString(first[..expected.Length]));
        Assert.True(first.SequenceEqual(again));
    }

    [Fact]
    public void Nonces_increase_strictly_over_a_clock_that_stands_still_or_steps_back()
    {
        var nonces = new NonceSource();
        var random = new Random(7);
        var unixNs = 1_700_000_000_000_000_000L;
        var last = 0L;
        for (var i = 0; i < 10_000; i++)
        {
            unixNs += random.NextInt64(-5_000_000, 6_000_000);
            var nonce = nonces.Next(unixNs);
            Assert.True(nonce > last);
            Assert.True(nonce >= unixNs / 1000);
            last = nonce;
        }

        // A new process a second later needs nothing of the old one; one with a clock that lags needs the floor.
        Assert.True(new NonceSource().Next(unixNs + 1_000_000_000_000) > last);
        Assert.Equal(last + 1, new NonceSource(floor: last).Next(unixNs - 1_000_000_000_000));
    }

    [Fact]
    public void A_kraken_secret_that_is_not_base64_is_refused_without_being_shown()
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new KrakenSigner(new Credentials { ApiKey = "k", Secret = "not*base64" }, new NonceSource()));
        Assert.DoesNotContain("not*base64", refused.Message);
    }

    private static string? FindVectors()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Penstock.slnx"))) continue;
            var path = Path.Combine(folder.FullName, "..", "shared", "vectors", "vectors.json");
            return File.Exists(path) ? path : null;
        }

        return null;
    }
}
