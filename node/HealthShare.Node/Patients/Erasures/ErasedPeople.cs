using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>
/// Takes away who a person that erased was to the sign-in of this node: names and links with the block, and those who act for the person;
/// the own passkeys and sessions a week later, so that the person can still see how far the erasure is; where the node holds what is its
/// own for a while first, a week after that. With them goes then whatever was written about the person meanwhile.
/// </summary>
internal sealed class ErasedPeople(IDatabase database, PersonNames names, TimeProvider clock) : IProjection, IPruned
{
    /// <summary>From the block, or from when nothing is held any more, until the person cannot sign in here.</summary>
    public static readonly TimeSpan SeesFor = TimeSpan.FromDays(7);

    private const string Erased = "patient_id IN (SELECT patient_id FROM erasure_task WHERE seen_at <= @old AND (held_until IS NULL OR held_until <= @old))";

    /// <inheritdoc/>
    public string Name => "people who erased";

    /// <inheritdoc/>
    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Patient, Value: { } value }
                && JsonSerializer.Deserialize(value.Span, LedgerJson.Default.PatientEntry) is { IsErased: true } patient)
                await EraseAsync(patient, transaction, ct);
        }
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var values = new { old = (clock.GetUtcNow() - SeesFor).ToUnixTimeMilliseconds() };
        var gone = 0;
        foreach (var (table, condition) in ((string, string)[])
        [
            ("invitation", Erased), ("session", $"person_id IN (SELECT id FROM person WHERE {Erased})"),
            ("passkey", $"person_id IN (SELECT id FROM person WHERE {Erased})"), ("person", Erased), ("revocation_followed", $"{Erased} AND since <= @old"),
            ("event", $"{Erased} AND happened_at <= @old"), ("webhook_delivery", $"{Erased} AND created_at <= @old"),
        ])
            gone += await transaction.Connection!.ExecuteAsync(new CommandDefinition($"DELETE FROM {table} WHERE {condition}", values, transaction, cancellationToken: ct));
        return gone;
    }, ct);

    private async Task EraseAsync(PatientEntry patient, DbTransaction transaction, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var values = new { patientId = patient.PatientId, erasedBy = patient.ErasedBy };
        const string OfDelegates = "person_id IN (SELECT id FROM person WHERE patient_id = @patientId AND delegate_id IS NOT NULL)";
        foreach (var sql in (string[])
        [
            // The links first: who uses one at this moment either is a person by now, who goes next, or finds no link.
            "DELETE FROM invitation WHERE patient_id = @patientId",
            $"DELETE FROM passkey WHERE {OfDelegates}",
            $"DELETE FROM session WHERE {OfDelegates}",
            "DELETE FROM person WHERE patient_id = @patientId AND delegate_id IS NOT NULL",
            "UPDATE session SET user_agent = '' WHERE person_id IN (SELECT id FROM person WHERE patient_id = @patientId)",
            "DELETE FROM revocation_followed WHERE patient_id = @patientId AND statement_id <> @erasedBy",
        ])
            await connection.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: ct));
        foreach (var id in (await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT id FROM person WHERE patient_id = @patientId", values, transaction, cancellationToken: ct))).AsList())
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE person SET name = @name WHERE id = @id", new { id, name = names.Protect("", id) }, transaction, cancellationToken: ct));
        }
    }
}
