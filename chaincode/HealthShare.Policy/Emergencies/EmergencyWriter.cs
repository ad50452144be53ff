using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;

namespace HealthShare.Policy.Emergencies;

/// <summary>Writes declarations of emergencies in their canonical form, ready to be signed.</summary>
public static class EmergencyWriter
{
    /// <summary>The canonical bytes. Does not check them: <see cref="EmergencyReader"/> does.</summary>
    public static byte[] Write(EmergencyStatement statement) => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(new JsonObject
    {
        ["v"] = EmergencyStatement.Version,
        ["type"] = "emergency",
        ["channel"] = statement.Channel,
        ["id"] = statement.Id,
        ["patient"] = statement.Patient,
        ["member"] = statement.Member,
        ["role"] = statement.Role,
        ["reason"] = new JsonObject { ["code"] = statement.Reason.Code, ["commitment"] = statement.Reason.Commitment },
        ["issued"] = LedgerTime.Format(statement.Issued),
        ["notAfter"] = LedgerTime.Format(statement.NotAfter),
    }.ToJsonString()));
}
