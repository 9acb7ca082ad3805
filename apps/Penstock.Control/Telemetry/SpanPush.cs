using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Penstock.Control.Telemetry;

/// <summary>
/// Sends the spans of this process to an OpenTelemetry collector, in batches, on a thread of its own. At most 2,048 wait; a collector that
/// is slow or gone costs spans, which are counted, and nothing else.
/// </summary>
internal sealed class SpanPush : IDisposable
{
    private readonly TracerProvider _provider;
    private readonly CountingExporter _exporter;

    /// <param name="collector">As in http://127.0.0.1:4318.</param>
    /// <param name="service">What this process is: its spans stand under that name.</param>
    public SpanPush(Uri collector, string service)
    {
        _exporter = new CountingExporter(new OtlpExporterOptions
        {
            Endpoint = OtlpCollector.For(collector, "traces"), Protocol = OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)OtlpCollector.Patience.TotalMilliseconds,
        });
        // Always: whether it is traced is not for a caller's flags to decide.
        _provider = Sdk.CreateTracerProviderBuilder().SetSampler(new AlwaysOnSampler())
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddService(service, serviceVersion: typeof(SpanPush).Assembly.GetName().Version?.ToString(3)))
            .AddSource(Spans.SourceName).AddProcessor(new BatchActivityExportProcessor(_exporter)).Build();
    }

    /// <summary>Spans the collector took.</summary>
    public long Pushed => Interlocked.Read(ref _exporter.Pushed);

    /// <summary>Spans it did not take.</summary>
    public long Failed => Interlocked.Read(ref _exporter.Failed);

    /// <summary>
    /// Sends what waits and ends its thread; only then do the two counts hold still. There is no flush on the way: the library's says yes
    /// as soon as the spans are out of its queue, which is while they are still being sent.
    /// </summary>
    public void Dispose() => _provider.Dispose();

    private sealed class CountingExporter(OtlpExporterOptions options) : OtlpTraceExporter(options)
    {
        public long Pushed;
        public long Failed;

        public override ExportResult Export(in Batch<Activity> batch)
        {
            var result = base.Export(batch);
            Interlocked.Add(ref result == ExportResult.Success ? ref Pushed : ref Failed, batch.Count);
            return result;
        }
    }
}
