using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.MarketData.Importing;
using Penstock.MarketData.Inspection;
using Penstock.Tests.MarketData.Inspection;
using Penstock.Venues.Binance;
using Penstock.Venues.Kraken;
using Penstock.Venues.Okx;

namespace Penstock.Tests.MarketData.Importing;

[Trait("requirement", "E15")]
public sealed class RecordingImportTests : IDisposable
{
    private const string Frame = """{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","t":1,"p":"1.5","q":"2"}}""";
    private const string TradeHeader = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n";
    private const string BookHeader = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("penstock-import-");

    /// <summary>
    /// Goal: an import changes nothing. Method: real recordings are written as the other recorder would have written them, imported, and
    /// must inspect to the figures an independent replay found in the original.
    /// </summary>
    [Theory]
    [InlineData("binance-spot.cf-20211012.jsonl.gz", ImportFormat.Cryptofeed)]
    [InlineData("kraken-spot.cf-20210417.jsonl.gz", ImportFormat.Cryptofeed)]
    [InlineData("okx-mixed.cf-20220513.jsonl.gz", ImportFormat.Cryptofeed)]
    [InlineData("binance-spot.hft-btcusdt-20240808.jsonl.gz", ImportFormat.HftBacktest)]
    [InlineData("binance-usdm.hft-btcusdt-20240808.jsonl.gz", ImportFormat.HftBacktest)]
    [InlineData("binance-coinm.hft-btcusd-perp-20240808.jsonl.gz", ImportFormat.HftBacktest)]
    public void What_another_recorder_wrote_inspects_to_the_figures_of_the_recording(string name, ImportFormat format)
    {
        var original = Recordings.Require(name);
        var expected = JsonDocument.Parse(File.ReadAllText(Recordings.Require("expected.json"))).RootElement.GetProperty(name);
        IVenue venue = name[0] switch { 'b' => new BinanceVenue(), 'k' => new KrakenVenue(), _ => new OkxVenue() };
        string[] files = format == ImportFormat.Cryptofeed ? AsCryptofeed(original) : [AsHftBacktest(original)];
        var result = Import(format, venue, files, name.Split('-', '.')[1]);
        Assert.Null(result.Problem);

        var figures = RecordingInspection.Of(venue, () => RecordingReader.Open(File.OpenRead(Output))).Figures;
        foreach (var (key, value) in figures.Counts()) Assert.True(expected.GetProperty(key).GetInt64() == value, $"{key}: expected {expected.GetProperty(key)}, was {value}");
        Assert.Equal(expected.GetProperty("book_digest").GetString(), figures.BookDigest);
        Assert.Equal(Frames(original), Frames(Output));
    }

    [Fact]
    public void Cryptofeed_lines_become_open_sent_received_and_rest_with_exact_times_and_bytes()
    {
        var list = Write("HUOBI.0", "https://h.test/symbols -> 1618678069.68416: {\"data\": [1, 2]}\n1618678069.7: {\"second\": 1}\n");
        var socket = Write("HUOBI.ws.1.0", """
            configuration: {"a": 1}
            wss://h.test/ws <-> 1618678069.70001
            wss://h.test/ws <- 1618678069.70002: {"sub": "a"}
            1618678069.70003: b'\x1f\x8b\x08\x00\n\'\\\t~\xff\0'

            1618678069.70004: b"it's"
            wss://h.test/ws <-> 1618678070
            1618678070.123456789: pong

            """);
        var result = Import(ImportFormat.Cryptofeed, new BinanceVenue(), [socket, list]);
        Assert.Equal((9, 2), ((int)result.Events, result.Connections));
        Assert.Equal(
            [
                "Rest 0 1618678069684160000 https://h.test/symbols 7B2264617461223A205B312C20325D7D",
                "Rest 0 1618678069700000000 cryptofeed:HUOBI.0 7B227365636F6E64223A20317D",
                "Open 1 1618678069700010000 wss://h.test/ws ",
                "Sent 1 1618678069700020000  7B22737562223A202261227D",
                "Received 1 1618678069700030000  1F8B08000A275C097EFF00",
                "Received 1 1618678069700040000  69742773",
                "Close 1 1618678070000000000  ",
                "Open 2 1618678070000000000 wss://h.test/ws ",
                "Received 2 1618678070123456789  706F6E67",
            ],
            Events(Output));
    }

    [Fact]
    public void Hftbacktest_lines_of_any_unit_and_of_two_days_share_one_connection()
    {
        var first = Write("btcusdt_20240808.gz", $"1723161253937085768 {Frame}\n1723161254206652067 {{\"lastUpdateId\":7,\"bids\":[],\"asks\":[]}}\n", gzip: true);
        var second = Write("btcusdt_20240809.gz", $"1723161255000001 {Frame}\r\n1723161255001 {Frame}", gzip: true);
        var result = Import(ImportFormat.HftBacktest, new BinanceVenue(), [second, first]);
        Assert.Equal((5, 1), ((int)result.Events, result.Connections));
        var frame = Convert.ToHexString(Encoding.UTF8.GetBytes(Frame));
        var events = Events(Output).ToArray();
        Assert.Equal("Open 1 1723161253937085768 hftbacktest:btcusdt_20240808.gz ", events[0]);
        Assert.Equal($"Received 1 1723161253937085768  {frame}", events[1]);
        Assert.StartsWith("Rest 0 1723161254206652067 https://api.binance.com/api/v3/depth?symbol=BTCUSDT", events[2], StringComparison.Ordinal);
        Assert.Equal($"Received 1 1723161255000001000  {frame}", events[3]);
        Assert.Equal($"Received 1 1723161255001000000  {frame}", events[4]);
    }

