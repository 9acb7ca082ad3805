using Penstock.Infrastructure.Time;

namespace Penstock.Control.Security;

/// <param name="Status">HTTP.</param>
/// <param name="Body">JSON, whole.</param>
internal sealed record CommandAnswer(int Status, string Body);

/// <summary>
/// A command sent twice is done once: the second one gets the first one's answer, even while that is still on its way. Keys belong to their
/// principal, live a day, and are bounded in number; the oldest go first. Any thread.
/// </summary>
internal sealed class IdempotencyKeys(IMonotonicClock clock, int keysMax = 10_000)
{
    private static readonly long LifetimeNs = (long)TimeSpan.FromHours(24).TotalNanoseconds;

    private readonly Dictionary<(string Who, string Key), Entry> _entries = [];
    private readonly Queue<(string Who, string Key)> _oldest = [];
    private readonly Lock _lock = new();

    private sealed record Entry(string Request, long AtNs, TaskCompletionSource<CommandAnswer> Answer);

    public static bool IsKey(string? key) => key is { Length: > 0 and <= 64 } && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Does the command, or takes the answer of the first time. Null: the key was used for another request.</summary>
    /// <param name="request">Route and body as they came.</param>
    public async Task<(CommandAnswer Answer, bool Replayed)?> DoOnceAsync(string who, string key, string request, Func<Task<CommandAnswer>> run)
    {
        Entry entry;
        var first = false;
        lock (_lock)
        {
            Forget();
            if (!_entries.TryGetValue((who, key), out entry!))
            {
                first = true;
                entry = new Entry(request, clock.NowNs, new TaskCompletionSource<CommandAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
                _entries.Add((who, key), entry);
                _oldest.Enqueue((who, key));
            }
        }

        if (entry.Request != request) return null;
        if (first)
        {
            try
            {
                entry.Answer.SetResult(await run().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                entry.Answer.SetException(e);
            }
        }

        return (await entry.Answer.Task.ConfigureAwait(false), !first);
    }

    private void Forget()
    {
        while (_oldest.TryPeek(out var key) && (_oldest.Count >= keysMax || clock.NowNs - _entries[key].AtNs > LifetimeNs))
        {
            _oldest.Dequeue();
            _entries.Remove(key);
        }
    }
}
