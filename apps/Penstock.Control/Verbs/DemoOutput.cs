using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Control.Family;

namespace Penstock.Control.Verbs;

/// <summary>What the demo says: a line per lifecycle change, a line per second on a terminal, every ten elsewhere.</summary>
internal sealed class DemoOutput(bool json)
{
    private readonly TextWriter _text = json ? Console.Error : Console.Out;
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(Console.IsOutputRedirected ? 10 : 1);
    private TimeSpan _next;
    private string _state = "";

    public void Started(DemoFamily family, DemoOptions options, TimeSpan elapsed)
    {
        _text.WriteLine($"Simulated venues {string.Join(", ", options.Venues)} are up after {elapsed.TotalSeconds:F1} s; the node starts.");
        _text.WriteLine($"Run folder {family.Data}  ({string.Join("  ", family.Pids.Select(p => $"{p.Key} {p.Value}"))})");
        _text.WriteLine("Ctrl-C stops everything. In another terminal: ./penstock top");
    }

    /// <summary>What a child has to tell people: where its page is.</summary>
    public void Say(string line) => _text.WriteLine(line);

    public void Restarted(string role, int pid)
    {
        _text.WriteLine($"The {role} process ended; a new one was started ({role} {pid}).");
        if (role == "node") _state = "";
    }

    public void Progress(TimeSpan elapsed, JsonObject status)
    {
        var state = (string?)status["state"] ?? "?";
        if (state == _state && elapsed < _next) return;
        _state = state;
        _next = elapsed + _interval;
        _text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds,6:F1} s  {StatusText.Line(status)}"));
    }

    public void Finished(JsonObject summary, DemoOptions options)
    {
        _text.WriteLine();
        _text.WriteLine(StatusText.Line(summary));
        if (summary["load"] is JsonObject load) _text.WriteLine(DemoLoad.Line(load));
        _text.WriteLine($"Next:  ./penstock replay {Path.Combine(options.Data, "journal")}   the same run again, bit for bit");
        _text.WriteLine($"       ./penstock verify {Path.Combine(options.Data, "journal")}");
        _text.WriteLine($"       ./penstock inspect {Path.Combine(options.Data, "journal")}");
        if (json) Console.Out.WriteLine(summary.ToJsonString());
    }
}
