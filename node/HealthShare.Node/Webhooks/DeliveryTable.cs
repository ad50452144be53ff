using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Events;

namespace HealthShare.Node.Webhooks;

/// <summary>A delivery that is due.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Body">What is sent.</param>
/// <param name="WantedAt">Since when it is to be sent, in milliseconds since 1970.</param>
/// <param name="Attempts">How often it was tried since then.</param>
/// <param name="Replays">How often it was replayed.</param>
internal sealed record DueDelivery(string Id, string Body, long WantedAt, long Attempts, long Replays);

/// <summary>What is to be sent, and what was.</summary>
internal sealed class DeliveryTable(IDatabase database, TimeProvider clock)
{
    /// <summary>Most deliveries of a page.</summary>
    public const int MaxLimit = 200;

    /// <summary>The longest pause between two tries.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    private const int FewestSeconds = 5, PruneBatch = 1000;

    private const string Select = """
        SELECT number AS Number, id AS Id, kind AS Kind, state AS State, created_at AS CreatedAt, attempts AS Attempts,
            last_attempt_at AS LastAttemptAt, next_attempt_at AS NextAttemptAt, outcome AS Outcome
        FROM webhook_delivery
        """;

    private const string Again =
        "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, replays = replays + 1, wanted_at = @now, next_attempt_at = @now";

