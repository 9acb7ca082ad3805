using System.Text;
using Penstock.Testing.Protocols;
using Penstock.Testing.Recordings;

namespace Penstock.Tests.Testing;

[Trait("requirement", "R68")]
public sealed class RecordingVenueTests
{
    [Theory]
    [InlineData("binance-spot.cf-20211012", 237)]
    [InlineData("kraken-spot.cf-20210417", 2360)]
    [InlineData("okx-mixed.cf-20220513", 299)]
    public void A_recording_is_played_whole_in_order_and_at_its_pace(string name, int frames)
    {
        var recording = RecordedTraffic.Load(FileOf(name));
        Assert.Equal(frames, recording.Frames.Count);
        var venue = new RecordingVenue(recording, speed: 10);
        var collector = new FrameCollector();
        const long Start = 1_700_000_000_000_000_000;
        var session = venue.Open(venue.PublicPath, "", collector, Start)!;
        venue.Step(Start);
        Assert.Empty(collector.Frames);
        session.OnText("{}"u8, Start);
        venue.Step(Start + 500_000_000);
        Assert.Equal(recording.Frames.Count(f => f.OffsetNs <= 5_000_000_000), collector.Frames.Count);
        for (var step = 1; !venue.IsFinished && step < 1_000; step++) venue.Step(Start + 500_000_000 + step * 10_000_000L);
        Assert.Equal(recording.Frames.Select(f => Encoding.UTF8.GetString(f.Text)), collector.Frames);
    }

    [Fact]
    public void Rest_answers_come_from_the_recording_by_symbol()
    {
        var venue = new RecordingVenue(RecordedTraffic.Load(FileOf("binance-spot.cf-20211012")));
        VenueHttpResponse Depth(string symbol) =>
            venue.Handle(new VenueHttpRequest { Method = "GET", Path = "/api/v3/depth", Query = "symbol=" + symbol + "&limit=1000" }, 0);
        Assert.Equal(200, Depth("BLZETH").Status);
        Assert.NotEqual(Depth("BLZETH").Body, Depth("NKNUSDT").Body);
        Assert.Equal(404, Depth("NOPE").Status);
    }

    private static string FileOf(string name)
    {
        var folder = Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS");
        if (folder is null)
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "Penstock.slnx"))) root = root.Parent;
            folder = Path.Combine(root?.FullName ?? "", "..", "shared", "recordings");
        }

        var path = Path.Combine(folder, name + ".jsonl.gz");
        if (!File.Exists(path)) Assert.Skip($"No recording at {path}; set PENSTOCK_RECORDINGS.");
        return path;
    }
}
