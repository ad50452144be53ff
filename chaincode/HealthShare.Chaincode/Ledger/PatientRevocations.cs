using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What the patient revoked. Endorsers, nodes and auditors judge it alike.</summary>
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

    private static async Task<EndedStatementEntry?> EndedAsync(ILedgerState state, string patientId, string statementId, CancellationToken ct) =>
        await state.GetAsync(LedgerKey.EndedStatement(patientId, statementId), ct) is { } json
            ? JsonSerializer.Deserialize(json, LedgerJson.Default.EndedStatementEntry)
            : null;
}
