using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Commands;

/// <summary>What happened in a run: sessions, records by type, commands with who and why; or the life of one order.</summary>
internal static class JournalInspection
{
    public static int Print(string folder, string? order, bool json)
    {
        RequireFolder(folder);
        if (order is not null) return PrintOrder(folder, order);

        var counts = new SortedDictionary<EngineRecordType, long>();
        var sessions = new JsonArray();
        var commands = new JsonArray();
        var incidents = new List<JsonObject>();
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            var type = (EngineRecordType)record.Type;
            counts[type] = counts.GetValueOrDefault(type) + 1;
            if (type == EngineRecordType.SessionStart && EngineRecords.DecodeSession(record.Payload) is { } session)
                sessions.Add(new JsonObject { ["session"] = session.Session, ["record"] = record.Sequence });
            if (type is EngineRecordType.Command or EngineRecordType.StateChange && EngineRecords.DecodeCommand(record.Payload) is { } command)
                commands.Add(new JsonObject { ["record"] = record.Sequence, ["command"] = command.Kind.ToString(), ["state"] = command.State.ToString(), ["who"] = command.Who, ["why"] = command.Why });
            if (type == EngineRecordType.Incident && EngineRecords.TryRead<IncidentRecord>(record.Payload, out var incident))
                Add(incidents, incident, sessions.Count == 0 ? 0 : (int)sessions[^1]!["session"]!);
        }

        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["journal"] = folder, ["records"] = reader.Records, ["bytes"] = reader.Bytes, ["segments"] = reader.Segments, ["state"] = reader.State.ToString(),
                ["types"] = new JsonObject(counts.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key.ToString(), c.Value))),
                ["sessions"] = sessions, ["commands"] = commands, ["incidents"] = new JsonArray([.. incidents]),
            }.ToJsonString());
        }
        else
        {
            PrintText(reader, counts, sessions, commands);
            foreach (var i in incidents) Console.WriteLine($"  session {i["session"]}  {i["class"]} {i["subject"]}: {i["count"]}");
        }

        return (int)ExitCode.Ok;
    }

    /// <summary>One row for each class and subject of a session; its records summed.</summary>
    private static void Add(List<JsonObject> incidents, in IncidentRecord incident, int session)
    {
        var (name, subject) = (IncidentRecord.NameOf(incident.Kind), incident.Subject.ToString());
        var row = incidents.Find(i => (int)i["session"]! == session && (string)i["class"]! == name && (string)i["subject"]! == subject);
        if (row is null) incidents.Add(row = new JsonObject { ["session"] = session, ["class"] = name, ["subject"] = subject, ["count"] = 0L });
        row["count"] = (long)row["count"]! + incident.Count;
        row["total"] = incident.Total;
    }

    /// <summary>The id of every order that was ever approved, one a line: what a venue acknowledged must be among them.</summary>
    public static int PrintOrders(string folder)
    {
        RequireFolder(folder);
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if ((EngineRecordType)record.Type == EngineRecordType.OrderIntent && EngineRecords.TryRead<OrderIntentRecord>(record.Payload, out var intent))
                Console.WriteLine(new ClientOrderId(intent.ClientOrderId));
        }

        return (int)ExitCode.Ok;
    }

    public static void RequireFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new Problem(ExitCode.NotFound, "there is no such journal", folder, "the folder does not exist", "penstock demo prints the folder of its run when it ends");
    }

    private static void PrintText(JournalReader reader, SortedDictionary<EngineRecordType, long> counts, JsonArray sessions, JsonArray commands)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reader.Records:N0} records, {reader.Bytes:N0} bytes, {reader.Segments} segments, {sessions.Count} sessions; reading ended: {reader.State}"));
        foreach (var (type, count) in counts) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {type,-16} {count,12:N0}"));
        foreach (var command in commands)
            Console.WriteLine($"  record {(long)command!["record"]!,10}  {(string?)command["command"]} {((string?)command["command"] == "SetState" ? (string?)command["state"] : "")} by {(string?)command["who"]}: {(string?)command["why"]}");
    }

    private static int PrintOrder(string folder, string text)
    {
        if (!ClientOrderId.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out var id))
            throw new Problem(ExitCode.Usage, $"'{text}' is not an order id", "penstock inspect --order", "an id is p and 13 characters of 0-9, a-z", "penstock inspect FOLDER --json lists what there is");
        var found = 0;
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            if (Describe((EngineRecordType)record.Type, record.Payload, id) is not { } line) continue;
            Console.WriteLine($"record {record.Sequence,10}  {line}");
            found++;
        }

        return found > 0 ? (int)ExitCode.Ok
            : throw new Problem(ExitCode.NotFound, $"order {text} is not in this journal", folder, $"{reader.Records:N0} records were read", "penstock inspect FOLDER");
    }

    private static string? Describe(EngineRecordType type, ReadOnlySpan<byte> payload, ClientOrderId id)
    {
        switch (type)
        {
            case EngineRecordType.OrderIntent when EngineRecords.TryRead<OrderIntentRecord>(payload, out var intent) && intent.ClientOrderId == id.Value:
                return $"approved and sent: {intent}; decided on the event received at {intent.TriggerNs} ns";
            case EngineRecordType.CancelIntent when EngineRecords.TryRead<CancelIntentRecord>(payload, out var cancel) && cancel.ClientOrderId == id.Value:
                return "cancel sent";
            case EngineRecordType.Report when MemoryMarshal.TryRead<ExecutionReport>(payload, out var report) && report.ClientOrderId == id:
                return $"{report.Kind} {report.Reason} at {report.Received.Ns} ns"
                    + (report.Kind == ExecutionKind.Fill ? $": {report.Side} {report.LastQuantity} @ {report.LastPrice}, trade {report.TradeId}, fee {new Model.Numbers.Quantity(report.FeeRaw)} {report.FeeAsset}" : "");
            default:
                return null;
        }
    }
}
