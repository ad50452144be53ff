using System.Collections.Concurrent;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Content.Keeping;

/// <summary>How one replica answered so far.</summary>
/// <param name="Name">Its name; <c>own</c> is this node's store.</param>
/// <param name="Challenges">How often it was challenged.</param>
/// <param name="Failures">How often it did not show what was asked for.</param>
/// <param name="LastChallengeAt">When it was challenged last.</param>
/// <param name="LastSuccessAt">When it last showed what was asked for.</param>
/// <param name="LastFailureAt">When it last did not.</param>
/// <param name="LastFailure">What happened then.</param>
/// <param name="UnavailableSince">Since when it does not answer as it should; null while it does.</param>
public sealed record ReplicaHealth(
    string Name, long Challenges = 0, long Failures = 0, DateTimeOffset? LastChallengeAt = null, DateTimeOffset? LastSuccessAt = null,
    DateTimeOffset? LastFailureAt = null, string? LastFailure = null, DateTimeOffset? UnavailableSince = null);

/// <summary>
/// How the replicas answer. One that does not answer is left alone for a while, longer each time, so that a pass over many records
/// does not wait for it at each. Kept in memory and written with the passes' positions.
/// </summary>
internal sealed class ReplicaBoard(Replicas replicas, IDatabase database, KeepingMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>All replicas, as the settings order them.</summary>
    public IReadOnlyList<ReplicaHealth> List() => [.. replicas.All.Select(replica => Of(replica.Name).Health)];

    /// <summary>False while a replica that did not answer is left alone.</summary>
    public bool MayAsk(string name) => Of(name).RestsUntil <= clock.GetUtcNow();

    /// <summary>When a replica last showed what it was asked for; null before the first time.</summary>
    public DateTimeOffset? AnsweredAt(string name) => Of(name).Health.LastSuccessAt;

    /// <summary>Notes an answer.</summary>
    public void Note(ReplicaVerdict verdict)
    {
        metrics.Challenged(verdict.Replica.Name, verdict.State);
        var now = clock.GetUtcNow();
        entries.AddOrUpdate(verdict.Replica.Name, name => Next(new Entry(new(name))), (_, old) => Next(old));

        Entry Next(Entry old)
        {
            var health = old.Health with { Challenges = old.Health.Challenges + 1, LastChallengeAt = now };
            if (verdict.State is ReplicaState.Held)
                return new(health with { LastSuccessAt = now, UnavailableSince = null });
            health = health with { Failures = health.Failures + 1, LastFailureAt = now, LastFailure = verdict.Detail };
            if (verdict.State is not ReplicaState.Unavailable)
                return new(health with { UnavailableSince = null });
            var silences = old.Silences + 1;
            var pause = FirstPause * Math.Pow(2, Math.Min(silences - 1, 16));
            return new(health with { UnavailableSince = health.UnavailableSince ?? now }, silences, now + (pause < LongestPause ? pause : LongestPause));
        }
    }

    /// <summary>Reads what was written before a restart.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT name AS Name, challenges AS Challenges, failures AS Failures, last_challenge_at AS LastChallengeAt,
                last_success_at AS LastSuccessAt, last_failure_at AS LastFailureAt, last_failure AS LastFailure,
                unavailable_since AS UnavailableSince
            FROM content_replica
            """, cancellationToken: ct));
        foreach (var row in rows)
        {
            entries.TryAdd(row.Name, new(new(row.Name, row.Challenges, row.Failures, At(row.LastChallengeAt), At(row.LastSuccessAt),
                At(row.LastFailureAt), row.LastFailure, At(row.UnavailableSince))));
        }
    }

    /// <summary>Writes it down, and forgets replicas that the settings no longer name.</summary>
    public Task SaveAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM content_replica", transaction: transaction, cancellationToken: ct));
        foreach (var health in List())
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO content_replica (name, challenges, failures, last_challenge_at, last_success_at, last_failure_at, last_failure,
                    unavailable_since)
                VALUES (@Name, @Challenges, @Failures, @LastChallengeAt, @LastSuccessAt, @LastFailureAt, @LastFailure, @UnavailableSince)
                """, new Row(health.Name, health.Challenges, health.Failures, health.LastChallengeAt?.ToUnixTimeMilliseconds(),
                health.LastSuccessAt?.ToUnixTimeMilliseconds(), health.LastFailureAt?.ToUnixTimeMilliseconds(), health.LastFailure,
                health.UnavailableSince?.ToUnixTimeMilliseconds()), transaction, cancellationToken: ct));
        }
    }, ct);

    private static DateTimeOffset? At(long? time) => time is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    private Entry Of(string name) => entries.GetValueOrDefault(name) ?? new Entry(new(name));

    private sealed record Entry(ReplicaHealth Health, int Silences = 0, DateTimeOffset RestsUntil = default);

    private sealed record Row(string Name, long Challenges, long Failures, long? LastChallengeAt, long? LastSuccessAt, long? LastFailureAt,
        string? LastFailure, long? UnavailableSince);
}
