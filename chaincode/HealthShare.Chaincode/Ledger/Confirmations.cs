using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Which permits the patient confirmed. Endorsers, nodes and auditors judge it alike.</summary>
public static class Confirmations
{
    /// <summary>True for a permit that a delegate signed.</summary>
    public static bool CanConfirm(StatementEntry entry) =>
        SignedStatementReader.Read(entry.Signed) is { Signer.Delegate: not null, Body: GrantBody { Effect: Effect.Permit } };

    /// <summary>Who confirms by a statement: the guardian who signed it, or the patient.</summary>
    public static string ConfirmerOf(Statement statement) => statement.Signer.Delegate ?? statement.Patient;

    /// <summary>The statement by which somebody confirms a permit, with its assertion; null where there is none.</summary>
    /// <param name="state">The state.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="statementId">The permit.</param>
    /// <param name="confirmer">Id of the patient or of a guardian.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<(SignedStatement Signed, Statement Statement)?> FindAsync(
        ILedgerState state, string patientId, string statementId, string confirmer, CancellationToken ct)
    {
        try
        {
            if (await state.GetAsync(LedgerKey.Confirmation(patientId, statementId, confirmer), ct) is not { } json
                || JsonSerializer.Deserialize(json, LedgerJson.Default.ConfirmationEntry) is not { } entry || entry.StatementId != statementId
                || await state.GetAsync(LedgerKey.EndedStatement(patientId, entry.ConfirmedBy), ct) is not { } endedJson
                || JsonSerializer.Deserialize(endedJson, LedgerJson.Default.EndedStatementEntry)?.Signed is not { } signed)
                return null;
            var statement = SignedStatementReader.Read(signed);
            return statement.Patient == patientId && ConfirmerOf(statement) == confirmer
                && statement.Body is ConfirmBody body && body.Statements.Contains(statementId) ? (signed, statement) : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // a confirmation that cannot be read confirms nothing
        }
    }
}
