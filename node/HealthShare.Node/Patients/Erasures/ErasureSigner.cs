using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>
/// Whether a credential of this hospital's own list signed an erasure. The channel's word is not enough to destroy what cannot be made
/// again: hospitals that collude can bring a credential of their own and sign with it in the next block.
/// </summary>
internal static class ErasureSigner
{
    /// <summary>Verifies the signature once more, by the list as the block leaves it.</summary>
    public static async Task<bool> IsTrustedAsync(DbTransaction transaction, string channel, PatientEntry patient, CancellationToken ct)
    {
        var (patientId, statementId) = (patient.PatientId, patient.ErasedBy!);
        if (await new ReplicaInBlock(transaction).GetAsync(
                LedgerKey.EndedStatement(patientId, statementId), LedgerJson.Default.EndedStatementEntry, ct) is not { Signed: { } signed })
            return false;
        try
        {
            var statement = SignedStatementReader.Read(signed);
            if (statement is not { Body: EraseBody, Signer.Delegate: null } || statement.Channel != channel
                || statement.Patient != patientId || statement.Id != statementId
                || await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition("""
                    SELECT credential FROM trusted_credential
                    WHERE patient_id = @patientId AND credential_id = @credential AND revoked_at IS NULL
                    """, new { patientId, credential = statement.Signer.Credential }, transaction, cancellationToken: ct)) is not { } own)
                return false;
            SignedStatementReader.Verify(signed, JsonSerializer.Deserialize(own, LedgerJson.Default.Credential)!);
            return true;
        }
        catch (PolicyException)
        {
            return false; // nobody on the list signed it
        }
    }
}
