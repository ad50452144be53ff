using System.Data.Common;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Receipts;

/// <summary>
/// Deletes received keys whose decision no longer stands: within the block that brings a revocation or a denial, so that no
/// moment lies between the two.
/// </summary>
internal sealed partial class ReceivedKeyReview(ILedger ledger, ILogger<ReceivedKeyReview> logger)
{
    /// <summary>Reviews the keys of a patient's records.</summary>
    /// <param name="patientId">The patient whose statements changed, or whose keys came.</param>
    /// <param name="now">The time to decide for.</param>
    /// <param name="transaction">The transaction; it sees the policy as it is to count.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task ApplyAsync(string patientId, DateTimeOffset now, DbTransaction transaction, CancellationToken ct)
    {
        var keys = await ReceivedKeys.OfPatientAsync(transaction, patientId, ct);
        if (keys.Count == 0)
            return;
        var state = new ReplicaInBlock(transaction);
        var policies = new Dictionary<bool, PatientPolicy>();
        foreach (var access in keys.GroupBy(key => key.AccessId, key => key.RecordId))
        {
            var entry = await state.GetAsync(LedgerKey.Access(new AccessRef(patientId, ledger.MspId, access.Key)), LedgerJson.Default.AccessEntry, ct);
            foreach (var recordId in access)
            {
                if (entry is not null && await StandsAsync(state, policies, entry, recordId, LedgerTime.Truncate(now), ct))
                    continue;
                await ReceivedKeys.DeleteAsync(transaction, access.Key, recordId);
                LogDeleted(recordId, access.Key);
            }
        }
    }

    private async Task<bool> StandsAsync(
        ReplicaInBlock state, Dictionary<bool, PatientPolicy> policies, AccessEntry entry, string recordId, DateTimeOffset now, CancellationToken ct)
    {
        var decision = entry.Decisions.FirstOrDefault(decision => decision.Permitted && decision.Record.RecordId == recordId);
        if (decision is not { NotAfter: { } end } || now >= end)
            return false;
        var record = await state.GetAsync(
            LedgerKey.Record(entry.Request.PatientId, decision.Record.Custodian, recordId), LedgerJson.Default.RecordEntry, ct);
        var requester = await state.GetAsync(LedgerKey.Organization(ledger.MspId), LedgerJson.Default.OrganizationEntry, ct);
        if (record is null || requester is null)
            return false;
        var time = now > entry.RequestedAt ? now : entry.RequestedAt;
        var until = await EmergencySession.StandingUntilAsync(state, ledger.Channel, entry.Request, ledger.MspId, time, ct);
        var (about, facts) = (PatientPolicy.FactsOf(record), PatientPolicy.FactsOf(entry.Request, requester, time, until));
        // One is loaded for emergencies, one for all else.
        var isEmergency = DecisionKernel.IsEmergency(facts);
        if (!policies.TryGetValue(isEmergency, out var policy))
            policies[isEmergency] = policy = await PatientPolicy.LoadAsync(state, entry.Request.PatientId, facts, ct);
        return (await policy.ForAccessAsync(state, entry.Ref, mayTake: false, [about], facts, ct)).Decide(about, facts).Permitted;
    }

    [LoggerMessage(3741, LogLevel.Information, "The key of record {RecordId} of access {AccessId} is deleted: its decision no longer stands.")]
    private partial void LogDeleted(string recordId, string accessId);
}
