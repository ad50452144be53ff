using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Audit;

/// <summary>What each kind of write must be, judged by the state before its transaction. Null means that it is right.</summary>
internal sealed class ReplayRules(ILedgerState state, string channel)
{
    public async Task<(string Code, string Text)?> CheckAccessAsync(
        TransactionView transaction, AccessEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var request = entry.Request;
        if (!parts.SequenceEqual([request.PatientId, entry.Requester, request.AccessId])
            || entry.Requester != transaction.CreatorMspId || !IsTimeOf(transaction, entry.RequestedAt)
            || !entry.Decisions.Select(decision => decision.Record).SequenceEqual(request.Records))
            return ("decision.forged", $"Access {request.AccessId} is not what its sender asked for.");
        if (await FindAsync(LedgerKey.Access(entry.Ref), LedgerJson.Default.AccessEntry, ct) is not null)
            return ("decision.forged", $"Access {request.AccessId} was decided before.");
        if (await RequesterAsync(entry, ct) is not { } requester)
            return ("decision.forged", $"Access {request.AccessId} was asked for by no hospital of the channel.");
        var policy = await PatientPolicy.LoadAsync(state, request.PatientId, ct);
        var facts = PatientPolicy.FactsOf(request, requester, entry.RequestedAt);
        foreach (var decision in entry.Decisions)
        {
            if (await RecordAsync(request.PatientId, decision.Record, ct) is not { } record)
                return ("decision.wrong", $"Access {request.AccessId} decides about a record that does not exist.");
            var right = policy.Decide(PatientPolicy.FactsOf(record), facts);
            if (decision != AccessDecision.From(decision.Record, right))
                return ("decision.wrong",
                    $"Access {request.AccessId}, record {decision.Record.RecordId}: recorded {decision.Reason}, right is {DecisionCodes.CodeOf(right.Reason)}.");
        }
        return null;
    }

    public async Task<(string Code, string Text)?> CheckReleaseAsync(
        TransactionView transaction, ReleaseEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var release = entry.Release;
        var access = await FindAsync(LedgerKey.Access(release.Access), LedgerJson.Default.AccessEntry, ct);
        if (access is null || entry.Custodian != transaction.CreatorMspId || !IsTimeOf(transaction, entry.ReleasedAt)
            || !parts.SequenceEqual(
                [release.Access.PatientId, release.Access.Requester, release.Access.AccessId, entry.Custodian, release.ReleaseId])
            || await RequesterAsync(access, ct) is not { } requester)
            return ("release.forged", $"Release {release.ReleaseId} rests on no request of this channel.");
        var policy = await PatientPolicy.LoadAsync(state, release.Access.PatientId, ct);
        var facts = PatientPolicy.FactsOf(access.Request, requester, entry.ReleasedAt);
        foreach (var recordId in release.RecordIds)
        {
            var name = new RecordRef(entry.Custodian, recordId);
            var decision = access.Decisions.FirstOrDefault(candidate => candidate.Record == name);
            if (decision is not { Permitted: true, NotAfter: { } end } || entry.ReleasedAt >= end || entry.NotAfter > end
                || await RecordAsync(release.Access.PatientId, name, ct) is not { } record
                || !policy.Decide(PatientPolicy.FactsOf(record), facts).Permitted)
                return ("release.not_permitted", $"Release {release.ReleaseId} gives away record {recordId}, which nothing permitted.");
        }
        return null;
    }

    public async Task<(string Code, string Text)?> CheckStatementAsync(
        string id, SignedStatement signed, IReadOnlyList<string> parts, CancellationToken ct) =>
        await VerifyAsync(signed, ct) is { Body: GrantBody } statement
            && statement.Id == id && parts.SequenceEqual([statement.Patient, id])
            && await FindAsync(LedgerKey.EndedStatement(statement.Patient, id), LedgerJson.Default.EndedStatementEntry, ct) is null
            ? null
            : ("statement.forged", $"Statement {id} was not signed by a credential of its patient, or had ended before.");

    public async Task<(string Code, string Text)?> CheckEndedAsync(
        EndedStatementEntry entry, IReadOnlyList<string> parts, List<KVWrite> writes, CancellationToken ct)
    {
        var forged = ("statement.forged", $"Statement {entry.StatementId} ended without a signature of its patient.");
        if (parts[1] != entry.StatementId)
            return forged;
        if (entry.Kind is EndedStatementKind.Revocation or EndedStatementKind.Link)
        {
            return entry.Signed is { } signed && await VerifyAsync(signed, ct) is { Body: RevokeBody or LinkBody } statement
                && statement.Patient == parts[0] && statement.Id == entry.StatementId ? null : forged;
        }
        // A grant ends only together with the revocation that names it, which is checked by itself.
        return entry.RevokedBy is { } revocation && IsRevokedBy(parts[0], entry.StatementId, revocation, writes) ? null : forged;
    }

    public async Task<(string Code, string Text)?> CheckRemovalAsync(
        LedgerKind kind, IReadOnlyList<string> parts, List<KVWrite> writes, CancellationToken ct)
    {
        if (kind is LedgerKind.Statement)
        {
            var ended = writes.FirstOrDefault(write => write.Key == LedgerKey.EndedStatement(parts[0], parts[1]));
            if (ended is { IsDelete: false })
                return null; // that write is checked by itself
        }
        return await state.GetAsync(LedgerKey.Prefix(kind, parts), ct) is null
            ? null
            : ("entry.removed", $"An entry of kind {kind} was removed.");
    }

