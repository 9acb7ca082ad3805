using System.Globalization;
using System.Threading.Channels;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Alerts;

/// <param name="Severity">warning or alarm.</param>
/// <param name="Kind">As of the event.</param>
/// <param name="Venue">Null where it is not about one.</param>
/// <param name="Text">One line.</param>
/// <param name="UnixNs">When.</param>
/// <param name="Node">Which node's.</param>
/// <param name="Repeated">So many like it were held back since the last one.</param>
internal sealed record Alert(string Severity, string Kind, string? Venue, string Text, long UnixNs, string Node, long Repeated)
{
    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"{Severity.ToUpperInvariant()} {Node} {DateTimeOffset.FromUnixTimeMilliseconds(UnixNs / 1_000_000):yyyy-MM-dd HH:mm:ss}Z {Kind}: {Text}" +
        $"{(Repeated > 0 ? $" (and {Repeated} more like it before)" : "")}");
}

/// <summary>
/// Tells people what needs them (R60). The same thing again within a while is counted, not told; the count comes with the next one. A bounded
/// queue and its own task: a mail server that is down delays alerts and nothing else.
/// </summary>
internal sealed class AlertDesk : IAsyncDisposable
{
    private const int WaitingMax = 256;
    private const int AttemptsMax = 3;
    private const int KindsMax = 4_096;

    private static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<IAlertSink> _sinks;
    private readonly IMonotonicClock _clock;
    private readonly string _node;
    private readonly long _repeatNs;
    private readonly bool _warnings;
    private readonly TimeSpan _pause;
    private readonly Channel<Alert> _waiting;
    private readonly Dictionary<string, (long ToldNs, long Held)> _told = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private long _sent;
    private long _failed;
    private long _shed;

    /// <param name="sinks">Each gets every alert.</param>
    /// <param name="node">Named in every alert.</param>
    /// <param name="repeatAfter">The same thing is told again after this.</param>
    /// <param name="warnings">Warnings as well as alarms.</param>
    /// <param name="pause">Between attempts.</param>
    /// <param name="clock">Monotonic.</param>
    public AlertDesk(IReadOnlyList<IAlertSink> sinks, string node, TimeSpan repeatAfter, bool warnings, TimeSpan pause, IMonotonicClock clock)
    {
        (_sinks, _node, _repeatNs, _warnings, _pause, _clock) = (sinks, node, (long)repeatAfter.TotalNanoseconds, warnings, pause, clock);
        _waiting = Channel.CreateBounded<Alert>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest }, _ =>
            Interlocked.Increment(ref _shed));
        _sending = SendAllAsync();
    }

    /// <summary>Alerts that reached a sink, counted per sink.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Given up after the last attempt.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Lost because too many waited.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Held back as repeated.</summary>
    public long Held { get; private set; }

    /// <summary>Looks at one event; never waits. One thread.</summary>
    public void Take(LoggedEvent happened)
    {
        if (happened.Severity != "alarm" && !(_warnings && happened.Severity == "warning")) return;
        // Figures differ where the matter is the same.
        var key = $"{happened.Kind}|{happened.Venue}|{new string([.. happened.Text.Where(c => !char.IsAsciiDigit(c))])}";
        var now = _clock.NowNs;
        if (_told.TryGetValue(key, out var known) && now - known.ToldNs < _repeatNs)
        {
            _told[key] = (known.ToldNs, known.Held + 1);
            Held++;
            return;
        }

        if (_told.Count >= KindsMax) _told.Clear();
        _told[key] = (now, 0);
        _waiting.Writer.TryWrite(new Alert(happened.Severity, happened.Kind, happened.Venue, JsonText.OneLine(happened.Text), happened.UnixNs, _node,
            known.Held));
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SendAllAsync()
    {
        await foreach (var alert in _waiting.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            await Task.WhenAll(_sinks.Select(sink => SendAsync(sink, alert))).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(IAlertSink sink, Alert alert)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(AttemptMax);
            try
            {
                await sink.SendAsync(alert, limit.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _sent);
                return;
            }
            catch (Exception) when (!_stop.IsCancellationRequested)
            {
                if (attempt == AttemptsMax)
                {
                    Interlocked.Increment(ref _failed);
                    return;
                }
            }

            await Task.Delay(_pause * attempt, _stop.Token).ConfigureAwait(false);
        }
    }
}
