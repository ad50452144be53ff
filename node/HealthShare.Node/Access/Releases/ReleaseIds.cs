using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;

namespace HealthShare.Node.Access.Releases;

/// <summary>What both sides of a release compute for themselves.</summary>
internal static class ReleaseIds
{
    /// <summary>The id of a custodian's release for an access: always the same, so that a repetition is no second release.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="custodian">MSP id of who releases.</param>
    /// <param name="access">The access.</param>
    /// <param name="part">0; higher for what could be released only later, when a waiting time was over.</param>
    public static string For(string channel, string custodian, AccessRef access, int part = 0) =>
        LedgerId.From(IdKind.Release, SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"healthshare-release-v1\n{channel}\n{custodian}\n{access.PatientId}\n{access.Requester}\n{access.AccessId}{(part == 0 ? "" : $"\n{part}")}"))).AsSpan(0, 16));

    /// <summary>
    /// The end of a release: the earliest of the decisions that it rests on. Null when one of the records was not permitted.
    /// </summary>
    public static DateTimeOffset? NotAfter(AccessEntry access, string custodian, IReadOnlyList<string> recordIds)
    {
        DateTimeOffset? earliest = null;
        foreach (var recordId in recordIds)
        {
            var decision = access.Decisions.FirstOrDefault(decision => decision.Record.Custodian == custodian && decision.Record.RecordId == recordId);
            if (decision is not { Permitted: true, NotAfter: { } end })
                return null;
            earliest = earliest is null || end < earliest ? end : earliest;
        }
        return earliest;
    }

    /// <summary>HPKE's info: an envelope opens for this release and no other.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="access">The access as the ledger has it.</param>
    /// <param name="custodian">MSP id of who releases.</param>
    /// <param name="releaseId">Id of the release.</param>
    /// <param name="keyId">The requester's sealing key.</param>
    /// <param name="recordIds">The records, in the release's order.</param>
    /// <param name="notAfter">The end of the release.</param>
    public static byte[] Info(string channel, AccessEntry access, string custodian, string releaseId, string keyId,
        IReadOnlyList<string> recordIds, DateTimeOffset notAfter) => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(new JsonObject
        {
            ["v"] = 1,
            ["channel"] = channel,
            ["accessId"] = access.Request.AccessId,
            ["releaseId"] = releaseId,
            ["custodian"] = custodian,
            ["requester"] = access.Requester,
            ["keyId"] = keyId,
            ["records"] = new JsonArray([.. recordIds.Select(id => (JsonNode?)id)]),
            ["purpose"] = access.Request.Purpose,
            ["notAfter"] = LedgerTime.Format(notAfter),
        }.ToJsonString()));
}
