using System.Diagnostics;

namespace Penstock.Control.Telemetry;

/// <summary>
/// The control plane's spans (R58): requests, commands, approvals, subscriptions, scrapes, pushes. Without a listener none is made. A span
/// says who did what and what came of it; tokens, bodies, queries and reasons never stand in one, because traces leave this machine.
/// </summary>
internal static class Spans
{
    public const string SourceName = "penstock.control";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Null while nobody listens.</summary>
    /// <param name="name">A verb and its object, from a bounded set: never text of a client's.</param>
    /// <param name="kind">Server for what came over a socket.</param>
    /// <param name="parent">The caller's context, where it named one.</param>
    public static Activity? Begin(string name, ActivityKind kind = ActivityKind.Internal, ActivityContext parent = default) =>
        parent == default ? Source.StartActivity(name, kind) : Source.StartActivity(name, kind, parent);

    /// <summary>How it went, in a word.</summary>
    public static void End(this Activity? span, bool isDone, string outcome)
    {
        if (span is null) return;
        span.SetTag("penstock.outcome", outcome);
        span.SetStatus(isDone ? ActivityStatusCode.Ok : ActivityStatusCode.Error, isDone ? null : outcome);
    }
}
