using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>Steering a running node from other processes.</summary>
public class ControlTests
{
    [Fact]
    [Trait("requirement", "R81")]
    [Trait("requirement", "R73")]
    [Trait("requirement", "R75")]
    [Trait("requirement", "E27")]
    public async Task A_node_outlives_who_started_it_and_is_found_killed_resumed_and_drained_by_ctl()
    {
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "okx");
        await WriteConfiguration(folder, JsonNode.Parse(await venues.WaitForOutputAsync("okx"))![0]!);
        await using var starter =
            PenstockProcess.Start(
            folder.In("home"), "run", "--config", folder.In("node.json"), "--keys", folder.In("keys.json"), "--data", folder.In("data"));
        await starter.WaitForOutputAsync("READY");
        var pid = (int)(await Ctl(folder, "status", "--json")).LastLine["pid"]!;

        PenstockProcess.Signal(starter.Id, "KILL");
        await PenstockProcess.GoneAsync(starter.Id);
        var status = await Ctl(folder, "status", "--json");
        Assert.Equal((0, pid, "READY"), (status.ExitCode, (int)status.LastLine["pid"]!, (string?)status.LastLine["state"]));

        await AssertOrdersAreSteered(folder);
        Assert.Equal(2, (await Ctl(folder, "kill")).ExitCode);
        var killed = await Ctl(folder, "kill", "--reason", "drill");
        Assert.True(killed.ExitCode == 0, killed.Errors);
        Assert.Contains("Killed", killed.Output, StringComparison.Ordinal);
        Assert.Contains("Resumed", (await Ctl(folder, "resume", "--reason", "drill over")).Output, StringComparison.Ordinal);
        await SteerRisk(folder, pid);
        Assert.Equal(7, (await Ctl(folder, "log-level", "loud", "--why", "misspelt")).ExitCode);
        Assert.Equal(0, (await Ctl(folder, "log-level", "debug", "--why", "looking closer")).ExitCode);
        await KillsWhenItsControlPlaneIsSick(folder, pid);
        Assert.Equal(0, (await Ctl(folder, "drain", "--why", "end of drill")).ExitCode);
        await PenstockProcess.GoneAsync(pid);

