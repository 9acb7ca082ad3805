using Penstock.Control.Api;
using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>Route × role, generated from the route table: every route there is, with every role there is, and with none.</summary>
public sealed class RouteMatrixTests
{
    [Fact]
    [Trait("requirement", "R147")]
    [Trait("requirement", "E25")]
    [Trait("attack", "R01")]
    public async Task Every_route_opens_for_its_role_and_above_and_for_nobody_else()
    {
        await using var world = await ControlWorld.StartAsync();
        var wrong = new List<string>();
        var tried = 0;
        foreach (var route in world.Host.Routes.All)
        {
            foreach (var caller in Callers(world))
            {
                tried++;
                var path = route.Pattern.Replace("{**path}", "", StringComparison.Ordinal).Replace("{id}", "x",
                    StringComparison.Ordinal).Replace("{name}", "x", StringComparison.Ordinal);
                var (status, _) = await world.SendAsync(world.Request(route.Method, path, caller.Token));
                // A gate that asks for patience says nothing of roles.
                for (var i = 0; status == 429 && i < 40; i++)
                {
                    world.Clock.AddedNs += 1_000_000_000;
                    (status, _) = await world.SendAsync(world.Request(route.Method, path, caller.Token));
                }

                if (!IsRight(route, caller, status)) wrong.Add($"{route.Method} {route.Pattern} as {caller.Name}: {status}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(world.Host.Routes.All.Count * 5, tried);
        Assert.True(world.Host.Routes.All.Count > 40, $"only {world.Host.Routes.All.Count} routes");
    }

    /// <summary>What is public is written here once more: a route that becomes public has to be put here by hand.</summary>
    [Fact]
    public async Task Only_the_console_health_and_loopback_metrics_are_public()
    {
        await using var world = await ControlWorld.StartAsync();
        string[] allowed = ["/{**path}", "/health/live", "/health/ready", "/metrics"];
        Assert.Empty(world.Host.Routes.All.Where(r => (r.Role == AccessRole.Public || r.IsPublicOnLoopback) && !allowed.Contains(r.Pattern))
            .Select(r =>
            r.Pattern));
        Assert.All(world.Host.Routes.All.Where(r => r.Method == "POST"), r => Assert.True(r.Role >= AccessRole.Trader, r.Pattern));
    }

    [Fact]
    public async Task The_document_for_machines_says_what_the_table_says()
    {
        await using var world = await ControlWorld.StartAsync();
        var (status, document) = await world.SendAsync("GET", "/api/v1/openapi.json", AccessRole.Viewer);
        Assert.Equal((200, "3.1.0"), (status, (string?)document["openapi"]));
        var documented = document["paths"]!.AsObject().SelectMany(p =>
            p.Value!.AsObject().Select(m => $"{m.Key.ToUpperInvariant()} {p.Key} {(string?)m.Value!["x-role"]}")).Order(StringComparer.Ordinal);
        var mapped = world.Host.Routes.All.Where(r => r.IsDocumented).Select(r =>
            $"{r.Method} {r.Pattern} {r.Role.ToString().ToLowerInvariant()}").Order(StringComparer.Ordinal);
        Assert.Equal(mapped, documented);
    }

    private static IEnumerable<Caller> Callers(ControlWorld world) =>
        new[] { AccessRole.Viewer, AccessRole.Trader, AccessRole.Admin }.Select(r => new Caller(r.ToString(), world[r], r))
            .Prepend(new Caller("garbage", "pst_" + new string('A', 43), AccessRole.Public)).Prepend(new Caller("nobody", null, AccessRole.Public));

    private static bool IsRight(ApiRoute route, Caller caller, int status)
    {
        if (route.Role == AccessRole.Public) return status == 200;
        if (caller.Token is null || caller.Role == AccessRole.Public)
        {
            // A WebSocket may introduce itself later; without an upgrade it is a route as any other.
            return status == 401;
        }

        return caller.Role >= route.Role ? status is not (401 or 403) : status == 403;
    }

    private sealed record Caller(string Name, string? Token, AccessRole Role);
}
