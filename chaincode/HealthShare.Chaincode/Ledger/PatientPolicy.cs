using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// A patient's statements, loaded once and ready to decide about any number of records. Endorsers load it over the running
/// transaction, nodes over their replica.
/// </summary>
public sealed class PatientPolicy
{
    private readonly StatementInForce[]? statements;

    private PatientPolicy(StatementInForce[]? statements) => this.statements = statements;

    /// <summary>
    /// Loads what the channel accepted: denies, and permits whose credential was not revoked. Statements and credentials are
    /// read as ranges, so a later change of either invalidates the transaction.
    /// </summary>
    public static Task<PatientPolicy> LoadAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        LoadAsync(state, patientId, static _ => true, static (_, _, _) => true, static _ => true, ct);

    /// <summary>
    /// Loads and verifies again, as a custodian does before it gives a key away: a permit counts only when a credential that
    /// the custodian trusts signed exactly these bytes for this channel and patient. Denies count in any case.
    /// </summary>
    /// <param name="state">The node's replica.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="isTrusted">True for a credential that the custodian enrolled or accepted.</param>
    /// <param name="isVouched">True for a signer that hospitals vouch for once its waiting time is over by the custodian's own clock.</param>
    /// <param name="ct">Stops the reading.</param>
    public static Task<PatientPolicy> LoadVerifiedAsync(
        ILedgerState state, string channel, string patientId, Func<CredentialEntry, bool> isTrusted, Func<VouchedEntry, bool> isVouched,
        CancellationToken ct) =>
        LoadAsync(state, patientId, isTrusted, (signed, statement, credential) =>
            statement.Channel == channel && IsSigned(signed, credential), isVouched, ct);

    /// <summary>Decides about one record. Never throws; where a stored statement cannot be read, nothing is permitted.</summary>
    public Decision Decide(RecordFacts record, RequestFacts request) =>
        statements is null ? DecisionKernel.Unreadable : DecisionKernel.Decide(record, request, statements);

    /// <summary>Decides about one record for whoever might ask, and says what would change it.</summary>
    public Explanation Explain(ExplainAccess query, RecordEntry record, OrganizationEntry requester, DateTimeOffset time)
    {
        // Nobody has the staff id of a reader who is known by the role alone.
        var request = new RequestAccess(query.PatientId, "", [query.Record], query.Purpose, query.Role, query.Staff ?? "");
        var decision = Decide(FactsOf(record), FactsOf(request, requester, time));
        return new Explanation(AccessDecision.From(query.Record, decision), DecisionCodes.ChangesOf(decision), time);
    }

    /// <summary>The policy as it would be with further statements; where a stored one cannot be read, still none permits.</summary>
    public PatientPolicy With(params IReadOnlyList<StatementInForce> further) =>
        statements is null ? this : new PatientPolicy([.. statements, .. further]);

    /// <summary>The statements that decide; empty where a stored one cannot be read.</summary>
    public IReadOnlyList<StatementInForce> Statements => statements ?? [];

    /// <summary>How many signed statements are in force at a time.</summary>
    public int CountInForce(DateTimeOffset time) =>
        statements?.Count(statement => statement.AttestedBy is null && (statement.Grant.Period.End is not { } end || end > time)) ?? 0;

    /// <summary>What the kernel takes of a record.</summary>
    public static RecordFacts FactsOf(RecordEntry entry) => new(
        entry.Record.RecordId, entry.Custodian, [.. entry.Record.Categories], [.. entry.Record.Labels], entry.Record.Author,
        entry.Record.Encounter, entry.Record.Confidentiality, entry.Record.Date);

    /// <summary>What the kernel takes of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requester">The member that asks.</param>
    /// <param name="time">The time to decide for, in whole seconds.</param>
    /// <param name="emergencyUntil">End of the emergency session that the request names and that stands; null for none.</param>
    public static RequestFacts FactsOf(
        RequestAccess request, OrganizationEntry requester, DateTimeOffset time, DateTimeOffset? emergencyUntil = null) => new(
        requester.MspId, requester.Kind is OrganizationKind.Hospital, request.Role, request.Staff, request.Purpose, time, emergencyUntil,
        requester.SuspendedAt is not null);

    private static bool IsSigned(SignedStatement signed, Credential credential)
    {
        try
        {
            SignedStatementReader.Verify(signed, credential);
            return true;
        }
        catch (PolicyException)
        {
            return false; // the permit does not count; that is the answer
        }
    }

    private static async Task<PatientPolicy> LoadAsync(
        ILedgerState state, string patientId, Func<CredentialEntry, bool> isTrusted,
        Func<SignedStatement, Statement, Credential, bool> isSigned, Func<VouchedEntry, bool> isVouched, CancellationToken ct)
    {
        var credentials = await CredentialsAsync(state, patientId, ct);
        var delegated = new DelegatedPermits(state, credentials, isTrusted, isSigned, isVouched);
        var loaded = ImmutableArray.CreateBuilder<StatementInForce>();
        var readable = true;
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Statement, [patientId], ct))
        {
            // The whole range is read even when one entry is bad: endorsers must agree on what was read.
            if (!TryRead(key, value, patientId, out var signed, out var statement))
                readable = false;
            else if (statement is { Body: GrantBody { Effect: Effect.Permit }, Signer.Delegate: not null })
            {
                if (await delegated.CountingAsync(signed, statement, ct) is { } permit)
                    loaded.Add(new StatementInForce(statement.Id, permit));
            }
            else if (statement.Body is GrantBody { Effect: Effect.Deny }
                || (credentials.GetValueOrDefault(statement.Signer.Credential) is { IsRevoked: false } signer
                    && isTrusted(signer) && isSigned(signed, statement, signer.Credential)))
                loaded.Add(new StatementInForce(statement.Id, (GrantBody)statement.Body));
        }
        var attested = await AttestedConsents.LoadAsync(state, patientId, ct);
        return new PatientPolicy(readable && attested is not null ? [.. loaded, .. attested] : null);
    }

    /// <summary>The patient's credentials by id, those that can be read; a permit of one that cannot counts for nothing.</summary>
    private static async Task<Dictionary<string, CredentialEntry>> CredentialsAsync(
        ILedgerState state, string patientId, CancellationToken ct)
    {
        var credentials = new Dictionary<string, CredentialEntry>(StringComparer.Ordinal);
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Credential, [patientId], ct))
        {
            try
            {
                var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.CredentialEntry)!;
                if (key == LedgerKey.Credential(patientId, entry.Credential.CredentialId))
                    credentials[entry.Credential.CredentialId] = entry;
            }
            catch (JsonException)
            {
                // Left out, which is what the summary says.
            }
        }
        return credentials;
    }

    private static bool TryRead(
        string key, ReadOnlyMemory<byte> value, string patientId, out SignedStatement signed, out Statement statement)
    {
        (signed, statement) = (null!, null!);
        try
        {
            signed = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StatementEntry)!.Signed;
            statement = SignedStatementReader.Read(signed);
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return false;
        }
        return statement.Body is GrantBody && statement.Patient == patientId
            && key == LedgerKey.Statement(patientId, statement.Id);
    }
}
