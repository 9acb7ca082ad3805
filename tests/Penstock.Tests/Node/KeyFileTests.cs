using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;

namespace Penstock.Tests.Node;

public sealed class KeyFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Keys_are_read_from_a_file_only_its_owner_can_read()
    {
        Write("""{"okx":{"apiKey":"k","secret":"s","passphrase":"p"},"kraken":{"apiKey":"k2","secret":"s2"}}""", Owner);
        var keys = KeyFileReader.Load(_file);
        Assert.Equal(("k", "s", "p"), (keys["okx"].ApiKey, keys["okx"].Secret, keys["okx"].Passphrase));
        Assert.Equal("", keys["kraken"].Passphrase);
        Assert.Empty(KeyFileReader.Load(null));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_others_can_touch_is_refused_before_it_is_read(UnixFileMode others)
    {
        Write("not even JSON", Owner | others);
        var problem = Assert.Throws<Problem>(() => KeyFileReader.Load(_file));
        Assert.Equal(ExitCode.Configuration, problem.Code);
        Assert.Contains("read by others", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"okx":{"apiKey":"SECRETKEY","secret":7}}""")]
    [InlineData("""{"okx":{"apiKey":"SECRETKEY"}}""")]
    [InlineData("""{"okx":null}""")]
    [InlineData("""["SECRETKEY"]""")]
    [InlineData("SECRETKEY")]
    public void What_is_wrong_is_said_without_quoting_a_key(string text)
    {
        Write(text, Owner);
        var problem = Assert.Throws<Problem>(() => KeyFileReader.Load(_file));
        var written = new StringWriter();
        problem.Print(written);
        Assert.Equal(ExitCode.Configuration, problem.Code);
        Assert.DoesNotContain("SECRETKEY", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_found()
        => Assert.Equal(ExitCode.NotFound, Assert.Throws<Problem>(() => KeyFileReader.Load(_file + "-none")).Code);

    private void Write(string text, UnixFileMode mode)
    {
        File.WriteAllText(_file, text);
        File.SetUnixFileMode(_file, mode);
    }

    [Theory]
    [InlineData("coinbase", "no elliptic-curve key")]
    [InlineData("kraken", "no base64!")]
    public void A_secret_the_venue_cannot_sign_with_is_one_clear_error_that_does_not_repeat_it(string name, string secret)
    {
        Assert.True(Catalogs.Venues.TryCreate(name, out var venue));
        var setup = new VenueSetup(venue!, venue!.Profile.Live, new Credentials { ApiKey = "key", Secret = secret, Passphrase = "" });
        var problem = Assert.Throws<Problem>(() => setup.CreateOrders(new VenueId(1), new InstrumentTable()));
        Assert.Equal(ExitCode.Configuration, problem.Code);
        Assert.Contains(name, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, problem.ToString(), StringComparison.Ordinal);
    }
}
