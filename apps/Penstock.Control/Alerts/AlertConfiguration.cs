using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Alerts;

/// <summary>
/// Where alerts go, from alerts.json in the data folder:
/// <c>{"repeatMinutes":15,"warnings":false,"webhook":{"url":"…"},"email":{"host":"…","port":587,
/// "tls":true,"from":"…","to":"…","user":"…","passwordFile":"…"},"telegram":{"chat":"…","tokenFile":"…"}}</c>.
/// Secrets stand in files of their own.
/// </summary>
internal static class AlertConfiguration
{
    private static readonly string[] Known = ["repeatMinutes", "warnings", "webhook", "email", "telegram"];

    /// <summary>Null without the file: nobody is told.</summary>
    /// <exception cref="Problem">The file cannot be understood.</exception>
    public static AlertDesk? Load(string data, IMonotonicClock clock)
    {
        var path = Path.Combine(data, "alerts.json");
        if (!File.Exists(path)) return null;
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if (json.FirstOrDefault(f => !Known.Contains(f.Key)).Key is { } unknown)
                throw new FormatException($"'{unknown}' is not known; known: {string.Join(", ", Known)}");
            var minutes = (double?)json["repeatMinutes"] ?? 15;
            return new AlertDesk(Sinks(json), Path.GetFileName(data), TimeSpan.FromMinutes(minutes),
                (bool?)json["warnings"] ?? false, TimeSpan.FromSeconds(2), clock);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException or InvalidOperationException
            or NullReferenceException or ArgumentException or OverflowException)
        {
            throw new Problem(ExitCode.Configuration, "the alerts are not configured right", path, e.Message,
                "docs/guides/alerts.md shows a whole file");
        }
    }

    private static List<IAlertSink> Sinks(JsonObject json)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var sinks = new List<IAlertSink>();
        if (json["webhook"] is { } webhook) sinks.Add(new WebhookSink(http, new Uri((string)webhook["url"]!)));
        if (json["telegram"] is { } telegram)
        {
            sinks.Add(new TelegramSink(http, new Uri((string?)telegram["url"] ?? "https://api.telegram.org"), Secret(telegram["tokenFile"]!),
                (string)telegram["chat"]!));
        }

        if (json["email"] is { } email)
        {
            var credential = (string?)email["user"] is { } user ? new NetworkCredential(user, Secret(email["passwordFile"]!)) : null;
            sinks.Add(new EmailSink((string)email["host"]!, (int?)email["port"] ?? 587,
                (string)email["from"]!, (string)email["to"]!, (bool?)email["tls"] ?? true, credential));
        }

        return sinks;
    }

    private static string Secret(JsonNode file) => File.ReadAllText((string)file!).Trim();
}
