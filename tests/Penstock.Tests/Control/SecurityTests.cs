using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Penstock.Control.Security;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Control;

/// <summary>Tokens, approvals, keys, gates and host rules by themselves; A-numbers are those of docs/threat-model.md.</summary>
public sealed class SecurityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-tokens-").FullName;
    private readonly ManualClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_server_takes_no_settings_from_the_folder_it_is_started_in()
    {
        var builder = BareServer.CreateBuilder();
        Assert.Empty(((IConfigurationBuilder)builder.Configuration).Sources);
        Assert.Equal(AppContext.BaseDirectory, builder.Environment.ContentRootPath);
    }

    [Fact]
    public void A_token_is_known_by_its_hash_and_the_file_is_its_owners_alone()
    {
        var store = new TokenStore(_folder, _clock);
        var token = store.AddFirst();
        Assert.NotNull(token);
        Assert.Equal(new Principal("first", AccessRole.Admin), store.Find(token));
        Assert.Null(store.AddFirst());
        Assert.DoesNotContain(token, File.ReadAllText(store.FilePath), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(store.FilePath));
        // 256 random bits in base64url behind the prefix.
        Assert.Equal(TokenStore.Prefix.Length + 43, token.Length);
    }

    [Fact]
    [Trait("attack", "T01")]
    public void No_part_no_neighbour_and_no_case_of_a_token_is_a_token()
    {
        var store = new TokenStore(_folder, _clock);
        var token = store.Add("ann", AccessRole.Trader);
        Assert.Null(store.Find(""));
        Assert.Null(store.Find(token.AsSpan(0, token.Length - 1)));
        Assert.Null(store.Find(token + "x"));
        Assert.Null(store.Find(" " + token));
        Assert.Null(store.Find(new string('a', 100_000)));
        Assert.Null(store.Find(File.ReadAllText(store.FilePath)));
        for (var i = TokenStore.Prefix.Length; i < token.Length; i++)
        {
            var other = token.ToCharArray();
            other[i] = other[i] == 'A' ? 'B' : 'A';
            Assert.Null(store.Find(other));
        }
    }

    [Fact]
    [Trait("attack", "T03")]
    public void A_token_that_was_taken_away_is_nobodys_in_every_process_within_a_second()
    {
        var store = new TokenStore(_folder, _clock);
        var elsewhere = new TokenStore(_folder, _clock);
        var token = store.Add("ann", AccessRole.Trader);
        _clock.AdvanceMs(1_001);
        Assert.Equal("ann", elsewhere.Find(token)?.Name);
        var ann = elsewhere.Find(token)!;
        Assert.True(store.Remove("ANN"));
        Assert.False(store.Remove("ann"));
        Assert.Null(store.Find(token));
        _clock.AdvanceMs(1_001);
        Assert.Null(elsewhere.Find(token));
        Assert.False(elsewhere.IsStill(ann));
    }

    [Fact]
    [Trait("attack", "T02")]
    public void A_damaged_token_file_lets_nobody_in()
    {
        var store = new TokenStore(_folder, _clock);
        var token = store.Add("ann", AccessRole.Trader);
        foreach (var text in new[] { "", "{}", "[{}]", "[{\"name\":\"ann\",\"role\":\"king\",\"sha256\":\"00\"}]", "[1]", "null" })
        {
            File.WriteAllText(store.FilePath, text);
            File.SetLastWriteTimeUtc(store.FilePath, DateTime.UnixEpoch.AddDays(_clock.NowNs % 1_000 + 1));
            _clock.AdvanceMs(1_001);
            Assert.Null(store.Find(token));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("ann\n")]
    [InlineData("ännchen")]
    [InlineData("123456789012345678901234567890123")]
    [Trait("attack", "T04")]
    public void A_name_is_a_word(string name) => Assert.Throws<Problem>(() => new TokenStore(_folder, _clock).Add(name, AccessRole.Viewer));

    [Fact]
    public void A_name_stands_for_one_person()
    {
        var store = new TokenStore(_folder, _clock);
        store.Add("ann", AccessRole.Viewer);
        Assert.Throws<Problem>(() => store.Add("Ann", AccessRole.Admin));
    }

    [Fact]
    [Trait("requirement", "R72")]
    [Trait("attack", "F01")]
    [Trait("attack", "F02")]
    [Trait("attack", "F03")]
    [Trait("attack", "F04")]
    public void Nobody_approves_his_own_request_twice_late_or_unread()
    {
        var approvals = new Approvals(_clock);
        var body = new JsonObject { ["name"] = "position", ["value"] = "9", ["why"] = "because" };
        var asked = approvals.Request("limit", "position 9", body, "ann")!;

        Assert.Equal(DecisionOutcome.NotFound, approvals.Decide("a9-00000000", true, asked.Hash, "bob", "yes", out _));
        Assert.Equal(DecisionOutcome.OwnRequest, approvals.Decide(asked.Id, true, asked.Hash, "ann", "yes", out _));
        Assert.Equal(DecisionOutcome.OwnRequest, approvals.Decide(asked.Id, true, asked.Hash, "ANN", "yes", out _));
        Assert.Equal(DecisionOutcome.OtherHash, approvals.Decide(asked.Id, true, asked.Hash.ToUpperInvariant(), "bob", "yes", out _));
        Assert.Equal(DecisionOutcome.OtherHash, approvals.Decide(asked.Id, true, "", "bob", "yes", out _));
        Assert.Equal(DecisionOutcome.Taken, approvals.Decide(asked.Id, true, asked.Hash, "bob", "yes", out var taken));
        Assert.Equal(("limit", "ann", "bob"), (taken!.Command, taken.By, taken.DecidedBy));
        Assert.Equal(DecisionOutcome.Decided, approvals.Decide(asked.Id, true, asked.Hash, "cyd", "yes", out _));
        Assert.Equal(DecisionOutcome.Decided, approvals.Decide(asked.Id, false, asked.Hash, "cyd", "no", out _));

        var late = approvals.Request("limit", "position 9", body, "ann")!;
        Assert.NotEqual(asked.Hash, late.Hash);
        _clock.AdvanceMs(300_000);
        Assert.Equal(DecisionOutcome.Expired, approvals.Decide(late.Id, true, late.Hash, "bob", "yes", out _));
    }

    [Fact]
    [Trait("attack", "F06")]
    public void What_is_approved_cannot_be_changed_after_it_was_asked()
    {
        var approvals = new Approvals(_clock);
        var body = new JsonObject { ["value"] = "1", ["why"] = "because" };
        var asked = approvals.Request("limit", "", body, "ann")!;
        body["value"] = "1000000";
        approvals.Decide(asked.Id, true, asked.Hash, "bob", "yes", out var taken);
        Assert.Equal("1", (string?)taken!.Body["value"]);
    }

    [Fact]
    [Trait("attack", "F07")]
    public void Waiting_approvals_are_bounded_and_decided_ones_make_room()
    {
        var approvals = new Approvals(_clock);
        for (var i = 0; i < Approvals.PendingMax; i++) Assert.NotNull(approvals.Request("resume", "", [], "ann"));
        Assert.Null(approvals.Request("resume", "", [], "ann"));
        for (var round = 0; round < 10; round++)
        {
            foreach (var waiting in approvals.List().Where(a => a.State == ApprovalState.Pending)) approvals.Decide(waiting.Id, false, waiting.Hash,
                "ann", "no", out _);
            for (var i = 0; i < Approvals.PendingMax; i++) Assert.NotNull(approvals.Request("resume", "", [], "ann"));
        }

        Assert.Equal(Approvals.KeptMax, approvals.List().Count);
    }

    [Fact]
    public async Task A_command_with_the_same_key_is_done_once_even_while_the_first_is_on_its_way()
    {
        var keys = new IdempotencyKeys(_clock);
        var answer = new TaskCompletionSource<CommandAnswer>();
        var runs = 0;
        var first = keys.DoOnceAsync("ann", "k", "kill {}", Run);
        var second = keys.DoOnceAsync("ann", "k", "kill {}", Run);
        answer.SetResult(new CommandAnswer(200, "{}"));
        Assert.False((await first)!.Value.Replayed);
        Assert.True((await second)!.Value.Replayed);
        Assert.Null(await keys.DoOnceAsync("ann", "k", "kill {\"venue\":\"okx\"}", Run));
        Assert.Equal(1, runs);
        await keys.DoOnceAsync("bob", "k", "kill {}", Run);
        Assert.Equal(2, runs);
        _clock.AdvanceNs((long)TimeSpan.FromHours(25).TotalNanoseconds);
        await keys.DoOnceAsync("ann", "k", "kill {}", Run);
        Assert.Equal(3, runs);

        Task<CommandAnswer> Run()
        {
            runs++;
            return answer.Task;
        }
    }

    [Fact]
    public async Task Keys_are_bounded_the_oldest_go()
    {
        var keys = new IdempotencyKeys(_clock, keysMax: 10);
        var runs = 0;
        for (var i = 0; i < 100; i++) await keys.DoOnceAsync("ann", $"k{i}", "x", Run);
        Assert.True((await keys.DoOnceAsync("ann", "k99", "x", Run))!.Value.Replayed);
        Assert.False((await keys.DoOnceAsync("ann", "k0", "x", Run))!.Value.Replayed);

        Task<CommandAnswer> Run()
        {
            runs++;
            return Task.FromResult(new CommandAnswer(200, "{}"));
        }
    }

    [Fact]
    public void A_gate_lets_a_burst_pass_then_its_rate_and_invented_names_gain_nothing()
    {
        var gate = new RateGate(_clock, perSecond: 10, burst: 5, keysMax: 100);
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => gate.TryPass("ann")));
        _clock.AdvanceMs(300);
        Assert.Equal(3, Enumerable.Range(0, 20).Count(_ => gate.TryPass("ann")));
        Assert.True(gate.TryPass("bob"));
        var invented = Enumerable.Range(0, 10_000).Count(i => gate.TryPass($"name{i}"));
        Assert.True(invented <= 98 + 5, $"{invented} passed");
    }

    [Theory]
    [InlineData("127.0.0.1:7070", true)]
    [InlineData("localhost:7070", true)]
    [InlineData("[::1]:7070", true)]
    [InlineData("localhost", true)]
    [InlineData("evil.example:7070", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example:7070", false)]
    [InlineData("evil.example@localhost", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_its_own_names_are_answered(string? host, bool isOurs) =>
        Assert.Equal(isOurs, new HostRules(System.Net.IPAddress.Loopback).IsOurs(host));

    [Theory]
    [InlineData(null, true)]
    [InlineData("http://127.0.0.1:7070", true)]
    [InlineData("https://127.0.0.1:7070", true)]
    [InlineData("http://127.0.0.1:7071", false)]
    [InlineData("http://localhost:7070", false)]
    [InlineData("http://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("http://127.0.0.1:7070.evil.example", false)]
    [InlineData("file://", false)]
    public void Only_its_own_pages_may_talk(string? origin, bool may) =>
        Assert.Equal(may, new HostRules(System.Net.IPAddress.Loopback).MayTalk(origin, "127.0.0.1:7070"));
}
