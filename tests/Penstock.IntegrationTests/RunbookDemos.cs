namespace Penstock.IntegrationTests;

/// <summary>A demo that runs while the runbooks that only look at it are tried, and one that has ended.</summary>
public sealed class RunbookDemos : IAsyncLifetime
{
    public const string Venues = "okx,kraken";

    private readonly TemporaryFolder _folder = new();
    private PenstockProcess? _running;

    internal string Home => _folder.In("home");

    internal string Running => _folder.In("running");

    internal string Finished => _folder.In("finished");

    internal int Port { get; } = Tool.FreePort();

    public async ValueTask InitializeAsync()
    {
        var finished = await PenstockProcess.RunAsync(Home, "demo", "--duration", "15s", "--json", "--no-ui", "--venues", Venues, "--data", Finished);
        Assert.True(finished.ExitCode == 0, finished.Errors);
        _running = PenstockProcess.Start(Home, "demo", "--json", "--venues", Venues, "--port", $"{Port}", "--data", Running);
        await _running.WaitForAsync("READY");
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null) await _running.DisposeAsync();
        _folder.Dispose();
    }
}
