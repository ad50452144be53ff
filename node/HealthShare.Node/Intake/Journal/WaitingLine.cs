using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// Who stands behind whom: messages that wait for their next attempt, by what they are about. Mostly nobody waits, and then this costs one look for a
/// whole batch; where many do, a few looks for each message of the batch, however many they are.
/// </summary>
internal static class WaitingLine
{
    /// <summary>What messages about one patient have in common once the patient is known.</summary>
    public static long KeyOf(string patientId) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(patientId)));

    /// <summary>Those of a batch, all in one state, that must stay behind an earlier message which waits and is not of the batch, or behind one of these; with the time until which.</summary>
    public static async Task<Dictionary<long, long>> BehindAsync(DbConnection connection, IReadOnlyCollection<IntakeMessage> batch, CancellationToken ct)
    {
        var behind = new Dictionary<long, long>();
        if (batch.Count == 0 || await connection.ExecuteScalarAsync<long?>(new CommandDefinition("SELECT 1 FROM intake_wait LIMIT 1", cancellationToken: ct)) is null)
            return behind;
        var first = await FirstAsync(connection, batch, ct);
        foreach (var message in batch.OrderBy(message => message.Sequence))
        {
            var blocking = message.OrderKeys.Select(key => first.GetValueOrDefault(key)).Where(other => other is not null && other.Sequence < message.Sequence).ToList();
            if (blocking.Count == 0)
                continue;
            var until = blocking.Max(other => other!.Until);
            behind[message.Sequence] = until;
            foreach (var key in message.OrderKeys.Where(key => first.GetValueOrDefault(key) is not { } other || other.Sequence > message.Sequence))
                first[key] = new Waiting(message.Sequence, until);
        }
        return behind;
    }

    /// <summary>Messages wait from now on in the state that they are in.</summary>
    public static async Task EnterAsync(DbTransaction transaction, IEnumerable<IntakeMessage> messages, CancellationToken ct)
    {
        var rows = messages.SelectMany(message => message.OrderKeys.Distinct().Select(key => $"({key},{(int)StateName.Read(message.State)},{message.Sequence})")).ToList();
        foreach (var some in rows.Chunk(1000))
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"INSERT INTO intake_wait (order_key, step, message) VALUES {string.Join(',', some)} ON CONFLICT (order_key, step, message) DO NOTHING",
                transaction: transaction, cancellationToken: ct));
        }
    }

    /// <summary>Messages wait no more; those that never did cost nothing.</summary>
    public static async Task LeaveAsync(DbTransaction transaction, IEnumerable<IntakeMessage> messages, CancellationToken ct)
    {
        var waited = messages.Where(message => message.NextAttemptAt > 0).Select(message => message.Sequence).ToList();
        if (waited.Count > 0)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"DELETE FROM intake_wait WHERE message IN ({string.Join(',', waited)})", transaction: transaction, cancellationToken: ct));
        }
    }

    // For each key the first message that waits in the batch's state or one before it.
    private static async Task<Dictionary<long, Waiting>> FirstAsync(DbConnection connection, IReadOnlyCollection<IntakeMessage> batch, CancellationToken ct)
    {
        var without = string.Join(',', batch.Where(message => message.NextAttemptAt > 0).Select(message => message.Sequence).DefaultIfEmpty(-1));
        var lines = Enumerable.Range(0, (int)StateName.Read(batch.First().State) + 1).Select(step => $"""
            SELECT * FROM (SELECT wait.message, due.next_attempt_at FROM intake_wait wait JOIN intake_message due ON due.sequence = wait.message
            WHERE wait.order_key = @value AND wait.step = {step} AND wait.message NOT IN ({without}) ORDER BY wait.message LIMIT 1) AS line{step}
            """);
        var keys = batch.SelectMany(message => message.OrderKeys).Distinct().ToList();
        var found = await connection.QueryEachAsync(null, $"{string.Join(" UNION ALL ", lines)} ORDER BY 1 LIMIT 1", keys,
            row => new Waiting(row.GetInt64(0), row.GetInt64(1)), ct);
        return keys.Zip(found).Where(one => one.Second is not null).ToDictionary(one => one.First, one => one.Second!);
    }

    private sealed record Waiting(long Sequence, long Until);
}