    [Fact]
    public void Tardis_books_inspect_as_a_normalised_venue_and_end_in_the_rows_book()
    {
        var book = Write("book.csv", BookHeader + """
            binance,BTCUSDT,1700000000000000,1700000000000100,true,bid,100.5,2
            binance,BTCUSDT,1700000000000000,1700000000000100,true,bid,100.25,1e-3
            binance,BTCUSDT,1700000000000000,1700000000000100,true,ask,101,0.00000001
            binance,ETHUSDT,1700000000000000,1700000000000100,true,ask,9,3
            binance,BTCUSDT,1700000000100000,1700000000100100,false,bid,100.5,0
            binance,BTCUSDT,1700000000100000,1700000000100100,false,ask,101.5,4

            """.TrimEnd(' ', '\n') + "\n");
        var result = Import(ImportFormat.TardisBook, new BinanceVenue(), [book]);
        Assert.Null(result.Problem);
        Assert.Equal(4, result.Events);
        using (var reader = RecordingReader.Open(File.OpenRead(Output))) Assert.Equal(NormalisedVenue.Name, reader.Header.Venue);
        var figures = RecordingInspection.Of(new NormalisedVenue(), () => RecordingReader.Open(File.OpenRead(Output))).Figures;
        Assert.True(figures.Clean);
        Assert.Equal((2, 2, 1), (figures.Books, figures.Snapshots, figures.BookUpdates));
        const string Expected = "BTCUSDT\nb 100.25 0.001\na 101 0.00000001\na 101.5 4\nETHUSDT\na 9 3\n";
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Expected))), figures.BookDigest);
    }

    [Fact]
    public void Tardis_trades_of_several_files_are_merged_and_counted_once()
    {
        var first = Write("a.csv", TradeHeader + "okex,BTC-USDT,1700000000000000,1700000000000300,17,buy,100,1\nokex,BTC-USDT,1700000000000000,1700000000000500,17,buy,100,1\n");
        var second = Write("b.csv.gz", TradeHeader + "okex,BTC-USDT,1700000000000000,1700000000000400,18,sell,99.5,2\nokex,BTC-USDT,1700000000000000,1700000000000600,,unknown,99,1\n", gzip: true);
        Assert.Equal(5, Import(ImportFormat.TardisTrades, new OkxVenue(), [first, second]).Events);
        var figures = RecordingInspection.Of(new NormalisedVenue(), () => RecordingReader.Open(File.OpenRead(Output))).Figures;
        Assert.True(figures.Clean);
        Assert.Equal((3, 1), (figures.Trades, figures.Inputs.Duplicate));
    }

    [Theory]
    [InlineData(ImportFormat.HftBacktest, "1723161253937085768 {}\n172316125393708576 {}\n", ":2: expected a time")]
    [InlineData(ImportFormat.HftBacktest, "1723161253937085768 {}\n1723161253937085769 {\"a\":\n", ":2: the frame is no JSON")]
    [InlineData(ImportFormat.HftBacktest, "1723161253937085768\n", ":1: expected a time and a frame")]
    [InlineData(ImportFormat.Cryptofeed, "wss://x <-> 1.5\n\n1.6: a\n1,7: b\n", ":4: expected a time in seconds")]
    [InlineData(ImportFormat.Cryptofeed, "wss://x <-> 1.5\nhello\n", ":2: expected a time or a URL")]
    [InlineData(ImportFormat.Cryptofeed, "wss://x <-> soon\n", ":1: expected a time in seconds")]
    [InlineData(ImportFormat.Cryptofeed, "wss://x <-> 1.5\n1.6: b'\\q'\n", ":2: the bytes literal")]
    [InlineData(ImportFormat.Cryptofeed, "wss://x <- 1.5: {}\n", ":1: a frame was sent before")]
    [InlineData(ImportFormat.TardisTrades, "exchange,symbol,timestamp,local_timestamp,id,side,price\n", ":1: column amount is missing")]
    [InlineData(ImportFormat.TardisTrades, TradeHeader + "x,A,1,2,i,buy,1,1\nx,A,1,2,i,bid,1,1\n", ":3: side 'bid'")]
    [InlineData(ImportFormat.TardisTrades, TradeHeader + "x,A,1,2,i,buy,1\n", ":2: expected 8 columns, found 7")]
    [InlineData(ImportFormat.TardisTrades, TradeHeader + "x,A,1,2,i,buy,NaN,1\n", ":2: price 'NaN'")]
    [InlineData(ImportFormat.TardisBook, BookHeader + "x,A,1,2,yes,bid,1,1\n", ":2: is_snapshot 'yes'")]
    [InlineData(ImportFormat.TardisBook, BookHeader + "x,A,1,-2,true,bid,1,1\n", ":2: local_timestamp '-2'")]
    [InlineData(ImportFormat.TardisBook, BookHeader + "x,A,1,2,true,bid,1,\n", ":2: amount ''")]
    [InlineData(ImportFormat.TardisBook, "", ":0: the file is empty")]
    [InlineData(ImportFormat.Cryptofeed, "\n", "nothing in it")]
    [InlineData(ImportFormat.Recording, "{\"format\":\"recording/2\",\"events\":1}\n", ":1: expected a recording/1")]
    [InlineData(ImportFormat.Recording, "{\"format\":\"recording/1\",\"events\":2}\n{\"t\":1,\"c\":1,\"k\":\"recv\",\"d\":\"a\"}\n", ":2: 1 events, the header says 2")]
    [InlineData(ImportFormat.Recording, "{\"format\":\"recording/1\",\"events\":1}\n{\"t\":1,\"c\":1,\"k\":\"heard\",\"d\":\"a\"}\n", ":2: the line is no event")]
    public void A_line_that_is_not_understood_is_named_and_nothing_is_left_behind(ImportFormat format, string text, string expected)
    {
        var file = Write("input", text);
        var result = Import(format, new BinanceVenue(), [file]);
        Assert.Contains(expected, result.Problem, StringComparison.Ordinal);
        Assert.StartsWith(file, result.Problem, StringComparison.Ordinal);
        Assert.Equal(["input"], _folder.GetFiles().Select(f => f.Name));
    }

    [Fact]
    public void A_file_cut_in_the_middle_of_its_compression_is_refused()
    {
        var path = Write("btcusdt_20240808.gz", string.Concat(Enumerable.Range(0, 5000).Select(i => $"{1723161253937085768 + i * 7919} {Frame[..^1]},\"n\":{i}}}\n")), gzip: true);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length / 2);
        var result = Import(ImportFormat.HftBacktest, new BinanceVenue(), [path]);
        Assert.StartsWith(path, result.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Output => Path.Combine(_folder.FullName, "out.jsonl.gz");

    private ImportResult Import(ImportFormat format, IVenue venue, IReadOnlyList<string> files, string market = "spot") =>
        RecordingImport.Run(new ImportRequest { Format = format, Files = files, Venue = venue, Market = market, Output = Output });

    private string Write(string name, string text, bool gzip = false)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var file = File.Create(path);
        using Stream stream = gzip ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    /// <summary>One file for REST, one per connection, as that recorder keeps them.</summary>
    private string[] AsCryptofeed(string recording)
    {
        var files = new SortedDictionary<int, StringBuilder>();
        using var reader = RecordingReader.Open(File.OpenRead(recording));
        while (reader.TryRead(out var e))
        {
            if (!files.TryGetValue(e.Connection, out var file)) files[e.Connection] = file = new StringBuilder("configuration: {}\n");
            var time = $"{e.TimeNs / 1_000_000_000}.{e.TimeNs % 1_000_000_000:D9}".TrimEnd('0');
            var text = Encoding.UTF8.GetString(e.Data).Replace("\n", "", StringComparison.Ordinal);
            file.Append(e.Kind switch
            {
                RecordedKind.Open => $"{e.Url} <-> {time}\n",
                RecordedKind.Sent => $"wss://sent.test <- {time}: {text}\n",
                RecordedKind.Rest => $"{e.Url} -> {time}: {text}\n",
                _ => $"{time}: {text}\n",
            });
        }

        return [.. files.Select(f => Write($"X.{f.Key}", f.Value.ToString()))];
    }

    private string AsHftBacktest(string recording)
    {
        var text = new StringBuilder();
        using var reader = RecordingReader.Open(File.OpenRead(recording));
        while (reader.TryRead(out var e))
        {
            if (e.Kind is RecordedKind.Received or RecordedKind.Rest) text.Append(e.TimeNs).Append(' ').Append(Encoding.UTF8.GetString(e.Data)).Append('\n');
        }

        return Write("symbol_20240808.gz", text.ToString(), gzip: true);
    }

    private static List<string> Frames(string recording)
    {
        var frames = new List<string>();
        using var reader = RecordingReader.Open(File.OpenRead(recording));
        while (reader.TryRead(out var e))
        {
            if (e.Kind == RecordedKind.Received) frames.Add($"{e.TimeNs} {e.Connection} {Encoding.UTF8.GetString(e.Data)}");
        }

        Assert.Null(reader.Problem);
        return frames;
    }

    private static List<string> Events(string recording)
    {
        var events = new List<string>();
        using var reader = RecordingReader.Open(File.OpenRead(recording));
        while (reader.TryRead(out var e)) events.Add($"{e.Kind} {e.Connection} {e.TimeNs} {e.Url} {Convert.ToHexString(e.Data)}");
        Assert.Null(reader.Problem);
        return events;
    }
}
