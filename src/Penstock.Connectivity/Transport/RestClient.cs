using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Penstock.Infrastructure.Time;

namespace Penstock.Connectivity.Transport;

/// <summary>What a <see cref="RestClient"/> did. Written by its owner's thread.</summary>
public sealed class RestStatistics
{
    /// <summary>Requests handed to the network.</summary>
    public long Sent;

    /// <summary>Answers with a status of 2xx.</summary>
    public long Succeeded;

    /// <summary>Calls that ended in an error or another status.</summary>
    public long Failed;

    /// <summary>Answers 429 or 418: the venue says we are too fast.</summary>
    public long RateLimited;

    /// <summary>Requests refused because too many were waiting.</summary>
    public long Rejected;

    /// <summary>Steps in which the next request had to wait for a permit.</summary>
    public long Throttled;
}

/// <summary>
/// One agent's REST calls: begun and completed on its thread, performed on the thread pool. A call waits here, not in the
/// network, until the venue's limits allow it; it is formed only then, so that a signed time stamp is fresh. Completions
/// are taken by <see cref="TryTake"/>; there are never more of them than calls in flight. One thread.
/// </summary>
public sealed class RestClient(RestPool pool, IMonotonicClock clock)
{
    private const int PendingMax = 1024;
    private const int InFlightMax = 8;

    /// <summary>A formed request older than this is formed again: venues refuse old signatures.</summary>
    private const long FormedNsMax = 500_000_000;

    private static readonly TimeSpan PenaltyMax = TimeSpan.FromHours(1);

    private readonly Queue<Pending> _pending = new();
    private readonly ConcurrentQueue<RestCompletion> _completed = new();
    private readonly ConcurrentQueue<Pending> _unused = new();
    private int _inFlight;

    /// <summary>A call from its beginning to the thread pool; used again afterwards, so that a feed's snapshot requests cost no garbage on its thread.</summary>
    private sealed class Pending(RestClient client) : IThreadPoolWorkItem
    {
        public long Token { get; set; }

        /// <summary>Null where the request never changes.</summary>
        public Func<RestRequest>? Form { get; set; }

        /// <summary>Null where nobody takes calls back.</summary>
        public Func<bool>? MayLeave { get; set; }

        public RestRequest? Request { get; set; }

        public long FormedNs { get; set; }

        public void Execute()
        {
            var (request, token, mayLeave) = (Request!, Token, MayLeave);
            client._unused.Enqueue(this);
            _ = client.Perform(request, token, mayLeave);
        }
    }

    public RestStatistics Statistics { get; } = new();

    public int PendingCount => _pending.Count + _inFlight;

    /// <summary>Queues a call. False when too many wait already.</summary>
    public bool TryBegin(RestRequest request, long token) => TryBegin(request, null, token, null);

    /// <param name="form">Called on the owner's thread when the limits allow the call, perhaps more than once.</param>
    /// <param name="token">Comes back with the completion.</param>
    /// <param name="mayLeave">
    /// Asked on any thread, for the last time when a connection is there and the first byte is about to be written; once it says no, the
    /// call is <see cref="RestError.Withheld"/>.
    /// </param>
    public bool TryBegin(Func<RestRequest> form, long token, Func<bool>? mayLeave = null) => TryBegin(null, form, token, mayLeave);

    private bool TryBegin(RestRequest? request, Func<RestRequest>? form, long token, Func<bool>? mayLeave)
    {
        if (_pending.Count >= PendingMax)
        {
            Statistics.Rejected++;
            return false;
        }

        if (!_unused.TryDequeue(out var pending)) pending = new Pending(this);
        (pending.Request, pending.Form, pending.Token, pending.FormedNs, pending.MayLeave) = (request, form, token, long.MinValue, mayLeave);
        _pending.Enqueue(pending);
        return true;
    }

    /// <summary>Whether a call of this weight, begun now, would leave in the next step, those before it included.</summary>
    public bool CanSendNow(int weight, long nowNs) =>
        PendingCount < InFlightMax && pool.Limits.NextPermitNs(weight * (_pending.Count + 1), nowNs) <= nowNs;

    /// <summary>Hands out what the limits allow now. Returns how many.</summary>
    public int Step(long nowNs)
    {
        var sent = 0;
        while (_inFlight < InFlightMax && _pending.TryPeek(out var next))
        {
            if (next.MayLeave?.Invoke() == false)
            {
                End(next, RestError.Withheld, nowNs);
                continue;
            }

            if (next.Form is { } form && (next.Request is null || nowNs - next.FormedNs > FormedNsMax))
            {
                // The weight is known once the request is formed; while it has to wait it is not formed in every step.
                if (next.Request is { } old && pool.Limits.NextPermitNs(old.Weight, nowNs) > nowNs) break;
                (next.Request, next.FormedNs) = (form(), nowNs);
            }

            if (!pool.Limits.TryAcquire(next.Request!.Weight, nowNs))
            {
                Statistics.Throttled++;
                if (pool.Limits.NextPermitNs(next.Request.Weight, nowNs) != long.MaxValue) break;
                End(next, RestError.Invalid, nowNs);
                continue;
            }

            _pending.Dequeue();
            _inFlight++;
            sent++;
            Statistics.Sent++;
            ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
        }

        return sent;
    }