    /// <summary>How long a delivery waits after so many tries: five seconds, then four times as long each time, at most six hours.</summary>
    public static TimeSpan PauseAfter(long attempts) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FewestSeconds * Math.Pow(4, Math.Min(attempts - 1, 10))));

    /// <summary>Adds the delivery of an event.</summary>
    public static Task<string> AddAsync(DbTransaction transaction, string webhookId, NodeEvent told, DateTimeOffset now, CancellationToken ct)
    {
        var type = $"{EventTable.NameOf(told.Topic)}.{told.Kind}";
        // What a decision was and what an emergency is for are not for other systems' logs.
        var code = told.Topic is EventTopic.Incident or EventTopic.Intake ? told.Code : null;
        return AddAsync(transaction, webhookId, new WebhookBody(type, told.At,
            new WebhookData(told.PatientId, told.Subject, told.Members.Count == 0 ? null : told.Members, code)), now, ct);
    }

    /// <summary>Adds a delivery.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> AddAsync(DbTransaction transaction, string webhookId, WebhookBody body, DateTimeOffset now, CancellationToken ct)
    {
        var id = $"msg_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO webhook_delivery (id, webhook_id, kind, body, state, created_at, wanted_at, attempts, next_attempt_at, patient_id)
            VALUES (@id, @webhookId, @Type, @body, 'waiting', @at, @at, 0, @at, @PatientId)
            """,
            new
            {
                id, webhookId, body.Type, body = JsonSerializer.Serialize(body, WebhookJson.Default.WebhookBody), at = now.ToUnixTimeMilliseconds(),
                body.Data.PatientId,
            }, transaction, cancellationToken: ct));
        return id;
    }

    /// <summary>What of a webhook is due, oldest first; nothing of one that is off.</summary>
    public async Task<IReadOnlyList<DueDelivery>> DueAsync(string webhookId, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<DueDelivery>(new CommandDefinition("""
            SELECT id AS Id, body AS Body, wanted_at AS WantedAt, attempts AS Attempts, replays AS Replays FROM webhook_delivery
            WHERE webhook_id = @webhookId AND state = 'waiting' AND next_attempt_at <= @now
                AND NOT EXISTS (SELECT 1 FROM webhook WHERE id = @webhookId AND disabled_at IS NOT NULL)
            ORDER BY number LIMIT @limit
            """, new { webhookId, now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit }, cancellationToken: ct))).AsList();
    }

    /// <summary>Notes how a try ended; nothing where the delivery was replayed or deleted meanwhile.</summary>
    /// <returns>True where it was noted.</returns>
    public static async Task<bool> TriedAsync(
        DbTransaction transaction, DueDelivery delivery, WebhookOutcome outcome, DateTimeOffset now, TimeSpan giveUpAfter, CancellationToken ct)
    {
        var attempts = delivery.Attempts + 1;
        var pause = PauseAfter(attempts);
        var next = now + (outcome.RetryAfter > pause ? outcome.RetryAfter.Value : pause);
        var isOver = next - DateTimeOffset.FromUnixTimeMilliseconds(delivery.WantedAt) > giveUpAfter;
        return await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE webhook_delivery SET state = @state, attempts = @attempts, last_attempt_at = @at, next_attempt_at = @next, outcome = @Outcome
            WHERE id = @Id AND state = 'waiting' AND replays = @Replays AND wanted_at = @WantedAt
            """,
            new
            {
                delivery.Id, delivery.Replays, delivery.WantedAt, state = outcome.IsTaken ? "delivered" : isOver ? "failed" : "waiting", attempts,
                at = now.ToUnixTimeMilliseconds(), next = next.ToUnixTimeMilliseconds(), outcome.Outcome,
            }, transaction, cancellationToken: ct)) == 1;
    }

    /// <summary>Lets the time run anew by which what waits at a webhook is given up.</summary>
    public static Task BeginAgainAsync(DbTransaction transaction, string webhookId, long now, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"{Again} WHERE webhook_id = @webhookId AND state = 'waiting'", new { webhookId, now }, transaction, cancellationToken: ct));

    /// <summary>A page of deliveries, newest first.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="before">Only those before this number.</param>
    /// <param name="limit">Most to return.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<(IReadOnlyList<WebhookDelivery> Items, long? Next)> ListAsync(string webhookId, long before, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"{Select} WHERE webhook_id = @webhookId AND number < @before ORDER BY number DESC LIMIT @limit",
            new { webhookId, before, limit = limit + 1 }, cancellationToken: ct))).AsList();
        return ([.. rows.Take(limit).Select(row => row.ToView())], rows.Count > limit ? rows[limit - 1].Number : null);
    }

    /// <summary>Has a delivery sent again, under the same id; null where there is none.</summary>
    public Task<WebhookDelivery?> ReplayAsync(string webhookId, string id, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"{Again} WHERE webhook_id = @webhookId AND id = @id",
            new { webhookId, id, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        return (await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"{Select} WHERE webhook_id = @webhookId AND id = @id", new { webhookId, id }, transaction, cancellationToken: ct)))?.ToView();
    }, ct);

    /// <summary>Has all sent again that was to be sent since a time.</summary>
    /// <returns>How many.</returns>
    public Task<int> ReplayAsync(string webhookId, DateTimeOffset since, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition($"{Again} WHERE webhook_id = @webhookId AND created_at >= @since", new { webhookId, since = since.ToUnixTimeMilliseconds(), now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);

    /// <summary>
    /// Lets go of what is over and was last tried before a time, and of what has waited since before then at a webhook that is off, which is
    /// told so when it is on again. Batch by batch: other writers come in between.
    /// </summary>
    /// <returns>How many went.</returns>
    public async Task<int> PruneAsync(DateTimeOffset before, CancellationToken ct)
    {
        var (gone, batch) = (0, 0);
        do
        {
            batch = await database.WriteAsync(transaction => PruneAsync(transaction, before.ToUnixTimeMilliseconds(), ct), ct);
            gone += batch;
        }
        while (batch == PruneBatch);
        return gone;
    }

    private static async Task<int> PruneAsync(DbTransaction transaction, long at, CancellationToken ct)
    {
        const string Off = "state = 'waiting' AND wanted_at < @at AND webhook_id IN (SELECT id FROM webhook WHERE disabled_at IS NOT NULL)";
        const string Old = $"((state <> 'waiting' AND last_attempt_at < @at) OR ({Off}))";
        var connection = transaction.Connection!;
        var last = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            $"SELECT max(number) FROM (SELECT number FROM webhook_delivery WHERE {Old} ORDER BY number LIMIT @limit) AS old",
            new { at, limit = PruneBatch }, transaction, cancellationToken: ct));
        if (last is not { } to)
            return 0;
        await connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE webhook SET lost = 1 WHERE id IN (SELECT webhook_id FROM webhook_delivery WHERE {Off} AND number <= @to)",
            new { at, to }, transaction, cancellationToken: ct));
        return await connection.ExecuteAsync(new CommandDefinition(
            $"DELETE FROM webhook_delivery WHERE {Old} AND number <= @to", new { at, to }, transaction, cancellationToken: ct));
    }

    private sealed record Row(
        long Number, string Id, string Kind, string State, long CreatedAt, long Attempts, long? LastAttemptAt, long NextAttemptAt, string? Outcome)
    {
        public WebhookDelivery ToView() => new(Id, Kind, State, At(CreatedAt), Attempts, LastAttemptAt is { } last ? At(last) : null,
            State == "waiting" ? At(NextAttemptAt) : null, Outcome);

        private static DateTimeOffset At(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
    }
}
