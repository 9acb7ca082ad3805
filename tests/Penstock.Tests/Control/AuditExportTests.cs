using System.Text.Json.Nodes;
using Penstock.Control.Audit;
using Penstock.Control.Security;
using Penstock.Infrastructure.Journal;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Control;

/// <summary>Goal: an exported trail can be checked by whoever has the file alone, and nothing in it can be changed unnoticed.</summary>
[Trait("requirement", "R145")]
public sealed class AuditExportTests : IDisposable
{
    /// <summary>Text that a format could lose, and that a spreadsheet would run.</summary>
    private static readonly string[] Awkward = ["=1+1", "'quoted", "two\nlines, \"commas\"", "@x", "-5", "", "ünï ✓", "+", "\ttab"];

    private readonly string _journal = Directory.CreateTempSubdirectory("penstock-audit").FullName;

    public void Dispose() => Directory.Delete(_journal, recursive: true);

    [Fact]
    [Trait("attack", "E01")]
    public void Both_forms_carry_the_chain_and_end_with_the_head_verify_prints()
    {
        Write(_journal);
        var (rows, verdict) = AuditExport.Read(_journal, now => 1_700_000_000_000_000_000 + now);
        Assert.True(verdict.Ok, verdict.Fault);
        foreach (var text in (string[])[AuditExport.ToJson(rows), AuditExport.ToCsv(rows)])
            Assert.Equal((Awkward.Length, verdict.Head, null), AuditExport.Check(text));
        Assert.Equal(Awkward.Length, verdict.Records);
        Assert.Contains("2023-11-14T22:13:20", rows[0][^1], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("attack", "E02")]
    public void No_field_of_either_form_can_be_changed_and_no_link_be_left_out_or_exchanged()
    {
        Write(_journal);
        var (rows, _) = AuditExport.Read(_journal, _ => 0);
        // The time of day alone is no part of the chain, and says so.
        for (var column = 0; column < rows[0].Length - 1; column++)
        {
            for (var at = 0; at < rows.Count; at++)
            {
                string[][] changed = [.. rows.Select(r => (string[])r.Clone())];
                changed[at][column] += "1";
                Assert.NotNull(AuditExport.Check(AuditExport.ToCsv(changed)).Fault);
                Assert.NotNull(AuditExport.Check(AuditExport.ToJson(changed)).Fault);
            }
        }

        Assert.NotNull(AuditExport.Check(AuditExport.ToCsv([.. rows.Skip(1)])).Fault);
        Assert.NotNull(AuditExport.Check(AuditExport.ToCsv([rows[1], rows[0], .. rows.Skip(2)])).Fault);
        var cut = JsonNode.Parse(AuditExport.ToJson(rows))!;
        cut["links"]!.AsArray().RemoveAt(rows.Count - 1);
        Assert.Contains("it says of itself", AuditExport.Check(cut.ToJsonString()).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("{\"format\":\"penstock-audit/1\"}")]
    [InlineData("{\"format\":\"penstock-audit/1\",\"records\":1,\"head\":\"\",\"links\":[{}]}")]
    [InlineData("{\"format\":7}")]
    [InlineData("{")]
    [InlineData("\"number\",\"who\"\r\n\"1\",\"x\"\r\n")]
    [InlineData("\"a")]
    public void What_is_no_exported_trail_is_said_to_be_none(string text) =>
        Assert.Contains("no exported audit trail", AuditExport.Check(text).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("json")]
    [InlineData("csv")]
    public async Task The_api_hands_out_the_whole_trail_to_be_saved(string format)
    {
        await using var world = await ControlWorld.StartAsync();
        var path = $"/api/v1/audit/export?format={format}";
        Assert.Equal(404, (await world.SendAsync("GET", path, AccessRole.Viewer)).Status);
        Write(Path.Combine(world.Folder, "journal"));
        Assert.Equal(401, (await world.SendAsync("GET", path)).Status);
        Assert.Equal(400, (await world.SendAsync("GET", "/api/v1/audit/export?format=xml", AccessRole.Viewer)).Status);
        using var response = await world.Http.SendAsync(world.Request("GET", path, world[AccessRole.Viewer]), TestContext.Current.CancellationToken);
        var (records, head, fault) = AuditExport.Check(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((Awkward.Length, null), (records, fault));
        Assert.Equal(AuditVerifier.Verify(Path.Combine(world.Folder, "journal")).Head, head);
        Assert.Equal($"audit-{records}.{format}", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
    }

    private static void Write(string journal)
    {
        using var writer = JournalWriter.Open(new JournalOptions { Directory = journal, SegmentBytes = 1 << 20, CreatedBy = "test" });
        var trail = new AuditTrail();
        foreach (var (text, i) in Awkward.Select((t, i) => (t, i)))
        {
            writer.Append((ushort)EngineRecordType.Audit, trail.Next(new AuditEntry
            {
                Session = 1, NowNs = i, Kind = EngineCommandKind.SetLimit, Done = i % 2 == 0, Who = text, Why = text, Text = text, Outcome = text,
            }));
        }
    }
}
