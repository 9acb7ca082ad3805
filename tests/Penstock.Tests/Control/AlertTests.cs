using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Control.Alerts;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Control;

/// <summary>Alerts against servers of the test's own: what people get, what is held back, what a dead server costs.</summary>
public sealed class AlertTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    [Trait("requirement", "R60")]
    [Trait("requirement", "E14")]
    public async Task The_same_alarm_is_told_once_in_a_while_and_counted()
    {
        var sink = new Kept();
        await using var desk = Desk(sink);
        for (var i = 0; i < 10; i++) desk.Take(Alarm($"okx: {i} events lost"));
        desk.Take(Alarm("kraken: another thing"));
        desk.Take(new LoggedEvent("info", "state", "READY", 0, null));
        await sink.CountAsync(2);
        _clock.AdvanceMs(60_000);
        desk.Take(Alarm("okx: 5 events lost"));
        await sink.CountAsync(3);
        Assert.Equal([0, 0, 9], sink.Alerts.Select(a => a.Repeated));
        Assert.Equal(9, desk.Held);
    }

    [Fact]
    [Trait("requirement", "R60")]
    public async Task A_webhook_and_a_bot_get_it_and_the_bots_token_is_in_no_message()
    {
        var heard = new ConcurrentQueue<(string Path, string Body)>();
        using var server = Serve(heard, out var address);
        using var http = new HttpClient();
        await using var desk = Desk(new WebhookSink(http, new Uri(address, "/hook")), new TelegramSink(http, address, "123:SECRET", "-100"));
        desk.Take(Alarm("okx: silent\r\nX-Injected: 1"));
        await UntilAsync(() => heard.Count == 2);
        var hook = JsonNode.Parse(heard.Single(h => h.Path == "/hook").Body)!;
        Assert.Equal(("alarm", "okx: silent??X-Injected: 1"), ((string?)hook["severity"], (string?)hook["text"]));
        var bot = heard.Single(h => h.Path == "/bot123:SECRET/sendMessage").Body;
        Assert.Contains("okx: silent", bot, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", bot, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R60")]
    public async Task An_e_mail_reaches_a_mail_server()
    {
        var mail = new TaskCompletionSource<string>();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = SmtpAsync(listener, mail);
        await using var desk = Desk(new EmailSink("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "penstock@example.org",
            "oncall@example.org", tls: false, credential: null));
        desk.Take(Alarm("breaker tripped: daily-loss"));
        var text = await mail.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Contains("oncall@example.org", text, StringComparison.Ordinal);
        Assert.Contains("daily-loss", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_down_is_tried_three_times_and_the_others_get_theirs()
    {
        var (sink, broken) = (new Kept(), new Broken());
        await using var desk = Desk(broken, sink);
        desk.Take(Alarm("x"));
        await sink.CountAsync(1);
        await UntilAsync(() => desk.Failed == 1);
        Assert.Equal((3, 1L), (broken.Attempts, desk.Sent));
    }

    [Fact]
    public async Task A_flood_of_different_alarms_is_bounded_and_what_is_lost_is_counted()
    {
        var stuck = new Stuck();
        await using var desk = Desk(stuck);
        for (var i = 0; i < 10_000; i++) desk.Take(Alarm(new string([.. $"{i}".Select(c => (char)(c - '0' + 'a'))])));
        Assert.InRange(desk.Shed, 10_000 - 300, 10_000);
    }

    [Fact]
    public void A_file_that_says_nothing_sensible_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-alerts-").FullName;
        foreach (var text in new[] { "x", "[]", "{\"web-hook\":{}}", "{\"webhook\":{}}", "{\"webhook\":{\"url\":\"no address\"}}" })
        {
            File.WriteAllText(Path.Combine(folder, "alerts.json"), text);
            Assert.Equal(ExitCode.Configuration, Assert.Throws<Problem>(() => AlertConfiguration.Load(folder, _clock)).Code);
        }

        Directory.Delete(folder, recursive: true);
    }

    private AlertDesk Desk(params IAlertSink[] sinks) =>
        new(sinks, "demo", TimeSpan.FromSeconds(60), warnings: false, TimeSpan.FromMilliseconds(1), _clock);

    private static LoggedEvent Alarm(string text) => new("alarm", "lost", text, 1_700_000_000_000_000_000, null);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < 1_000 && !condition(); i++) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.True(condition());
    }

    private static HttpListener Serve(ConcurrentQueue<(string, string)> heard, out Uri address)
    {
        var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        probe.Stop();
        var listener = new HttpListener();
        listener.Prefixes.Add(address.ToString());
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                var context = await listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                heard.Enqueue((context.Request.RawUrl!, await reader.ReadToEndAsync()));
                context.Response.Close();
            }
        });
        return listener;
    }

    private static async Task SmtpAsync(TcpListener listener, TaskCompletionSource<string> mail)
    {
        using var client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 test");
        var text = new StringBuilder();
        var inData = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            text.AppendLine(line);
            if (inData && line != ".") continue;
            if (inData) mail.TrySetResult(text.ToString());
            inData = line == "DATA";
            await writer.WriteLineAsync(line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 test" : inData ? "354 go on" : line == "QUIT"
                ? "221 bye" : "250 ok");
        }
    }

    private sealed class Kept : IAlertSink
    {
        public ConcurrentQueue<Alert> Alerts { get; } = new();

        public string Name => "kept";

        public Task SendAsync(Alert alert, CancellationToken cancel)
        {
            Alerts.Enqueue(alert);
            return Task.CompletedTask;
        }

        public Task CountAsync(int count) => UntilAsync(() => Alerts.Count == count);
    }

    private sealed class Broken : IAlertSink
    {
        public int Attempts { get; private set; }

        public string Name => "broken";

        public Task SendAsync(Alert alert, CancellationToken cancel)
        {
            Attempts++;
            throw new HttpRequestException("down");
        }
    }

    private sealed class Stuck : IAlertSink
    {
        public string Name => "stuck";

        public Task SendAsync(Alert alert, CancellationToken cancel) => new TaskCompletionSource().Task.WaitAsync(cancel);
    }
}
