using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Secrets;
using Penstock.Testing.Faults;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;

namespace Penstock.Tests.Node;

/// <summary>
/// Goal: 50 planted keys, secrets and passphrases go in through `keys add`, are used at nine simulated venues (the tenth, Coinbase, wants an EC key for a secret) under faults and with wrong
/// secrets, and are then looked for in every byte the programs wrote or showed. Method: the real programs as processes, the venues here.
/// </summary>
[Trait("requirement", "R146")]
[Trait("requirement", "R143")]
public sealed class KeysLeakTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-leak-").FullName;
    private readonly List<string> _canaries = [];
    private readonly StringBuilder _shown = new();
    private int _added;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Fifty_planted_secrets_are_found_nowhere()
    {
        var venues = SimulatedVenueCatalog.SpotNames.Where(v => v is not "coinbase" and not "tidewater").ToList();
        await using var farm = await SimulatedFarm.StartAsync(venues.Select((name, i) => new SimulatedVenueOptions
        {
            Name = name, Seed = (ulong)i + 1, ApiKey = Canary($"key-{name}"), Secret = Canary(name), Passphrase = Canary($"pass-{name}"),
        }));
        Private("old.pass", Encoding.ASCII.GetBytes(Canary("the old passphrase")));
        Private("new.pass", Encoding.ASCII.GetBytes(Canary("the new passphrase")));
        foreach (var endpoint in farm.Endpoints)
        {
            Add(endpoint.Name, "main", endpoint.ApiKey, endpoint.Secret, endpoint.Passphrase);
            if (_canaries.Count < 50) Add(endpoint.Name, "wrong", endpoint.ApiKey, Canary($"wrong-{endpoint.Name}"), Canary($"wrong-pass-{endpoint.Name}"));
        }

        Assert.True(_canaries.Count >= 45, $"{_canaries.Count}");
        while (_canaries.Count < 50) Add($"spare{_canaries.Count}", "main", Canary("spare key"), Canary("spare"), "");
        Show("penstock.dll", "keys", "rotate", "--store", In("keys.store"), "--unlock", $"file:{In("old.pass")}", "--new-unlock", $"file:{In("new.pass")}");
        Show("penstock.dll", "keys", "list", "--store", In("keys.store"), "--json");
        foreach (var account in (string[])["main", "wrong"]) await RunAsync(farm, account);
        foreach (var file in (string[])["old.pass", "new.pass"]) File.Delete(In(file));

        var haystacks = Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(_folder, f), Bytes(f))).Append(("output", Encoding.UTF8.GetBytes(_shown.ToString()))).ToList();
        Assert.True(haystacks.Count > 30 && haystacks.Any(h => h.Item1.Contains("journal", StringComparison.Ordinal)) && haystacks.Any(h => h.Item1.EndsWith(".ring", StringComparison.Ordinal)));
        var leaks = (from hay in haystacks from canary in _canaries from form in Forms(canary) where hay.Item2.AsSpan().IndexOf(form) >= 0 select $"{hay.Item1}: {canary}").Distinct().ToList();
        Assert.True(leaks.Count == 0, string.Join('\n', leaks));
    }

    [Fact]
    public void A_secret_on_the_command_line_is_refused_and_not_repeated()
    {
        var secret = Canary("typed");
        foreach (var option in (string[][])[["--secret", secret], [$"--secret={secret}"], ["--api-key", secret], ["--unlock", secret], ["--from", $"env:{secret}"]])
            Show("penstock.dll", ["keys", "add", "okx", "--store", In("keys.store"), .. option]);
        Assert.DoesNotContain(secret, _shown.ToString(), StringComparison.Ordinal);
        Assert.Contains("is not taken from the command line", _shown.ToString(), StringComparison.Ordinal);
    }

    private async Task RunAsync(SimulatedFarm farm, string account)
    {
        var names = KeyStore.List(In("keys.store")).Where(e => e.Account == account).Select(e => e.Venue).ToHashSet();
        var endpoints = farm.Endpoints.Where(e => names.Contains(e.Name)).ToList();
        File.WriteAllText(In($"{account}.json"), new JsonObject
        {
            ["name"] = account, ["environment"] = "sim", ["capture"] = true, ["readiness"] = new JsonObject { ["windowMs"] = 50 },
            ["keys"] = new JsonObject
            {
                ["store"] = In("keys.store"), ["unlock"] = $"file:{In("new.pass")}", ["accounts"] = new JsonObject(endpoints.Select(e => KeyValuePair.Create(e.Name, (JsonNode?)account))),
            },
            ["venues"] = new JsonArray([.. endpoints.Select(e => (JsonNode)new JsonObject
            {
                ["name"] = e.Name, ["rest"] = e.Rest.ToString(), ["publicStream"] = e.PublicStream.ToString(), ["privateStream"] = e.PrivateStream.ToString(),
                ["orderEntry"] = e.OrderEntry?.ToString() ?? "", ["symbols"] = new JsonArray("BTC-USDT"),
            })]),
            ["strategies"] = new JsonArray([.. endpoints.Select(e => (JsonNode)new JsonObject { ["name"] = "market-making", ["instrument"] = $"BTC-USDT.{e.Name.ToUpperInvariant()}" })]),
        }.ToJsonString());
        Show("penstock-node.dll", "config", "show", In($"{account}.json"));
        using var node = Start("penstock-node.dll", "run", "--config", In($"{account}.json"), "--data", In($"data-{account}"), "--supervised");
        await WaitAsync(() => File.Exists(In($"data-{account}/counters")), 60);
        _shown.Append(File.ReadAllText($"/proc/{node.Id}/cmdline")).Append(File.ReadAllText($"/proc/{node.Id}/environ"));
        await WaitAsync(() => account != "main" || farm.Exchanges.Sum(e => e.Account().Trades.Count + e.Account().OpenOrders.Count) > 0, 60);
        Assert.True(account != "main" || farm.Exchanges.Any(e => e.Account().Trades.Count + e.Account().OpenOrders.Count > 0), _shown.ToString());
        foreach (var exchange in farm.Exchanges)
        {
            exchange.Faults.Arm(FaultKind.Disconnect, 1);
            exchange.Faults.SetRate(FaultKind.DropFrame, 500);
        }

        await WaitAsync(() => false, 2);
        foreach (var exchange in farm.Exchanges) exchange.Faults.Clear();
        node.StandardInput.Close();
        await node.WaitForExitAsync();
        Show("penstock-node.dll", "inspect", In($"data-{account}/journal"));
        Show("penstock-node.dll", "inspect", "instruments", In($"data-{account}"));
    }

    private void Add(string venue, string account, string key, string secret, string passphrase)
    {
        Private("key.json", Encoding.UTF8.GetBytes(new JsonObject { ["apiKey"] = key, ["secret"] = secret, ["passphrase"] = passphrase }.ToJsonString()));
        if (_added++ >= 2)
        {
            // The verb is the same for all; a derivation of 600,000 rounds for each would only take time.
            using var store = KeyStore.Open(In("keys.store"), new SecretSource(SecretOrigin.File, In("old.pass")));
            using var json = PrivateFile.Read(In("key.json"), "key");
            using var material = KeyMaterial.FromJson(json, "");
            store.Add(new KeyEntry { Venue = venue, Account = account }, material);
        }
        else
        {
            Show("penstock.dll", "keys", "add", venue, "--account", account, "--store", In("keys.store"), "--unlock", $"file:{In("old.pass")}", "--from", $"file:{In("key.json")}");
        }

        File.Delete(In("key.json"));
    }

    /// <summary>Base64, because one venue insists; and long enough to be found by chance nowhere.</summary>
    private string Canary(string name)
    {
        _canaries.Add(Convert.ToBase64String(Encoding.ASCII.GetBytes($"canary {name} number {_canaries.Count} of this test")));
        return _canaries[^1];
    }

    private static IEnumerable<byte[]> Forms(string canary) =>
    [
        Encoding.UTF8.GetBytes(canary), Encoding.Unicode.GetBytes(canary), Convert.FromBase64String(canary), Encoding.UTF8.GetBytes(Uri.EscapeDataString(canary)),
        Encoding.UTF8.GetBytes(canary.Replace("=", "\\u003D", StringComparison.Ordinal)), Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(canary))[..32]),
    ];

    private void Show(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        process.WaitForExit();
    }

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["PENSTOCK_HOME"] = In("home");
        var process = Process.Start(start)!;
        void Take(object _, DataReceivedEventArgs line)
        {
            lock (_shown) _shown.AppendLine(line.Data);
        }

        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task WaitAsync(Func<bool> condition, int seconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < seconds * 10 && !condition(); i++) await timer.WaitForNextTickAsync();
    }

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string In(string name) => Path.Combine(_folder, name);

    private void Private(string name, byte[] content)
    {
        File.WriteAllBytes(In(name), content);
        File.SetUnixFileMode(In(name), PrivateFile.OwnerOnly);
    }
}
