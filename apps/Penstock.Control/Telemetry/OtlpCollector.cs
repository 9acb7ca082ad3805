using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Telemetry;

/// <summary>The OpenTelemetry collector a verb was told of, by --otlp or OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
internal static class OtlpCollector
{
    public const string Help = "OpenTelemetry collector, by OTLP over HTTP, as in http://127.0.0.1:4318. Also OTEL_EXPORTER_OTLP_ENDPOINT.";

    /// <summary>How long a collector may take for one push.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Null where none is named.</summary>
    /// <param name="text">The option's value.</param>
    /// <param name="verb">Whose option it is, for the message.</param>
    /// <exception cref="Problem">It is no address.</exception>
    public static Uri? Of(string? text, string verb)
    {
        text ??= Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (string.IsNullOrEmpty(text)) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw new Problem(ExitCode.Usage, $"'{text}' is not the address of a collector", $"penstock {verb} --otlp",
                "expected http://host:port or https://host:port", $"penstock {verb} --otlp http://127.0.0.1:4318");
    }

    /// <summary>Where one signal goes: below the collector's path, unless that names the signal already.</summary>
    /// <param name="collector">As it was named.</param>
    /// <param name="signal">metrics or traces.</param>
    public static Uri For(Uri collector, string signal)
    {
        var path = collector.AbsolutePath.TrimEnd('/');
        foreach (var other in (string[])["/v1/metrics", "/v1/traces"])
        {
            if (path.EndsWith(other, StringComparison.Ordinal)) path = path[..^other.Length];
        }

        return new UriBuilder(collector) { Path = $"{path}/v1/{signal}" }.Uri;
    }
}
