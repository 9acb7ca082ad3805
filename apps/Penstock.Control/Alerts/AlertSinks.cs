using System.Net;
using System.Net.Mail;
using System.Text;
using System.Text.Json.Nodes;

namespace Penstock.Control.Alerts;

/// <summary>One way to reach people.</summary>
internal interface IAlertSink
{
    string Name { get; }

    /// <exception cref="Exception">It did not go through; the desk tries again and counts.</exception>
    Task SendAsync(Alert alert, CancellationToken cancel);
}

/// <summary>POSTs the alert as JSON.</summary>
internal sealed class WebhookSink(HttpClient http, Uri address) : IAlertSink
{
    public string Name => "webhook";

    public async Task SendAsync(Alert alert, CancellationToken cancel)
    {
        var json = new JsonObject
        {
            ["severity"] = alert.Severity, ["kind"] = alert.Kind, ["venue"] = alert.Venue, ["text"] = alert.Text, ["atMs"] = alert.UnixNs / 1_000_000,
            ["node"] = alert.Node, ["repeated"] = alert.Repeated,
        };
        using var body = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(address, body, cancel).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }
}

/// <summary>Sends a message through a Telegram bot.</summary>
/// <param name="http">Shared.</param>
/// <param name="address">https://api.telegram.org, or a test's server.</param>
/// <param name="botToken">A secret: never part of a message, a log or an error.</param>
/// <param name="chat">Where to.</param>
internal sealed class TelegramSink(HttpClient http, Uri address, string botToken, string chat) : IAlertSink
{
    public string Name => "telegram";

    public async Task SendAsync(Alert alert, CancellationToken cancel)
    {
        using var body = new StringContent(new JsonObject { ["chat_id"] = chat, ["text"] = alert.Sentence }.ToJsonString(), Encoding.UTF8,
            "application/json");
        using var response = await http.PostAsync(new Uri(address, $"/bot{botToken}/sendMessage"), body, cancel).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"Telegram answered {(int)response.StatusCode}");
    }
}

/// <summary>Sends an e-mail.</summary>
internal sealed class EmailSink(string host, int port, string from, string to, bool tls, NetworkCredential? credential) : IAlertSink
{
    public string Name => "e-mail";

    public async Task SendAsync(Alert alert, CancellationToken cancel)
    {
        using var client = new SmtpClient(host, port) { EnableSsl = tls, Credentials = credential };
        using var mail = new MailMessage(from, to, $"[Penstock {alert.Node}] {alert.Severity}: {alert.Kind}", alert.Sentence);
        await client.SendMailAsync(mail, cancel).ConfigureAwait(false);
    }
}