        var inspected = (await PenstockProcess.RunAsync(folder.In("home"), "inspect", folder.In("data/journal"), "--json")).LastLine;
        var commands = inspected["commands"]!.AsArray().Select(c => $"{c!["command"]} {c["why"]}").ToList();
        Assert.Contains("Kill drill", commands);
        Assert.Contains("Resume drill over", commands);
        Assert.Contains("SetLimit smaller", commands);
        Assert.Contains("Kill SIGUSR1", commands);
        Assert.Contains("SetLogLevel looking closer", commands);
        Assert.Contains("Drain end of drill", commands);
        Assert.Contains(commands, c => c.StartsWith("BeginDay ", StringComparison.Ordinal));
        Assert.Equal(4, (await Ctl(folder, "status")).ExitCode);
    }

    /// <summary>A stop so far away that the engine holds it: placed once by two equal commands, changed, shown, cancelled.</summary>
    private static async Task AssertOrdersAreSteered(TemporaryFolder folder)
    {
        string[] place = ["order", "place", "--side", "sell", "--instrument", "BTC-USDT.okx", "--type", "stop", "--stop", "1", "--quantity", "0.01",
            "--key", "k1", "--reason", "drill"];
        var placed = await Ctl(folder, place);
        Assert.True(placed.ExitCode == 0, placed.Errors);
        var again = await Ctl(folder, place);
        Assert.Contains("already done", again.Output, StringComparison.Ordinal);
        var id = placed.Output.Trim().TrimEnd('.').Split(' ')[^1];
        Assert.Contains(id, again.Output, StringComparison.Ordinal);

        var changed = await Ctl(folder, "order", "modify", "--id", id, "--quantity", "0.02", "--reason", "drill");
        Assert.True(changed.ExitCode == 0, changed.Errors);
        Assert.Contains("Held", (await Ctl(folder, "order", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0.02m, (decimal)(await Ctl(folder, "order", "get", "--id", id, "--json")).LastLine["quantity"]!);
        Assert.Equal(0, (await Ctl(folder, "order", "cancel", "--id", id, "--reason", "drill")).ExitCode);
        Assert.Equal("Cancelled", (string?)(await Ctl(folder, "order", "get", "--id", id, "--json")).LastLine["state"]);
        Assert.Equal(2, (await Ctl(folder, "order", "place", "--side", "up")).ExitCode);
        Assert.NotEqual(0, (await Ctl(folder, "order", "cancel", "--id", "nonsense", "--reason", "drill")).ExitCode);
    }

    [Fact]
    [Trait("requirement", "R10")]
    public async Task What_a_node_captures_is_a_clean_recording()
    {
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "okx");
        await WriteConfiguration(folder, JsonNode.Parse(await venues.WaitForOutputAsync("okx"))![0]!);
        await using var node =
            PenstockProcess.Start(folder.In("home"), "run", "--config", folder.In("node.json"), "--data", folder.In("data"), "--set", "capture=true");
        await node.WaitForOutputAsync("READY");
        node.Terminate();
        await node.EndAsync();
        var recording = Assert.Single(Directory.GetFiles(folder.In("data/capture")));
        var figures = (await PenstockProcess.RunAsync(folder.In("home"), "inspect", "recording", recording, "--json")).LastLine;
        Assert.True((bool)figures["clean"]!, figures.ToJsonString());
        Assert.Equal(1, (int)figures["books"]!);
        Assert.True((long)figures["book_updates"]! > 0);
    }

    /// <summary>Limits, breakers and accounts are read and set; file and signal kill without the command socket.</summary>
    private static async Task SteerRisk(TemporaryFolder folder, int pid)
    {
        Assert.Contains("position instrument:1 is 0.5",
            (await Ctl(folder, "limits", "set", "position", "0.5", "--instrument", "BTC-USDT.OKX", "--why", "smaller")).Output,
            StringComparison.Ordinal);
        var limits = (await Ctl(folder, "limits", "list", "--json")).LastLine["limits"]!.AsArray();
        Assert.Contains(limits, l =>
            (string?)l!["name"] == "position" && (string?)l["of"] == "BTC-USDT.OKX" && (string?)l["cap"] == "0.5" && l["used"] is not null);
        Assert.Equal(7, (await Ctl(folder, "limits", "set", "positoin", "3", "--why", "misspelt")).ExitCode);
        Assert.Equal(7, (await Ctl(folder, "breaker", "arm", "volatility", "--instrument", "BTC-USDT.OKX", "--why", "nothing tripped")).ExitCode);
        Assert.Empty((await Ctl(folder, "breaker", "list", "--json")).LastLine["tripped"]!.AsArray());
        Assert.True((bool)(await Ctl(folder, "balances", "--json")).LastLine["balanced"]!);
        Assert.NotNull((await Ctl(folder, "pnl", "--json")).LastLine["today"]);
        Assert.NotNull((await Ctl(folder, "positions", "--json")).LastLine["positions"]);

        var file = folder.In("data/KILL");
        await File.WriteAllTextAsync(file + ".new", "strategy 1");
        File.Move(file + ".new", file);
        await Killed(folder, "strategy:1");
        Assert.Equal(7, (await Ctl(folder, "resume", "--strategy", "1", "--why", "too early")).ExitCode);
        File.Delete(file);
        Assert.Contains("Resumed strategy:1", (await Ctl(folder, "resume", "--strategy", "1", "--why", "removed")).Output, StringComparison.Ordinal);
        PenstockProcess.Signal(pid, "USR1");
        await Killed(folder, "node");
    }

    /// <summary>
    /// The control plane is stopped where it stands, and every place at the command socket is held by somebody who says nothing: the file kills
    /// all the same. What the node did is read from its journal, because nobody can be asked.
    /// </summary>
    private static async Task KillsWhenItsControlPlaneIsSick(TemporaryFolder folder, int pid)
    {
        Assert.Equal(0, (await Ctl(folder, "resume", "--why", "before the file")).ExitCode);
        await using var serve = PenstockProcess.Start(folder.In("home"), "serve", "--data", folder.In("data"), "--port", "0");
        await serve.WaitForOutputAsync("Console on ");
        PenstockProcess.Signal(serve.Id, "STOP");
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 64; i++)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder.In("data/ctl.sock")), TestContext.Current.CancellationToken);
                silent.Add(socket);
            }

            Assert.NotEqual(0, (await Ctl(folder, "kill", "--why", "nobody takes it")).ExitCode);
            await File.WriteAllTextAsync(folder.In("data/KILL"), "");
            await Journaled(folder, folder.In("data/KILL"));
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
            PenstockProcess.Signal(serve.Id, "CONT");
        }

        File.Delete(folder.In("data/KILL"));
        await Killed(folder, "node");
        Assert.False(System.Diagnostics.Process.GetProcessById(pid).HasExited);
    }

    private static async Task Journaled(TemporaryFolder folder, string why)
    {
        for (var i = 0; i < 50; i++)
        {
            var inspected = (await PenstockProcess.RunAsync(folder.In("home"), "inspect", folder.In("data/journal"), "--json")).LastLine;
            if (inspected["commands"]!.AsArray().Any(c => (string?)c!["command"] == "Kill" && (string?)c["why"] == why)) return;
        }

        Assert.Fail($"No kill because of {why} is in the journal.");
    }

    private static async Task Killed(TemporaryFolder folder, string scope)
    {
        for (var i = 0; i < 50; i++)
        {
            if ((await Ctl(folder, "limits", "list", "--json")).LastLine["killed"]!.AsArray().Any(k => (string?)k == scope)) return;
        }

        Assert.Fail($"{scope} was not killed.");
    }

    private static Task<Outcome> Ctl(TemporaryFolder folder, params string[] words) => PenstockProcess.RunAsync(folder.In("home"), ["ctl", .. words]);

    private static async Task WriteConfiguration(TemporaryFolder folder, JsonNode endpoint)
    {
        await File.WriteAllTextAsync(folder.In("node.json"), new JsonObject
        {
            ["version"] = 1, ["name"] = "steered", ["environment"] = "sim",
            ["venues"] = new JsonArray(new JsonObject
            {
                ["name"] = "okx", ["rest"] = (string?)endpoint["rest"], ["publicStream"] = (string?)endpoint["publicStream"],
                    ["privateStream"] = (string?)endpoint["privateStream"],
                ["symbols"] = new JsonArray("BTC-USDT"),
            }),
            ["strategies"] = new JsonArray(new JsonObject { ["name"] = "market-making", ["instrument"] = "BTC-USDT.OKX" }),
            ["readiness"] = new JsonObject { ["windowMs"] = 100 },
        }.ToJsonString());
        await File.WriteAllTextAsync(folder.In("keys.json"), new JsonObject
        {
            ["okx"] = new JsonObject { ["apiKey"] = (string?)endpoint["apiKey"], ["secret"] = (string?)endpoint["secret"],
                ["passphrase"] = (string?)endpoint["passphrase"] },
        }.ToJsonString());
        File.SetUnixFileMode(folder.In("keys.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
