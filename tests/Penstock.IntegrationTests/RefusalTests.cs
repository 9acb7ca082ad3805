using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>What a node refuses to start on, with real files, ports and venues: one clear message, nothing lost.</summary>
[Trait("requirement", "R94")]
public class RefusalTests
{
    [Fact]
    public async Task An_unwritable_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("file"), "not a folder");
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "demo", "--duration", "1s", "--data", folder.In("file/run"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("cannot be written", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("--data", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "serve", "--data", folder.Path, "--port", port);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"port {port} cannot be used", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "'99999' is no port: 0 to 65535", "serve", "--data", "/tmp", "--port", "99999")]
    [InlineData(2, "is no port", "sidecar", "--wait", "--node", "/tmp", "--port", "-1")]
    [InlineData(4, "there is no such data folder", "serve", "--data", "/nonexistent")]
    [InlineData(4, "there is no such data folder", "token", "add", "ann", "--role", "viewer", "--data", "/nonexistent")]
    [InlineData(2, "Must be one of: 'viewer' 'trader' 'admin'", "token", "add", "ann", "--role", "king", "--data", "/tmp")]
    [InlineData(4, "there is no such certificate", "serve", "--data", "/tmp", "--certificate", "/nonexistent.pfx")]
    [InlineData(4, "there is no journal in this folder", "verify", "/usr")]
    [InlineData(4, "neither a journal's folder nor an exported audit trail", "verify", "/etc/passwd")]
    [InlineData(2, "penstock ctl order cancel", "ctl", "order", "cancel", "--idd", "x")]
    public async Task What_a_person_gets_wrong_is_named_with_its_own_exit_code(int exitCode, string says, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), arguments);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(says, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("  next:  ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_venue_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.In("node.json"), Configuration("kraken", "http://127.0.0.1:1/", "ws://127.0.0.1:1/", "ws://127.0.0.1:1/", "BTC-USDT"));
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("node.json"), "--data", folder.In("data"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("kraken cannot be reached", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_others_can_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("node.json"), Configuration("kraken", "", "", "", "BTC-USDT"));
        await File.WriteAllTextAsync(folder.In("keys.json"), """{"kraken":{"apiKey":"a","secret":"canary-secret","passphrase":""}}""");
        File.SetUnixFileMode(folder.In("keys.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var outcome = await PenstockProcess.RunAsync(
            folder.In("home"), "run", "--config", folder.In("node.json"), "--keys", folder.In("keys.json"), "--data", folder.In("data"));
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("chmod 600", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-secret", outcome.Errors + outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R161")]
    public async Task An_unknown_instrument_gets_a_suggestion_and_a_damaged_journal_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await using var demo =
            PenstockProcess.Start(folder.In("home"), "demo", "--json", "--venues", "kraken", "--port", "0", "--data", folder.In("run"));
        await demo.WaitForAsync("WARM-UP");
        var venue = JsonNode.Parse(await File.ReadAllTextAsync(folder.In("run/node.json")))!["venues"]![0]!;
        await File.WriteAllTextAsync(
            folder.In("node.json"),
            Configuration("kraken", (string)venue["rest"]!, (string)venue["publicStream"]!, (string)venue["privateStream"]!, "BTC-USDTT"));
        var unknown = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("node.json"), "--data", folder.In("other"));
        Assert.Equal(4, unknown.ExitCode);
        Assert.Contains("did you mean BTC-USDT?", unknown.Errors, StringComparison.Ordinal);

        var locked = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("run/node.json"), "--data", folder.In("run"));
        Assert.Equal(1, locked.ExitCode);
        Assert.Contains("another node writes this journal", locked.Errors, StringComparison.Ordinal);

        demo.Terminate();
        await demo.EndAsync();
        var segment = Directory.GetFiles(folder.In("run/journal"), "*.pjl").Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        var damaged = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("run/node.json"), "--data", folder.In("run"));
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("the journal is damaged", damaged.Errors, StringComparison.Ordinal);
        Assert.Contains("penstock verify", damaged.Errors, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment));
    }

    private static string Configuration(string venue, string rest, string publicStream, string privateStream, string symbol) => new JsonObject
    {
        ["version"] = 1, ["name"] = "test",
        ["venues"] = new JsonArray(new JsonObject
        {
            ["name"] = venue, ["rest"] = rest, ["publicStream"] = publicStream, ["privateStream"] = privateStream,
                ["symbols"] = new JsonArray(symbol),
        }),
    }.ToJsonString();
}