    public async Task<(string Code, string Text)?> CheckPatientAsync(
        TransactionView transaction, PatientEntry entry, IReadOnlyList<string> parts, CancellationToken ct) =>
        parts[0] == entry.PatientId && entry.EnrolledBy == transaction.CreatorMspId
            && await FindAsync(LedgerKey.Patient(entry.PatientId), LedgerJson.Default.PatientEntry, ct) is null
            ? null
            : ("credential.forged", $"Patient {entry.PatientId} was enrolled twice, or by another member than the sender.");

    public async Task<(string Code, string Text)?> CheckCredentialAsync(
        TransactionView transaction, CredentialEntry entry, IReadOnlyList<string> parts, List<KVWrite> writes, CancellationToken ct)
    {
        var patient = await PatientAsync(entry.PatientId, writes, ct);
        var hasOne = false;
        await foreach (var _ in state.ListAsync(LedgerKind.Credential, [entry.PatientId], ct))
            hasOne = true;
        return parts.SequenceEqual([entry.PatientId, entry.Credential.CredentialId]) && !hasOne
            && patient is not null && patient.EnrolledBy == entry.AddedBy && entry.AddedBy == transaction.CreatorMspId
            ? null
            : ("credential.forged", $"A credential was added to patient {entry.PatientId} by a member that may not.");
    }

    public async Task<(string Code, string Text)?> CheckAffiliationAsync(
        TransactionView transaction, AffiliationEntry entry, IReadOnlyList<string> parts, List<KVWrite> writes, CancellationToken ct)
    {
        var forged = ("affiliation.forged", $"'{entry.Member}' was affiliated with patient {entry.PatientId} without the patient's signature.");
        if (!parts.SequenceEqual([entry.PatientId, entry.Member]))
            return forged;
        if (entry.StatementId is null)
        {
            var patient = await PatientAsync(entry.PatientId, writes, ct);
            return patient?.EnrolledBy == entry.Member && entry.Member == transaction.CreatorMspId ? null : forged;
        }
        var link = writes.FirstOrDefault(write => write.Key == LedgerKey.EndedStatement(entry.PatientId, entry.StatementId));
        return link is { IsDelete: false }
            && JsonSerializer.Deserialize(link.Value.Span, LedgerJson.Default.EndedStatementEntry)?.Signed is { } signed
            && await VerifyAsync(signed, ct) is { Body: LinkBody body } && body.Member == entry.Member ? null : forged;
    }

    public async Task<(string Code, string Text)?> CheckRecordAsync(
        TransactionView transaction, RecordEntry entry, IReadOnlyList<string> parts, CancellationToken ct) =>
        parts.SequenceEqual([entry.Record.PatientId, entry.Custodian, entry.Record.RecordId])
            && entry.Custodian == transaction.CreatorMspId && await state.GetAsync(LedgerKey.Prefix(LedgerKind.Record, parts), ct) is null
            ? null
            : ("record.forged", $"Record {entry.Record.RecordId} was registered twice, or by another member than its custodian.");

    private static bool IsRevokedBy(string patient, string grant, string revocation, List<KVWrite> writes)
    {
        var write = writes.FirstOrDefault(candidate => candidate.Key == LedgerKey.EndedStatement(patient, revocation));
        if (write is not { IsDelete: false }
            || JsonSerializer.Deserialize(write.Value.Span, LedgerJson.Default.EndedStatementEntry)?.Signed is not { } signed)
            return false;
        try
        {
            return SignedStatementReader.Read(signed).Body is RevokeBody body && body.Statement == grant;
        }
        catch (PolicyException)
        {
            return false;
        }
    }

    private static bool IsTimeOf(TransactionView transaction, DateTimeOffset time) =>
        transaction.Timestamp is { } proposed && LedgerTime.Truncate(proposed) == time;

    private async Task<Statement?> VerifyAsync(SignedStatement signed, CancellationToken ct)
    {
        try
        {
            var statement = SignedStatementReader.Read(signed);
            var credential = await FindAsync(
                LedgerKey.Credential(statement.Patient, statement.Signer.Credential), LedgerJson.Default.CredentialEntry, ct);
            if (credential is null || statement.Channel != channel)
                return null;
            SignedStatementReader.Verify(signed, credential.Credential);
            return statement;
        }
        catch (PolicyException)
        {
            return null; // the caller names the fault
        }
    }

    private async Task<OrganizationEntry?> RequesterAsync(AccessEntry access, CancellationToken ct) =>
        await FindAsync(LedgerKey.Organization(access.Requester), LedgerJson.Default.OrganizationEntry, ct) is
            { Kind: OrganizationKind.Hospital } requester ? requester : null;

    private Task<RecordEntry?> RecordAsync(string patientId, RecordRef record, CancellationToken ct) =>
        FindAsync(LedgerKey.Record(patientId, record.Custodian, record.RecordId), LedgerJson.Default.RecordEntry, ct);

    // A patient's first credentials are written together with the patient.
    private async Task<PatientEntry?> PatientAsync(string patientId, List<KVWrite> writes, CancellationToken ct)
    {
        var key = LedgerKey.Patient(patientId);
        return writes.FirstOrDefault(write => write.Key == key) is { IsDelete: false } written
            ? JsonSerializer.Deserialize(written.Value.Span, LedgerJson.Default.PatientEntry)
            : await FindAsync(key, LedgerJson.Default.PatientEntry, ct);
    }

    private async Task<T?> FindAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken ct) where T : class =>
        await state.GetAsync(key, ct) is { } value ? JsonSerializer.Deserialize(value, type) : null;
}
