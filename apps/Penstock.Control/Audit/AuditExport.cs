using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Model.Instruments;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Control.Audit;

/// <summary>
/// The audit trail as a file people can keep (R145): every field of every link and its hash, as JSON or CSV. The hash of a link covers all of
/// its fields and the hash before, so whoever has the file alone can make the chain again; that is what <see cref="Check"/> does. The time of
/// day is the reader's reckoning and no part of the chain.
/// </summary>
internal static class AuditExport
{
    public const string Format = "penstock-audit/1";

    /// <summary>What <see cref="Check"/> says of a file of another kind.</summary>
    public const string NoExport = $"it is no exported audit trail ({Format}, as JSON or CSV)";

    private static readonly string[] FieldNames =
    [
        "number", "session", "nowNs", "kind", "done", "state", "degradation", "instrument", "strategy", "who", "why", "text", "outcome", "hash",
            "atUtc",
    ];

    /// <summary>The whole trail of a journal, carried links included, from its files.</summary>
    /// <param name="journal">The journal's folder.</param>
    /// <param name="toUnixNs">Time of day of an engine time; 0 where nobody knows.</param>
    /// <returns>Rows of text, one for each link, and what the verifier found of the whole.</returns>
    public static (IReadOnlyList<string[]> Rows, AuditVerdict Verdict) Read(string journal, Func<long, long> toUnixNs)
    {
        var rows = new List<string[]>();
        var again = new AuditTrail();
        var verdict = AuditVerifier.Verify(journal, (_, entry) =>
        {
            again.Next(entry);
            rows.Add(Row(entry, Convert.ToHexStringLower(again.Head), toUnixNs(entry.NowNs)));
        });
        return (rows, verdict);
    }

    public static string ToJson(IReadOnlyList<string[]> rows)
    {
        var links = new JsonArray();
        foreach (var row in rows)
        {
            var link = new JsonObject();
            for (var i = 0; i < FieldNames.Length; i++) link[FieldNames[i]] = row[i];
            links.Add(link);
        }

        return new JsonObject { ["format"] = Format, ["records"] = rows.Count, ["head"] = rows.Count > 0 ? rows[^1][13] : "", ["links"] = links }
            .ToJsonString();
    }

    public static string ToCsv(IReadOnlyList<string[]> rows) => CsvText.Write([FieldNames, .. rows]);

    /// <summary>Makes the chain again from an exported file.</summary>
    /// <returns>Links that fit, the hash of the last of them, and what is wrong with the next; null when nothing is.</returns>
    public static (long Records, string Head, string? Fault) Check(string text)
    {
        var trail = new AuditTrail();
        if (Rows(text, out var declared) is not { } rows) return (0, "", NoExport);
        foreach (var row in rows)
        {
            var number = trail.Number + 1;
            var before = Convert.ToHexStringLower(trail.Head);
            if (Entry(row) is not { } entry) return (trail.Number, before, $"link {number}: a field is not readable");
            if (row[0] != number.ToString(CultureInfo.InvariantCulture)) return (
                trail.Number, before, $"link {number} is missing: there stands '{row[0]}'");
            trail.Next(entry);
            if (Convert.ToHexStringLower(trail.Head) != row[13]) return (number - 1, before, $"link {number}: its fields do not match its hash");
        }

        var head = trail.Number == 0 ? "" : Convert.ToHexStringLower(trail.Head);
        return declared is { } said && said != (trail.Number, head)
            ? (trail.Number, head, $"it says of itself that it has {said.Records} links and ends with {said.Head}") : (trail.Number, head, null);
    }

    private static string[] Row(AuditEntry entry, string hash, long unixNs) =>
    [
        Text(entry.Number), Text(entry.Session), Text(entry.NowNs), entry.Kind.ToString(), entry.Done ? "true" : "false", entry.State.ToString(),
        entry.Degradation.ToString(), Text(entry.Instrument.Value), Text(entry.Strategy), entry.Who, entry.Why, entry.Text, entry.Outcome, hash,
        unixNs <= 0 ? "" : DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
    ];

    private static AuditEntry? Entry(string[] row) =>
        int.TryParse(row[1], NumberStyles.None, CultureInfo.InvariantCulture, out var session)
        && long.TryParse(row[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var now)
        && Enum.TryParse<EngineCommandKind>(row[3], out var kind) && row[4] is "true" or "false"
        && Enum.TryParse<NodeState>(row[5], out var state) && Enum.TryParse<Degradation>(row[6], out var degradation)
        && int.TryParse(row[7], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var instrument)
        && ushort.TryParse(row[8], NumberStyles.None, CultureInfo.InvariantCulture, out var strategy)
            ? new AuditEntry
            {
                Session = session, NowNs = now, Kind = kind, Done = row[4] == "true", State = state, Degradation = degradation,
                Instrument = new InstrumentId(instrument), Strategy = strategy, Who = row[9], Why = row[10], Text = row[11], Outcome = row[12],
            }
            : null;

    private static List<string[]>? Rows(string text, out (long Records, string Head)? declared)
    {
        declared = null;
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            var lines = CsvText.Read(text);
            return lines is [var head, .. var rest] && head.SequenceEqual(FieldNames) && rest.All(r => r.Length == FieldNames.Length) ? rest : null;
        }

        try
        {
            var document = JsonNode.Parse(text)!.AsObject();
            if ((string?)document["format"] != Format) return null;
            declared = ((long)document["records"]!, (string)document["head"]!);
            List<string?[]> rows = [.. document["links"]!.AsArray().Select(l => FieldNames.Select(c => (string?)l![c]).ToArray())];
            return rows.Exists(r => r.Contains(null)) ? null : [.. rows.Select(r => r.Select(f => f!).ToArray())];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
