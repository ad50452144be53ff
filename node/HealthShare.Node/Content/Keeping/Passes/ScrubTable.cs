using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>How far the reading of everything that is pinned here is.</summary>
/// <param name="Contents">Contents pinned here, as listed last.</param>
/// <param name="NeverRead">Those that were not read whole since they were pinned.</param>
/// <param name="EverythingReadSince">Every content here was read whole, or came, after this time; null where nothing is pinned.</param>
/// <param name="Overdue">True while some content was not read within the time that the settings allow.</param>
public sealed record ScrubState(long Contents, long NeverRead, DateTimeOffset? EverythingReadSince, bool Overdue);

/// <summary>What is pinned here and when it was last read whole, durable.</summary>
internal sealed class ScrubTable(IDatabase database, TimeProvider clock)
{
    private const int Batch = 500;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes the list of pins over: adds what is new, forgets what is gone.</summary>
    public async Task RefreshAsync(IAsyncEnumerable<Cid> pins, CancellationToken ct)
    {
        var listing = Now;
        var batch = new List<object>(Batch);
        await foreach (var cid in pins.WithCancellation(ct))
        {
            batch.Add(new { cid = cid.ToString(), listing });
            if (batch.Count == Batch)
                await AddAsync(batch, ct);
        }
        await AddAsync(batch, ct);
        await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM content_scrub WHERE listed_at < @listing", new { listing }, transaction, cancellationToken: ct)), ct);
    }

    /// <summary>Takes the list of pins over where the store can be asked; a store that is away is told of by whoever challenges it.</summary>
    public async Task TryRefreshAsync(IAsyncEnumerable<Cid> pins, CancellationToken ct)
    {
        try
        {
            await RefreshAsync(pins, ct);
        }
        catch (IOException)
        {
            // What is listed stays; the next refresh corrects it.
        }
    }

    /// <summary>The contents that wait longest; those that were never read come first.</summary>
    public async Task<IReadOnlyList<KeptContent>> NextAsync(int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<(string Cid, long? Size, string? RecordId)>(new CommandDefinition("""
            SELECT scrub.cid AS Cid, sealed.size AS Size, sealed.record_id AS RecordId
            FROM (SELECT cid, verified_at FROM content_scrub ORDER BY verified_at LIMIT @limit) scrub
            LEFT JOIN sealed_record sealed ON sealed.cid = scrub.cid ORDER BY scrub.verified_at
            """, new { limit }, cancellationToken: ct));
        return [.. rows.Select(row => new KeptContent(Cid.Parse(row.Cid), row.Size, row.RecordId, null))];
    }

    /// <summary>Own records that were sealed last, newest first.</summary>
    public async Task<IReadOnlyList<KeptContent>> NewestAsync(int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<(string Cid, long Size, string RecordId)>(new CommandDefinition(
            "SELECT cid AS Cid, size AS Size, record_id AS RecordId FROM sealed_record ORDER BY sealed_at DESC LIMIT @limit",
            new { limit }, cancellationToken: ct));
        return [.. rows.Select(row => new KeptContent(Cid.Parse(row.Cid), row.Size, row.RecordId, null))];
    }

    /// <summary>Notes that a content was read, whatever was found: a finding is followed up by itself.</summary>
    public Task ReadAsync(Cid cid, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("UPDATE content_scrub SET verified_at = @now WHERE cid = @cid", new { cid = cid.ToString(), now = Now },
            transaction, cancellationToken: ct)), ct);

    /// <summary>Forgets a content that is pinned no more.</summary>
    public Task RemoveAsync(Cid cid, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("DELETE FROM content_scrub WHERE cid = @cid", new { cid = cid.ToString() }, transaction, cancellationToken: ct)), ct);

    /// <summary>Where it stands.</summary>
    public async Task<ScrubState> StateAsync(TimeSpan within, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var (contents, never, oldest) = await connection.QuerySingleAsync<(long Contents, long Never, long? Oldest)>(new CommandDefinition("""
            SELECT count(*) AS Contents, COALESCE(sum(CASE WHEN verified_at = 0 THEN 1 ELSE 0 END), 0) AS Never,
                min(CASE WHEN verified_at = 0 THEN added_at ELSE verified_at END) AS Oldest
            FROM content_scrub
            """, cancellationToken: ct));
        return new(contents, never, oldest is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null,
            oldest is { } since && Now - since > within.TotalMilliseconds);
    }

    private async Task AddAsync(List<object> batch, CancellationToken ct)
    {
        if (batch.Count == 0)
            return;
        await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO content_scrub (cid, added_at, listed_at, verified_at) VALUES (@cid, @listing, @listing, 0)
            ON CONFLICT (cid) DO UPDATE
            SET listed_at = CASE WHEN content_scrub.listed_at > excluded.listed_at THEN content_scrub.listed_at ELSE excluded.listed_at END
            """, batch, transaction, cancellationToken: ct)), ct);
        batch.Clear();
    }
}
