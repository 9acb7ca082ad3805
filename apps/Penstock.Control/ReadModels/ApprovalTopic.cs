using System.Text.Json;
using Penstock.Control.Security;

namespace Penstock.Control.ReadModels;

/// <summary>What waits for a second person, and what became of what did.</summary>
internal sealed class ApprovalTopic(Approvals approvals) : ITopic
{
    public string Name => "approvals";

    public long Version => approvals.Version;

    public int HzMax => 4;

    public bool IsList => false;

    public void Write(Utf8JsonWriter json, long since)
    {
        json.WriteStartArray();
        foreach (var a in approvals.List())
        {
            json.WriteStartObject();
            json.WriteString("id"u8, a.Id);
            json.WriteString("command"u8, a.Command);
            json.WriteString("summary"u8, a.Summary);
            json.WritePropertyName("body"u8);
            a.Body.WriteTo(json);
            json.WriteString("hash"u8, a.Hash);
            json.WriteString("by"u8, a.By);
            json.WriteNumber("atMs"u8, a.AtMs);
            json.WriteNumber("expiresMs"u8, a.ExpiresMs);
            json.WriteString("state"u8, a.State.ToString().ToLowerInvariant());
            json.WriteString("decidedBy"u8, a.DecidedBy);
            json.WriteString("decidedWhy"u8, a.DecidedWhy);
            json.WriteString("result"u8, a.Result);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
