using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Security;

internal enum ApprovalState : byte
{
    Pending,
    Approved,
    Denied,
    Expired,
    /// <summary>Approved, and then refused by the node.</summary>
    Failed,
}

/// <summary>What somebody asked for and somebody else has to allow.</summary>
internal sealed record Approval(string Id, string Command, string Summary, JsonObject Body, string Hash, string By, long AtMs, long ExpiresMs)
{
    public ApprovalState State { get; init; }

    public string? DecidedBy { get; init; }

    public string? DecidedWhy { get; init; }

    /// <summary>What the node answered once it was approved.</summary>
    public string? Result { get; init; }
}

/// <summary>How a decision was received.</summary>
internal enum DecisionOutcome : byte
{
    Taken,
    NotFound,
    /// <summary>It was decided before.</summary>
    Decided,
    Expired,
    /// <summary>Nobody approves what he asked for himself.</summary>
    OwnRequest,
    /// <summary>What was read is not what was asked.</summary>
    OtherHash,
}

/// <summary>
/// Four eyes (R72): dangerous commands wait here for a second principal. The hash binds the decision to command, body and asker; a decision
/// counts once; what waited too long is gone; nothing survives the process, so a restart forgets requests and never grants one. Any thread.
/// </summary>
internal sealed class Approvals(IWallClock clock)
{
    public const int KeptMax = 200;

    public const int PendingMax = 50;

    private static readonly long LifetimeMs = (long)TimeSpan.FromMinutes(5).TotalMilliseconds;

    private readonly List<Approval> _all = [];
    private readonly Lock _lock = new();
    private int _number;
    private long _version;

    /// <summary>Changes with every request and decision.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Oldest first; what has expired says so.</summary>
    public IReadOnlyList<Approval> List()
    {
        lock (_lock)
        {
            Expire();
            return [.. _all];
        }
    }

    /// <summary>Null when too many wait already.</summary>
    public Approval? Request(string command, string summary, JsonObject body, string by)
    {
        lock (_lock)
        {
            Expire();
            if (_all.Count(a => a.State == ApprovalState.Pending) >= PendingMax) return null;
            var now = NowMs;
            var id = string.Create(CultureInfo.InvariantCulture, $"a{++_number}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
            var approval = new Approval(id, command, summary, (JsonObject)body.DeepClone(), HashOf(id, command, body, by), by, now, now + LifetimeMs);
            if (_all.Count >= KeptMax) _all.Remove(_all.Find(a => a.State != ApprovalState.Pending)!);
            _all.Add(approval);
            _version++;
            return approval;
        }
    }

    /// <summary>Takes a decision; on <see cref="DecisionOutcome.Taken"/> the caller alone may carry the approval out.</summary>
    public DecisionOutcome Decide(string id, bool approve, string hash, string by, string why, out Approval? decided)
    {
        lock (_lock)
        {
            Expire();
            var index = _all.FindIndex(a => a.Id == id);
            decided = index < 0 ? null : _all[index];
            if (decided is null) return DecisionOutcome.NotFound;
            if (decided.State == ApprovalState.Expired) return DecisionOutcome.Expired;
            if (decided.State != ApprovalState.Pending) return DecisionOutcome.Decided;
            if (approve && decided.By.Equals(by, StringComparison.OrdinalIgnoreCase)) return DecisionOutcome.OwnRequest;
            if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(hash), Encoding.UTF8.GetBytes(decided.Hash)))
                return DecisionOutcome.OtherHash;
            decided = _all[index] = decided with { State = approve ? ApprovalState.Approved : ApprovalState.Denied, DecidedBy = by, DecidedWhy =
                why };
            _version++;
            return DecisionOutcome.Taken;
        }
    }

    /// <summary>What came of it.</summary>
    public void Finish(string id, bool done, string result)
    {
        lock (_lock)
        {
            var index = _all.FindIndex(a => a.Id == id);
            if (index < 0) return;
            _all[index] = _all[index] with { State = done ? ApprovalState.Approved : ApprovalState.Failed, Result = result };
            _version++;
        }
    }

    private static string HashOf(string id, string command, JsonObject body, string by) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{command}\n{by}\n{body.ToJsonString()}")));

    private long NowMs => clock.UnixNs / 1_000_000;

    private void Expire()
    {
        for (var i = 0; i < _all.Count; i++)
        {
            if (_all[i].State != ApprovalState.Pending || _all[i].ExpiresMs > NowMs) continue;
            _all[i] = _all[i] with { State = ApprovalState.Expired };
            _version++;
        }
    }
}