    /// <summary>The first that waits never leaves.</summary>
    private void End(Pending first, RestError error, long nowNs)
    {
        _pending.Dequeue();
        _inFlight++;
        _completed.Enqueue(new RestCompletion { Token = first.Token, Error = error, ReceivedNs = nowNs });
    }

    /// <summary>The next finished call, if any.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RestCompletion? completion)
    {
        if (!_completed.TryDequeue(out completion)) return false;
        _inFlight--;
        if (completion.IsSuccess) Statistics.Succeeded++;
        else Statistics.Failed++;
        if (completion.Status is 429 or 418) Statistics.RateLimited++;
        return true;
    }

    private async Task Perform(RestRequest request, long token, Func<bool>? mayLeave)
    {
        var body = mayLeave is null ? null : new RevocableBody(Encoding.UTF8.GetBytes(request.Body ?? ""), mayLeave);
        using var timeout = new CancellationTokenSource(pool.Options.Timeout);
        RestCompletion completion;
        try
        {
            completion = await Exchange(request, body, token, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception) when (body is { IsWithheld: true })
        {
            completion = Failure(request, token, RestError.Withheld);
        }
        catch (OperationCanceledException)
        {
            completion = Failure(request, token, RestError.Timeout);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            completion = Failure(request, token, RestError.Invalid);
        }
        catch (Exception)
        {
            // The boundary of a pool thread: whatever it was, the owner must learn that its call has ended.
            completion = Failure(request, token, RestError.Network);
        }

        _completed.Enqueue(completion);
    }

    private RestCompletion Failure(RestRequest request, long token, RestError error) =>
        new() { Token = token, Error = error, ReceivedNs = clock.NowNs, Url = Url(request) };

    private async Task<RestCompletion> Exchange(RestRequest request, RevocableBody? body, long token, CancellationToken cancel)
    {
        using var message = Message(request, body);
        var sentNs = clock.NowNs;
        using var response = await pool.SendAsync(message, cancel).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        if (status is 429 or 418 || status == pool.Options.BannedStatus || status == 503 && response.Headers.RetryAfter is not null) Penalise(response, status);
        var (buffer, length) = await ReadBody(response, cancel).ConfigureAwait(false);
        return new RestCompletion
        {
            Token = token,
            Error = length < 0 ? RestError.TooLarge : RestError.None,
            Status = status,
            SentNs = sentNs,
            ReceivedNs = clock.NowNs,
            UsedWeight = UsedWeight(response.Headers),
            Url = Url(request),
            Buffer = buffer,
            Length = Math.Max(0, length),
        };
    }

    private HttpRequestMessage Message(RestRequest request, RevocableBody? revocable)
    {
        // DangerousDisablePathAndQueryCanonicalization: what was signed is what is sent, byte for byte.
        var uri = new Uri(
            pool.Options.Endpoint.GetLeftPart(UriPartial.Authority) + request.PathAndQuery,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(request.Method, uri);
        message.Content = revocable ?? (request.Body is { } body ? new ByteArrayContent(Encoding.UTF8.GetBytes(body)) : null);
        if (request.Body is not null && request.ContentType is { } type) message.Content!.Headers.TryAddWithoutValidation("Content-Type", type);

        message.Headers.TryAddWithoutValidation("User-Agent", "penstock");
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private async Task<(byte[] Buffer, int Length)> ReadBody(HttpResponseMessage response, CancellationToken cancel)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var length = 0;
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false)) > 0;)
            {
                length += read;
                if (length > pool.Options.BodyBytesMax) return (buffer, -1);
                if (length < buffer.Length) continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        return (buffer, length);
    }

    private void Penalise(HttpResponseMessage response, int status)
    {
        // Without a hint: a minute, the usual window; a ban (418) starts at two.
        var wait = status == pool.Options.BannedStatus ? pool.Options.BanTime : TimeSpan.FromMinutes(status == 418 ? 2 : 1);
        if (response.Headers.RetryAfter is { } hint)
        {
            if (hint.Delta is { } delta) wait = delta;
            else if (hint.Date is { } date && response.Headers.Date is { } now) wait = date - now;
        }

        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > PenaltyMax ? PenaltyMax : wait;
        pool.Limits.BlockUntil(clock.NowNs + (long)wait.TotalNanoseconds);
    }

    private int UsedWeight(HttpResponseHeaders headers)
    {
        if (pool.Options.UsedWeightHeader is not { } name || !headers.TryGetValues(name, out var values)) return -1;
        foreach (var value in values)
        {
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var used)) return used;
        }

        return -1;
    }

    private string Url(RestRequest request) => pool.Options.Endpoint.GetLeftPart(UriPartial.Authority) + request.PathAndQuery;
}
