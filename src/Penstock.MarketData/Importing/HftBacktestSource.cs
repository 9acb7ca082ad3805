using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Importing;

/// <summary>
/// A file of hftbacktest's collector: <c>local_timestamp raw_frame</c> per line, one symbol per file. A frame with a lastUpdateId at its top is the
/// REST snapshot that the collector fetched; which URL it asked is not in the file, so that of the venue's own protocol stands for it.
/// </summary>
/// <param name="path">Usually symbol_yyyymmdd.gz.</param>
/// <param name="snapshotUrl">The URL of the book of an instrument in the venue's spelling; null where the venue has none.</param>
internal sealed class HftBacktestSource(string path, Func<string, string?> snapshotUrl) : ImportSource(path)
{
    private string _symbol = "";
    private bool _opened;

    public override bool TryRead(out ImportedEvent imported)
    {
        imported = default;
        if (_pending is { } waiting)
        {
            (_pending, imported) = (null, waiting);
            return true;
        }

        if (!TryReadLine(out var line)) return false;
        if (!TryParse(line, out imported)) return false;
        if (_opened) return true;
        _opened = true;
        _pending = imported;
        imported = new ImportedEvent(CaptureKind.Open, imported.UnixNs, "hftbacktest:" + FileName, default);
        return true;
    }

    private ImportedEvent? _pending;

    private bool TryParse(ReadOnlyMemory<byte> line, out ImportedEvent imported)
    {
        imported = default;
        var space = line.Span.IndexOf((byte)' ');
        if (space < 0) return Fail("expected a time and a frame, found no space");
        if (!TryUnixNs(line.Span[..space], out var unixNs)) return Fail("expected a time of 13, 16 or 19 digits at the start of the line");
        var frame = line[(space + 1)..];
        if (JsonValue.Parse(frame.Span, out var root) is var cause and not QuarantineCause.None) return Fail($"the frame is no JSON ({cause})");
        if (!root.IsObject || !root["lastUpdateId"u8].IsPresent)
        {
            Remember(root);
            imported = new ImportedEvent(CaptureKind.Received, unixNs, "", frame);
            return true;
        }

        var symbol = _symbol.Length > 0 ? _symbol : Path.GetFileName(FileName).Split('_', '.')[0].ToUpperInvariant();
        if (snapshotUrl(symbol) is not { } url) return Fail("a book snapshot, but this venue's books do not come by REST");
        imported = new ImportedEvent(CaptureKind.Rest, unixNs, url, frame);
        return true;
    }

    /// <summary>The venue's spelling of the file's symbol, out of its frames: the file's name is lower case.</summary>
    private void Remember(JsonValue root)
    {
        if (_symbol.Length > 0 || !root.IsObject) return;
        var data = root["data"u8].IsObject ? root["data"u8] : root;
        if (data["s"u8].IsString) _symbol = data["s"u8].ToText();
    }
}
