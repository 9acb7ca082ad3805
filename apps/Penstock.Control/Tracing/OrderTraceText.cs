using System.Globalization;

namespace Penstock.Control.Tracing;

/// <summary>An order's causes for people: one line for each moment.</summary>
internal static class OrderTraceText
{
    public static IEnumerable<string> Lines(OrderTrace trace)
    {
        yield return $"order {trace.ClientOrderId}  {string.Join(' ', trace.VenueOrderIds)}";
        yield return $"  {trace.Instrument}  {trace.Order}  by {trace.Strategy}  session {trace.Session}  {trace.Outcome}";
        yield return $"  {"step",-9} {"since the tick",17}  {"record",9}  what happened (where the time is from)";
        foreach (var step in trace.Steps)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  {step.Name,-9} {Since(step),17}  {step.Record,9}  {step.Text} ({step.Source}{At(step)})");
    }

    private static string Since(TraceStep step) => step.SinceTickNs is { } ns ? Signed(ns)
        : step is { NotAfterNs: { } after, NotBeforeNs: { } before } ? "<= " + Signed(after - before)
        : "";

    private static string Signed(long ns) => ns.ToString("+#,0;-#,0;0", CultureInfo.InvariantCulture) + " ns";

    private static string At(TraceStep step) => step.VenueUnixNs is { } ns
        ? ", venue's time " + DateTimeOffset.UnixEpoch.AddTicks(ns / 100).ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "Z"
        : "";
}
