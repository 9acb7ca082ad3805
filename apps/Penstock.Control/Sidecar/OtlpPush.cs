using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using Penstock.Control.Telemetry;
using Penstock.Infrastructure.Counters;

namespace Penstock.Control.Sidecar;

/// <summary>
/// Pushes the same figures, under the same names, to an OpenTelemetry collector by OTLP over HTTP. A distribution goes as its
/// count, p50, p99, p99.9 and maximum. A collector that does not answer costs a counted failure, nothing else.
/// </summary>
internal sealed class OtlpPush : IDisposable
{
    private readonly Meter _meter = new("penstock");
    private readonly HashSet<string> _instruments = new(StringComparer.Ordinal);
    private readonly CounterFollower _follower;
    private readonly OtlpFigures _figures;
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;
    private CounterView _view = CounterView.Nothing("no look yet");

    /// <param name="endpoint">The collector, as in http://127.0.0.1:4318; the figures go to /v1/metrics below it.</param>
    public OtlpPush(Uri endpoint, CounterFollower follower, OtlpFigures figures)
    {
        _follower = follower;
        _figures = figures;
        var options = new OtlpExporterOptions
        {
            Endpoint = OtlpCollector.For(endpoint, "metrics"),
            Protocol = OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)OtlpCollector.Patience.TotalMilliseconds,
        };
        _reader = new BaseExportingMetricReader(new OtlpMetricExporter(options));
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddReader(_reader).Build();
        _meter.CreateObservableGauge(
            "penstock_node_up", () => _view.IsUp ? 1.0 : 0.0, description: "1 while the node's process lives and writes its counters.");
    }

    /// <summary>One push. False when the collector did not take it.</summary>
    public bool Push()
    {
        using var span = Spans.Begin("sidecar push", System.Diagnostics.ActivityKind.Client);
        _view = _follower.Look();
        foreach (var counter in _view.Counters) Instrument(counter);
        foreach (var histogram in _view.Histograms) Instruments(histogram.Reading);
        var isTaken = _reader.Collect((int)OtlpCollector.Patience.TotalMilliseconds);
        span?.SetTag("penstock.counters", _view.Counters.Count);
        span.End(isTaken, isTaken ? "taken" : "not taken");
        if (isTaken) _figures.Pushes++;
        else _figures.Failures++;
        return isTaken;
    }

    /// <summary>Pushes at every interval until it is cancelled.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel)) Push();
        }
        catch (OperationCanceledException)
        {
            // The sidecar ends.
        }
    }

    public void Dispose()
    {
        _provider.Dispose();
        _meter.Dispose();
    }

    private void Instrument(CounterReading counter)
    {
        var metric = MetricName.Of(counter.Name, counter.Kind);
        if (!_instruments.Add(metric.Name)) return;
        IEnumerable<Measurement<double>> Measure() =>
            _view.Counters.Where(c => c.Name == counter.Name).Select(c => Of(c.Name, c.Label, c.Value / metric.Divisor));
        if (metric.Type == "counter") _meter.CreateObservableCounter(metric.Name, Measure, description: counter.Sentence);
        else _meter.CreateObservableGauge(metric.Name, Measure, description: counter.Sentence);
    }

    private void Instruments(HistogramReading histogram)
    {
        var metric = MetricName.Of(histogram.Name, CounterKind.Histogram);
        if (!_instruments.Add(metric.Name)) return;
        IEnumerable<Measurement<double>> Measure(Func<HistogramSummary, double> figure) =>
            _view.Histograms.Where(h => h.Reading.Name == histogram.Name).Select(h => Of(h.Reading.Name, h.Reading.Label, figure(h.Reading.Summary)));
        _meter.CreateObservableCounter(metric.Name + "_count", () => Measure(s => s.Count), description: histogram.Sentence);
        _meter.CreateObservableGauge(metric.Name + "_p50", () => Measure(s => s.P50 / metric.Divisor), description: histogram.Sentence);
        _meter.CreateObservableGauge(metric.Name + "_p99", () => Measure(s => s.P99 / metric.Divisor), description: histogram.Sentence);
        _meter.CreateObservableGauge(metric.Name + "_p999", () => Measure(s => s.P999 / metric.Divisor), description: histogram.Sentence);
        _meter.CreateObservableGauge(metric.Name + "_max", () => Measure(s => s.Max / metric.Divisor), description: histogram.Sentence);
    }

    private Measurement<double> Of(string name, string label, double value)
    {
        IEnumerable<(string Key, string Value)> labels = MetricLabels.Of(name, label);
        if (!_view.IsTrusted) labels = labels.Append(("trusted", "0"));
        return new Measurement<double>(value, labels.Select(l => KeyValuePair.Create<string, object?>(l.Key, l.Value)));
    }
}
