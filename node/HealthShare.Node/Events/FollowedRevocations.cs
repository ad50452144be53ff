using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Events;

/// <summary>Something taken back that is on the channel and not yet known to be with two members.</summary>
/// <param name="TransactionId">Its transaction.</param>
/// <param name="PatientId">The patient.</param>
/// <param name="StatementId">What the patient signed.</param>
/// <param name="Since">Since when it is followed.</param>
/// <param name="Attempts">How often was looked in vain.</param>
internal sealed record FollowedRevocation(string TransactionId, string PatientId, string StatementId, DateTimeOffset Since, int Attempts);

/// <summary>The list of what is followed. Each word of how far it has come is written with the line that it adds or ends: both count or neither.</summary>
internal sealed class FollowedRevocations(IDatabase database, TimeProvider clock) : ITaskList<FollowedRevocation>
{
    /// <summary>Most that are followed at once; what is beyond is told as unknown.</summary>
    public const int MostFollowed = 10_000;

    private const int BatchSize = 100;

    /// <summary>Tells how far it has come, and has it followed where it is not done.</summary>
    public Task TellAsync(Statement statement, string transactionId, IReadOnlyList<string> committedBy, bool isDone, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var kind = isDone ? "done" : "waiting";
            if (!isDone)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                    INSERT INTO revocation_followed (transaction_id, patient_id, statement_id, since, attempts, next_at)
                    SELECT @transactionId, @Patient, @Id, @now, 0, @now WHERE (SELECT count(*) FROM revocation_followed) < @most
                    ON CONFLICT (transaction_id) DO NOTHING
                    """, new { transactionId, statement.Patient, statement.Id, now = Now, most = MostFollowed }, transaction, cancellationToken: ct));
                // Nobody looks again after what has no line, so it is not said to be waiting.
                if (await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                    "SELECT count(*) FROM revocation_followed WHERE transaction_id = @transactionId", new { transactionId }, transaction, cancellationToken: ct)) == 0)
                    kind = "unknown";
            }
            await AddEventAsync(transaction, kind, statement.Patient, statement.Id, committedBy, ct);
        }, ct);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FollowedRevocation>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT transaction_id AS TransactionId, patient_id AS PatientId, statement_id AS StatementId, since AS Since, attempts AS Attempts
            FROM revocation_followed WHERE next_at <= @now ORDER BY next_at LIMIT @limit
            """, new { now = Now, limit = BatchSize }, cancellationToken: ct));
        return [.. rows.Select(static row => new FollowedRevocation(
            row.TransactionId, row.PatientId, row.StatementId, DateTimeOffset.FromUnixTimeMilliseconds(row.Since), (int)row.Attempts))];
    }

    /// <summary>Looks again later, after longer each time.</summary>
    public Task LaterAsync(FollowedRevocation one, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("UPDATE revocation_followed SET attempts = attempts + 1, next_at = @next WHERE transaction_id = @TransactionId",
            new { one.TransactionId, next = (clock.GetUtcNow() + TaskWorker.PauseAfter(one.Attempts)).ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);

    /// <summary>Ends it with its last word.</summary>
    /// <param name="one">What was followed.</param>
    /// <param name="kind"><c>done</c>, or <c>unknown</c> where nobody could say so for too long.</param>
    /// <param name="committedBy">Members that have it.</param>
    /// <param name="ct">Stops the writing.</param>
    public Task EndAsync(FollowedRevocation one, string kind, IReadOnlyList<string> committedBy, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM revocation_followed WHERE transaction_id = @TransactionId", new { one.TransactionId }, transaction, cancellationToken: ct)) == 1)
            await AddEventAsync(transaction, kind, one.PatientId, one.StatementId, committedBy, ct);
    }, ct);

    private Task AddEventAsync(
        DbTransaction transaction, string kind, string patientId, string statementId, IReadOnlyList<string> committedBy, CancellationToken ct) =>
        EventTable.AddAsync(transaction, [new NodeEvent(EventTopic.Revocation, kind, clock.GetUtcNow())
        {
            PatientId = patientId, Subject = statementId, Members = committedBy,
        }], ct);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Row(string TransactionId, string PatientId, string StatementId, long Since, long Attempts);
}
