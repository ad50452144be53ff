using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Provenance;

/// <summary>How a record came in.</summary>
/// <param name="ReceivedAt">When it was in the journal, in milliseconds since 1970.</param>
/// <param name="Door">Which door it came through, such as <c>mllp</c>.</param>
internal sealed record RecordArrival(long ReceivedAt, string Door);

/// <summary>How this node's own records came in.</summary>
internal sealed class ProvenanceTable(IDatabase database)
{
    /// <summary>Notes how messages came in, in the transaction that notes their registration.</summary>
    public static Task AddAsync(DbTransaction transaction, IEnumerable<IntakeMessage> messages, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO record_provenance (record_id, received_at, door) VALUES (@RecordId, @ReceivedAt, @Source) ON CONFLICT (record_id) DO NOTHING
            """, messages.Select(message => new { message.RecordId, message.ReceivedAt, message.Source }), transaction, cancellationToken: ct));

    /// <summary>Which of these records are registered, as this node noted it: for as long as it keeps their keys, and after the journal forgot their messages.</summary>
    public async Task<HashSet<string>> RegisteredAsync(IEnumerable<string> recordIds, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var found = await connection.QueryEachAsync(null, "SELECT record_id FROM record_provenance WHERE record_id = @value", recordIds, row => row.GetString(0), ct);
        return found.OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>How a record came in; null where it did not come through this node's doors.</summary>
    public async Task<RecordArrival?> FindAsync(string recordId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<RecordArrival>(new CommandDefinition(
            "SELECT received_at AS ReceivedAt, door AS Door FROM record_provenance WHERE record_id = @recordId", new { recordId }, cancellationToken: ct));
    }
}
