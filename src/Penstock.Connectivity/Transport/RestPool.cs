using System.Net;
using System.Security.Cryptography;
using Penstock.Connectivity.RateLimits;

namespace Penstock.Connectivity.Transport;

/// <summary>How to reach a venue's REST interface.</summary>
public sealed record RestPoolOptions
{
    /// <summary>Scheme, host and port; paths come with the requests.</summary>
    public required Uri Endpoint { get; init; }

    public required IReadOnlyList<RateLimit> Limits { get; init; }

    /// <summary>Connections of the pool (R106: 5 to 10).</summary>
    public int ConnectionsMax { get; init; } = 8;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A longer answer is given up.</summary>
    public int BodyBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>The response header with the weight the venue has counted; null where it has none.</summary>
    public string? UsedWeightHeader { get; init; }

    /// <summary>Another status than 429 and 418 that means a ban, of <see cref="BanTime"/> where no Retry-After says otherwise.</summary>
    public int? BannedStatus { get; init; }

    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>SHA-256 of a certificate to accept although the system does not trust it; null in production.</summary>
    public string? TrustedThumbprint { get; init; }
}

/// <summary>One venue's REST connections and limits, shared by all sessions of the process. Any thread.</summary>
public sealed class RestPool : IDisposable
{
    private readonly HttpClient _http;

    public RestPool(RestPoolOptions options)
    {
        Options = options;
        Limits = new SharedRateLimiter(options.Limits);
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = options.ConnectionsMax,
            AutomaticDecompression = DecompressionMethods.All,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (options.TrustedThumbprint is { } trusted)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors == System.Net.Security.SslPolicyErrors.None || certificate is not null &&
                certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(trusted, StringComparison.OrdinalIgnoreCase);
        }

        // The time limit is per request, around headers and body together.
        _http = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    public RestPoolOptions Options { get; }

    public SharedRateLimiter Limits { get; }

    public void Dispose() => _http.Dispose();

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
}
