using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>A pass over this member's records.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended; null while it runs.</param>
/// <param name="Records">Records looked at.</param>
/// <param name="Held">Records whose own copy is here and showed what was asked for, repaired ones included.</param>
/// <param name="Missing">Records whose own copy is missing.</param>
/// <param name="Corrupt">Records whose own copy is corrupt.</param>
/// <param name="Unavailable">Records whose own store did not answer.</param>
/// <param name="BelowMinimum">Records with fewer verified copies than the settings demand.</param>
/// <param name="PinnedAgain">Records that were held and not pinned.</param>
/// <param name="Repaired">Copies that were made whole.</param>
public sealed record PassCounts(
    DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Records, long Held, long Missing, long Corrupt, long Unavailable,
    long BelowMinimum, long PinnedAgain, long Repaired)
{
    /// <summary>Adds records whose entry names no content: nothing of them can be held.</summary>
    internal PassCounts AddUnreadable(int count) =>
        this with { Records = Records + count, Missing = Missing + count, BelowMinimum = BelowMinimum + count };

    /// <summary>Adds one record.</summary>
    internal PassCounts Add(Kept kept, bool belowMinimum) => !kept.Stands ? this : this with
    {
        Records = Records + 1,
        Held = Held + (kept.Own is ReplicaState.Held ? 1 : 0),
        Missing = Missing + (kept.Own is ReplicaState.Missing ? 1 : 0),
        Corrupt = Corrupt + (kept.Own is ReplicaState.Corrupt ? 1 : 0),
        Unavailable = Unavailable + (kept.Own is ReplicaState.Unavailable ? 1 : 0),
        BelowMinimum = BelowMinimum + (belowMinimum ? 1 : 0),
        PinnedAgain = PinnedAgain + (kept.PinnedAgain ? 1 : 0),
        Repaired = Repaired + kept.Repaired,
    };
}

/// <summary>A pass that runs.</summary>
internal sealed record OpenPass(long Id, byte[]? Position, PassCounts Counts);

/// <summary>The passes and their positions, durable: a restart goes on where the last page ended.</summary>
internal sealed class PassTable(IDatabase database, TimeProvider clock)
{
    private const int Remembered = 30;
    private const string Columns = """
        id AS Id, started_at AS StartedAt, finished_at AS FinishedAt, position AS Position, records AS Records, held AS Held, missing AS Missing,
        corrupt AS Corrupt, unavailable AS Unavailable, below_minimum AS BelowMinimum, pinned_again AS PinnedAgain, repaired AS Repaired
        """;

    /// <summary>The pass that runs; null between passes.</summary>
    public async Task<OpenPass?> FindOpenAsync(CancellationToken ct) =>
        await FindAsync("finished_at IS NULL", ct) is { } row ? new(row.Id, row.Position, row.Counts) : null;

    /// <summary>The pass that ended last; null before the first.</summary>
    public async Task<PassCounts?> FindLastAsync(CancellationToken ct) => (await FindAsync("finished_at IS NOT NULL AND on_demand = 0", ct))?.Counts;

    /// <summary>The check on demand that ended last; null before the first.</summary>
    public async Task<PassCounts?> FindLastCheckAsync(CancellationToken ct) => (await FindAsync("on_demand = 1", ct))?.Counts;

    /// <summary>Writes what a check on demand came to.</summary>
    public Task AddCheckAsync(PassCounts counts, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("""
            INSERT INTO keeping_pass (started_at, finished_at, records, held, missing, corrupt, unavailable, below_minimum, pinned_again, repaired, on_demand)
            VALUES (@started, @finished, @Records, @Held, @Missing, @Corrupt, @Unavailable, @BelowMinimum, @PinnedAgain, @Repaired, 1)
            """, new
        {
            started = counts.StartedAt.ToUnixTimeMilliseconds(), finished = counts.FinishedAt?.ToUnixTimeMilliseconds(), counts.Records, counts.Held,
            counts.Missing, counts.Corrupt, counts.Unavailable, counts.BelowMinimum, counts.PinnedAgain, counts.Repaired,
        }, transaction, cancellationToken: ct)), ct);

    /// <summary>Begins a pass.</summary>
    public Task<OpenPass> BeginAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO keeping_pass (started_at, records, held, missing, corrupt, unavailable, below_minimum, pinned_again, repaired)
            VALUES (@now, 0, 0, 0, 0, 0, 0, 0, 0)
            """, new { now }, transaction, cancellationToken: ct));
        var row = await transaction.Connection!.QuerySingleAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM keeping_pass WHERE finished_at IS NULL ORDER BY id DESC LIMIT 1", transaction: transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM keeping_pass WHERE id <= @old", new { old = row.Id - Remembered }, transaction, cancellationToken: ct));
        return new OpenPass(row.Id, row.Position, row.Counts);
    }, ct);

    /// <summary>Writes how far a pass is, or its end.</summary>
    public Task SaveAsync(OpenPass pass, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("""
            UPDATE keeping_pass SET position = @Position, finished_at = @finished, records = @Records, held = @Held, missing = @Missing,
                corrupt = @Corrupt, unavailable = @Unavailable, below_minimum = @BelowMinimum, pinned_again = @PinnedAgain, repaired = @Repaired
            WHERE id = @Id
            """, new
        {
            pass.Id, pass.Position, finished = pass.Counts.FinishedAt?.ToUnixTimeMilliseconds(), pass.Counts.Records, pass.Counts.Held,
            pass.Counts.Missing, pass.Counts.Corrupt, pass.Counts.Unavailable, pass.Counts.BelowMinimum, pass.Counts.PinnedAgain, pass.Counts.Repaired,
        }, transaction, cancellationToken: ct)), ct);

    private async Task<Row?> FindAsync(string which, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QueryFirstOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM keeping_pass WHERE {which} ORDER BY id DESC LIMIT 1", cancellationToken: ct));
    }

    private sealed record Row(long Id, long StartedAt, long? FinishedAt, byte[]? Position, long Records, long Held, long Missing,
        long Corrupt, long Unavailable, long BelowMinimum, long PinnedAgain, long Repaired)
    {
        public PassCounts Counts => new(DateTimeOffset.FromUnixTimeMilliseconds(StartedAt),
            FinishedAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
            Records, Held, Missing, Corrupt, Unavailable, BelowMinimum, PinnedAgain, Repaired);
    }
}
