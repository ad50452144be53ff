using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What the patient revoked, and may yet have to. Endorsers, nodes and auditors judge it alike.</summary>
public static class PatientRevocations
{
    /// <summary>
    /// True when the patient signed a revocation of an id. That something ended under the id is not enough: whoever signs chooses the id
    /// of what they sign, so a delegate could take one that names something which only the patient may end.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="statementId">What was revoked.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<bool> HasAsync(ILedgerState state, string patientId, string statementId, CancellationToken ct)
    {
        try
        {
            if (await EndedAsync(state, patientId, statementId, ct) is not { RevokedBy: { } revocationId }
                || await EndedAsync(state, patientId, revocationId, ct) is not { Kind: EndedStatementKind.Revocation, Signed: { } signed })
                return false;
            var statement = SignedStatementReader.Read(signed);
            return statement.Patient == patientId && statement.Id == revocationId && statement.Signer.Delegate is null
                && statement.Body is RevokeBody revocation && revocation.Statement == statementId;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return false; // a revocation that cannot be read is none
        }
    }

    /// <summary>
    /// True for the id of something that only the patient's signature ends although no statement of the patient's has it: a merge, an
    /// attested consent, a deny that a merge carries here or would. Whoever else gave it to a word of their own would leave the patient
    /// without an id to revoke. All is read as ranges, so what comes until the commit invalidates the transaction.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="patientId">The patient under whom the id would be taken.</param>
    /// <param name="statementId">The id.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<bool> IsKeptForPatientAsync(ILedgerState state, string patientId, string statementId, CancellationToken ct)
    {
        if ((await state.ListAsync(LedgerKind.MergedInto, patientId, LedgerJson.Default.MergedIntoEntry, ct)).Any(link => link.MergeId == statementId))
            return true;
        var ids = new List<string> { patientId };
        foreach (var entry in await state.ListAsync(LedgerKind.Merge, patientId, LedgerJson.Default.MergeEntry, ct))
        {
            var merge = entry.Merge;
            if (merge.MergeId == statementId || await state.GetAsync(LedgerKey.Statement(merge.Merged, statementId), ct) is not null)
                return true;
            ids.Add(merge.Merged);
        }
        foreach (var id in ids)
        {
            await foreach (var (key, _) in state.ListAsync(LedgerKind.Attestation, [id], ct))
            {
                if (LedgerKey.TryParse(key, out _, out var parts) && parts[^1] == statementId)
                    return true;
            }
        }
        return false;
    }

    private static Task<EndedStatementEntry?> EndedAsync(ILedgerState state, string patientId, string statementId, CancellationToken ct) =>
        state.FindAsync(LedgerKey.EndedStatement(patientId, statementId), LedgerJson.Default.EndedStatementEntry, ct);
}
