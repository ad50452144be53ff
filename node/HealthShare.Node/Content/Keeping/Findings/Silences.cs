using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Keeping.Findings;

/// <summary>
/// Contents of which a replica says nothing while it answers for others: a bad sector, say. Nothing is known of one that does so once;
/// after <see cref="Most"/> looks with answers for others between them it is a finding. A replica that is away is none. Durable.
/// </summary>
internal sealed class Silences(IDatabase database, ReplicaBoard board, TimeProvider clock)
{
    /// <summary>Looks without an answer that make a finding.</summary>
    public const int Most = 3;

    /// <summary>Counts the silences of a look at one content.</summary>
    /// <returns>The verdicts that are findings now.</returns>
    public async Task<IReadOnlyList<ReplicaVerdict>> FollowAsync(Cid cid, IReadOnlyList<ReplicaVerdict> verdicts, CancellationToken ct)
    {
        var known = await OfAsync(cid, ct);
        var found = new List<ReplicaVerdict>();
        foreach (var verdict in verdicts.Where(verdict => verdict.WasAsked))
        {
            var name = verdict.Replica.Name;
            var before = known.GetValueOrDefault(name);
            if (verdict.State is not ReplicaState.Unavailable)
            {
                if (before is not null)
                    await ForgetAsync(cid, name, ct);
                continue;
            }
            // While it answers for nobody it is the replica that is away, which the board tells.
            if (before is not null && !(board.AnsweredAt(name) >= DateTimeOffset.FromUnixTimeMilliseconds(before.LastAt)))
                continue;
            var times = (before?.Times ?? 0) + 1;
            await NoteAsync(cid, name, times, ct);
            if (times >= Most)
                found.Add(verdict with { Detail = $"it answers for other contents and not for this one, {times} times: {verdict.Detail}" });
        }
        return found;
    }

    /// <summary>Forgets what is about replicas that the settings no longer name, or is old.</summary>
    public Task TidyAsync(IReadOnlyList<string> replicas, CancellationToken ct)
    {
        var names = new ValueList(replicas);
        return database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"DELETE FROM content_unanswered WHERE last_at < @before OR replica NOT IN {names.Sql}",
            names.With(new { before = Now - (long)FindingTable.Memory.TotalMilliseconds }), transaction, cancellationToken: ct)), ct);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Dictionary<string, Row>> OfAsync(Cid cid, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT replica AS Replica, times AS Times, last_at AS LastAt FROM content_unanswered WHERE cid = @cid",
            new { cid = cid.ToString() }, cancellationToken: ct))).ToDictionary(row => row.Replica, StringComparer.Ordinal);
    }

    private Task<int> NoteAsync(Cid cid, string replica, long times, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO content_unanswered (cid, replica, times, last_at) VALUES (@cid, @replica, @times, @Now)
            ON CONFLICT (cid, replica) DO UPDATE SET times = excluded.times, last_at = excluded.last_at
            """, new { cid = cid.ToString(), replica, times, Now }, transaction, cancellationToken: ct)), ct);

    private Task<int> ForgetAsync(Cid cid, string replica, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM content_unanswered WHERE cid = @cid AND replica = @replica", new { cid = cid.ToString(), replica },
            transaction, cancellationToken: ct)), ct);

    private sealed record Row(string Replica, long Times, long LastAt);
}
