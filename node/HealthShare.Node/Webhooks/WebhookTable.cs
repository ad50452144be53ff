using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.Keys;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Webhooks;

/// <summary>The webhooks. A new one is told of what happens from then on.</summary>
internal sealed class WebhookTable(IDatabase database, NodeKeys keys, IncidentLog incidents, TimeProvider clock)
{
    /// <summary>Why a webhook is off whose maker was disabled, or may not read any more what it tells of.</summary>
    public const string MakerDisabled = "makerDisabled";

    private const string Select = """
        SELECT id AS Id, url AS Url, topics AS Topics, description AS Description, created_at AS CreatedAt, created_by AS CreatedBy,
            position AS Position, failing_since AS FailingSince, paused_until AS PausedUntil, disabled_at AS DisabledAt, disabled_code AS DisabledCode, lost AS Lost
        FROM webhook
        """;

    /// <summary>Makes a webhook and its secret.</summary>
    /// <returns>The webhook, and the secret as it is shown once; null where there are as many as there may be.</returns>
    /// <param name="id">Its id, which no other has.</param>
    /// <param name="wanted">What it is to be.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="most">As many as there may be.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="ApiProblemException"><c>auth.unauthenticated</c>: who makes it was disabled a moment ago.</exception>
    public Task<MadeWebhook?> AddAsync(string id, NewWebhook wanted, Caller by, int most, CancellationToken ct) => database.WriteAsync<MadeWebhook?>(async transaction =>
    {
        var connection = transaction.Connection!;
        await StaffDirectory.HoldAsync(transaction, by, ct);
        await LastEventAsync(transaction, ct); // puts those in line who make one at the same time
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT count(*) FROM webhook", transaction: transaction, cancellationToken: ct)) >= most)
            return null;
        var webhook = new Webhook(id, wanted.Url, [.. wanted.Topics.Distinct()],
            wanted.Description, DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()), by.Name, null, null, null);
        await NoteAsync(transaction, "webhook.created", webhook.Id, $"{by.Name}: {wanted.Url} hears {string.Join(' ', webhook.Topics)}", ct);
        await TransactionEnd.RunAsync(transaction, ct); // writes the event of that; the head is taken already
        var last = await LastEventAsync(transaction, ct); // what comes after its own beginning
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO webhook (id, url, topics, description, created_at, created_by, created_staff, position, failures, paused_until)
            VALUES (@Id, @Url, @topics, @Description, @at, @CreatedBy, @StaffId, @last, 0, 0)
            """,
            new
            {
                webhook.Id, webhook.Url, topics = string.Join(' ', webhook.Topics), webhook.Description, at = webhook.CreatedAt.ToUnixTimeMilliseconds(),
                webhook.CreatedBy, by.StaffId, last,
            }, transaction, cancellationToken: ct));
        return new MadeWebhook(webhook, await NewSecretAsync(transaction, webhook.Id));
    }, ct);

    /// <summary>Gives a webhook another secret; from then on all is signed by it, also what is tried again.</summary>
    /// <returns>The webhook, and the secret as it is shown once; null where there is none.</returns>
    public Task<MadeWebhook?> RenewSecretAsync(string id, string by, CancellationToken ct) => database.WriteAsync<MadeWebhook?>(async transaction =>
    {
        if (!await TakeAsync(transaction, id, ct))
            return null;
        await SecretDeletion.DeleteAsync(transaction, SecretPurpose.Webhook, id);
        var secret = await NewSecretAsync(transaction, id);
        var now = clock.GetUtcNow();
        await NoteAsync(transaction, "webhook.secret_renewed", $"{id} {now.ToUnixTimeMilliseconds()}", by, ct);
        return new MadeWebhook((await ReadAsync(transaction, id, ct)).ToView(), secret);
    }, ct);

    /// <summary>All webhooks, oldest first.</summary>
    public async Task<IReadOnlyList<WebhookRow>> ListAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<WebhookRow>(new CommandDefinition($"{Select} ORDER BY created_at, id", cancellationToken: ct))).AsList();
    }

    /// <summary>One webhook; null where there is none.</summary>
    public async Task<WebhookRow?> FindAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<WebhookRow>(new CommandDefinition($"{Select} WHERE id = @id", new { id }, cancellationToken: ct));
    }

    /// <summary>Deletes a webhook with its secret and its deliveries.</summary>
    public Task<bool> DeleteAsync(string id, string by, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM webhook_delivery WHERE webhook_id = @id", new { id }, transaction, cancellationToken: ct));
        await SecretDeletion.DeleteAsync(transaction, SecretPurpose.Webhook, id);
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM webhook WHERE id = @id", new { id }, transaction, cancellationToken: ct)) != 1)
            return false;
        await NoteAsync(transaction, "webhook.deleted", id, by, ct);
        return true;
    }, ct);

    /// <summary>
    /// Switches a webhook on again; what waited goes out, with all the time for it that there is for new ones. One whose maker was disabled is
    /// from then on that of whoever switches it on.
    /// </summary>
    /// <returns>The webhook, and before when it may have missed something; null where there is none.</returns>
    /// <exception cref="ApiProblemException">
    /// <c>webhook.topic_forbidden</c>: its maker was disabled, and the caller may not read what it tells of. <c>auth.unauthenticated</c>: the
    /// caller was disabled a moment ago.
    /// </exception>
    public Task<EnabledWebhook?> EnableAsync(string id, Caller by, CancellationToken ct) => database.WriteAsync<EnabledWebhook?>(async transaction =>
    {
        var (connection, now) = (transaction.Connection!, clock.GetUtcNow().ToUnixTimeMilliseconds());
        await StaffDirectory.HoldAsync(transaction, by, ct);
        if (!await TakeAsync(transaction, id, ct))
            return null;
        // Who takes it over must be one who might have made it. Asked of the row as it is held: its maker may have been disabled a moment ago.
        if (await ReadAsync(transaction, id, ct) is { DisabledCode: MakerDisabled } orphan)
            WebhookTopics.CheckReadable(orphan.ToView().Topics, by);
        await connection.ExecuteAsync(new CommandDefinition("""
            UPDATE webhook SET created_by = CASE WHEN disabled_code = @MakerDisabled THEN @Name ELSE created_by END,
                created_staff = CASE WHEN disabled_code = @MakerDisabled THEN @StaffId ELSE created_staff END,
                disabled_at = NULL, disabled_code = NULL, failing_since = NULL, failures = 0, paused_until = 0 WHERE id = @id
            """, new { id, by.Name, by.StaffId, MakerDisabled }, transaction, cancellationToken: ct));
        await DeliveryTable.BeginAgainAsync(transaction, id, now, ct);
        var webhook = await ReadAsync(transaction, id, ct);
        var pruned = await EventTable.PrunedAsync(transaction, ct);
        if (!webhook.Missed(pruned))
            return new EnabledWebhook(webhook.ToView(), null);
        // What is kept was not lost.
        var oldest = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT min(happened_at) FROM event WHERE sequence > @pruned", new { pruned }, transaction, cancellationToken: ct));
        return new EnabledWebhook(webhook.ToView(), DateTimeOffset.FromUnixTimeMilliseconds(oldest ?? now));
    }, ct);

    /// <summary>
    /// Makes deliveries of the events that a webhook has none of yet, and moves its position: both count or neither. Where some of them are
    /// kept no longer, the first says so.
    /// </summary>
    /// <returns>True where there may be more.</returns>
    public Task<bool> ExpandAsync(WebhookRow webhook, long last, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var events = await EventTable.ReadAsync(transaction.Connection!, transaction, webhook.Filter, webhook.Position, last, ct);
        var missed = webhook.Missed(await EventTable.PrunedAsync(transaction, ct)); // after: what went before the reading is known to be gone
        var to = events.Count == EventTable.Batch ? events[^1].Sequence : last;
        // First the position: where another has moved it, or the webhook is gone or off, these deliveries are not made twice, or for nobody.
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE webhook SET position = @to, lost = 0 WHERE id = @Id AND position = @from AND lost = @Lost AND disabled_at IS NULL",
            new { to, webhook.Id, from = webhook.Position, webhook.Lost }, transaction, cancellationToken: ct));
        if (moved != 1)
            return false;
        var now = clock.GetUtcNow();
        if (missed)
            await DeliveryTable.AddAsync(transaction, webhook.Id, new WebhookBody(WebhookBody.Reset, now, new WebhookData(null, webhook.Id, null, null)), now, ct);
        foreach (var one in events)
            await DeliveryTable.AddAsync(transaction, webhook.Id, one, now, ct);
        return to < last;
    }, ct);

    /// <summary>Adds a delivery that no event asks for, where the webhook is still there.</summary>
    /// <returns>The delivery's id; null where there is no such webhook.</returns>
    public Task<string?> AddTestAsync(string id, WebhookBody body, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(async transaction =>
        await TakeAsync(transaction, id, ct) ? await DeliveryTable.AddAsync(transaction, id, body, now, ct) : null, ct);

    /// <summary>Notes that something was taken.</summary>
    public static Task TakenAsync(DbTransaction transaction, string id, CancellationToken ct) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
        "UPDATE webhook SET failing_since = NULL, failures = 0, paused_until = 0 WHERE id = @id AND failures > 0", new { id }, transaction, cancellationToken: ct));

    /// <summary>Notes that something was not taken: the whole webhook waits for a moment, or as long as it asks to be left alone.</summary>
    /// <returns>Since when nothing was taken.</returns>
    public static async Task<DateTimeOffset> NotTakenAsync(
        DbTransaction transaction, string id, DateTimeOffset now, TimeSpan? retryAfter, CancellationToken ct)
    {
        var at = now.ToUnixTimeMilliseconds();
        // Twice as long at each failure in a row, from a second to a minute.
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE webhook SET failures = failures + 1, paused_until = @at + CASE WHEN failures < 6 THEN 1000 * (1 << CAST(failures AS INTEGER)) ELSE 60000 END,
                failing_since = CASE WHEN failing_since IS NULL THEN @at ELSE failing_since END
            WHERE id = @id
            """, new { id, at }, transaction, cancellationToken: ct));
        if (retryAfter is { } asked)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("UPDATE webhook SET paused_until = @until WHERE id = @id AND paused_until < @until",
                new { id, until = at + (long)asked.TotalMilliseconds }, transaction, cancellationToken: ct));
        }
        return DateTimeOffset.FromUnixTimeMilliseconds(await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT failing_since FROM webhook WHERE id = @id", new { id }, transaction, cancellationToken: ct)) ?? at);
    }

    /// <summary>Where nothing waits any more, a webhook does not fail: quiet days after something was given up do not count against it.</summary>
    public static Task GaveUpAsync(DbTransaction transaction, string id, CancellationToken ct) => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
        UPDATE webhook SET failing_since = NULL
        WHERE id = @id AND disabled_at IS NULL AND NOT EXISTS (SELECT 1 FROM webhook_delivery WHERE webhook_id = @id AND state = 'waiting')
        """, new { id }, transaction, cancellationToken: ct));

    /// <summary>Switches a webhook off.</summary>
    /// <returns>True where it was on.</returns>
    public static async Task<bool> DisableAsync(DbTransaction transaction, string id, string code, DateTimeOffset now, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE webhook SET disabled_at = @at, disabled_code = @code WHERE id = @id AND disabled_at IS NULL",
            new { id, code, at = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)) == 1;

    /// <summary>
    /// Switches off, with an incident each, what a member of staff made who is disabled, or has another role now that may not read what it
    /// tells of: at its address somebody hears that. With the disabled goes also what may be anybody's: nobody knows any more who made it.
    /// </summary>
    /// <param name="transaction">The transaction, which holds the person.</param>
    /// <param name="staffId">Who.</param>
    /// <param name="role">What the person is from now on; null for disabled.</param>
    /// <param name="incidents">Where it is noted.</param>
    /// <param name="now">When.</param>
    /// <param name="ct">Stops it, where it is not done.</param>
    public static async Task DisableOfMakerAsync(
        DbTransaction transaction, string staffId, Role? role, IncidentLog incidents, DateTimeOffset now, CancellationToken ct)
    {
        var own = (await transaction.Connection!.QueryAsync<(string Id, string Topics)>(new CommandDefinition("""
            SELECT id, topics FROM webhook WHERE (created_staff = @staffId OR (created_staff = '' AND @all = 1))
                AND (disabled_code IS NULL OR disabled_code <> @MakerDisabled)
            """, new { staffId, MakerDisabled, all = role is null ? 1 : 0 }, transaction, cancellationToken: ct))).AsList();
        foreach (var (id, _) in own.Where(one => role is not { } other || !WebhookTopics.AreReadable(one.Topics.Split(' '), other)))
        {
            var off = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE webhook SET disabled_at = CASE WHEN disabled_at IS NULL THEN @at ELSE disabled_at END, disabled_code = @MakerDisabled WHERE id = @id
                """, new { id, MakerDisabled, at = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
            if (off == 1)
                await incidents.NoteAsync(new Incident(now, "webhook.disabled", null, $"{id} {now.ToUnixTimeSeconds()}", MakerDisabled), transaction, ct);
        }
    }

    // Takes the row, so that a deletion or a switching off comes before or after, never between.
    private static async Task<bool> TakeAsync(DbTransaction transaction, string id, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE webhook SET failures = failures WHERE id = @id", new { id }, transaction, cancellationToken: ct)) == 1;

    private static Task<WebhookRow> ReadAsync(DbTransaction transaction, string id, CancellationToken ct) =>
        transaction.Connection!.QuerySingleAsync<WebhookRow>(new CommandDefinition($"{Select} WHERE id = @id", new { id }, transaction, cancellationToken: ct));

    private async Task<string> NewSecretAsync(DbTransaction transaction, string id)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await keys.Secrets.AddAsync(transaction, SecretPurpose.Webhook, id, secret);
        var shown = WebhookSignature.SecretPrefix + Convert.ToBase64String(secret);
        CryptographicOperations.ZeroMemory(secret);
        return shown;
    }

    // Takes the head of the events, as whoever adds one does.
    private static Task<long> LastEventAsync(DbTransaction transaction, CancellationToken ct) => transaction.Connection!.ExecuteScalarAsync<long>(
        new CommandDefinition("UPDATE event_head SET last = last + 0 RETURNING last", transaction: transaction, cancellationToken: ct));

    // Who lets whom hear of patients is not forgotten with the webhook.
    private Task NoteAsync(DbTransaction transaction, string code, string id, string words, CancellationToken ct) =>
        incidents.NoteAsync(new Incident(clock.GetUtcNow(), code, null, id, words), transaction, ct);
}

/// <summary>A webhook as it is kept.</summary>
internal sealed record WebhookRow(
    string Id, string Url, string Topics, string? Description, long CreatedAt, string CreatedBy, long Position, long? FailingSince, long PausedUntil,
    long? DisabledAt, string? DisabledCode, long Lost)
{
    /// <summary>Which events it is told of; never what is for one member of staff.</summary>
    public EventFilter Filter => new([.. Topics.Split(' ').Select(topic => Enum.Parse<EventTopic>(topic, ignoreCase: true))]);

    /// <summary>True where the events up to a number are gone, and it was not told of all of them.</summary>
    public bool Missed(long pruned) => Lost != 0 || Position < pruned;

    /// <summary>True where it is to be told of something, or that something is gone.</summary>
    public bool HasMore(long last) => Lost != 0 || Position < last;

    /// <summary>As callers see it.</summary>
    public Webhook ToView() => new(Id, Url, Topics.Split(' '), Description, At(CreatedAt), CreatedBy, At(FailingSince), At(DisabledAt), DisabledCode);

    private static DateTimeOffset At(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);

    private static DateTimeOffset? At(long? at) => at is { } known ? At(known) : null;
}
