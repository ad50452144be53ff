using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Problems;
using HealthShare.Node.Webhooks;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.People;

/// <summary>Somebody of the staff, as this node knows the person.</summary>
/// <param name="Person">Who it is.</param>
/// <param name="EnrolledAt">When the first passkey was enrolled.</param>
/// <param name="Passkeys">Passkeys that sign the person in.</param>
/// <param name="LastUsedAt">When one of them was used last; null for never since it was enrolled.</param>
/// <param name="Sessions">Sessions that are open.</param>
/// <param name="DisabledAt">When the person was disabled; null while not.</param>
internal sealed record StaffPerson(
    Person Person, DateTimeOffset EnrolledAt, int Passkeys, DateTimeOffset? LastUsedAt, int Sessions, DateTimeOffset? DisabledAt);

/// <summary>The member's own people, and the way to shut one of them out.</summary>
internal sealed class StaffDirectory(IDatabase database, PersonNames names, IncidentLog incidents, IOptions<SignInOptions> options, TimeProvider clock)
{
    private const string Select = """
        SELECT id AS Id, role AS Role, name AS Name, staff_id AS StaffId, created_at AS CreatedAt, disabled_at AS DisabledAt
        FROM person WHERE patient_id IS NULL
        """;

    /// <summary>A page, in the order of enrolment.</summary>
    /// <returns>The people, and the cursor of the next page; null on the last.</returns>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<(IReadOnlyList<StaffPerson> People, string? Next)> ListAsync(string? cursor, int limit, CancellationToken ct)
    {
        var (after, id) = PageCursor.Parse(cursor, 2) is [var at, var last] ? (PageCursor.Number(at), last) : (long.MinValue, "");
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"{Select} AND (created_at > @after OR (created_at = @after AND id > @id)) ORDER BY created_at, id LIMIT @limit",
            new { after, id, limit = limit + 1 }, cancellationToken: ct))).AsList();
        var page = rows.Take(limit).ToList();
        return (await WithKeysAsync(connection, page, ct),
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(page[^1].CreatedAt), page[^1].Id) : null);
    }

    /// <summary>One of them; null where there is none of this id.</summary>
    public async Task<StaffPerson?> FindAsync(string personId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition($"{Select} AND id = @personId", new { personId }, cancellationToken: ct))).AsList();
        return (await WithKeysAsync(connection, rows, ct)).SingleOrDefault();
    }

    /// <summary>True for a caller who works here and was disabled, whatever the caller shows.</summary>
    public async Task<bool> IsDisabledAsync(Caller caller, CancellationToken ct)
    {
        if (caller.StaffId is not { } staffId)
            return false;
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM person WHERE subject = @subject AND disabled_at IS NOT NULL",
            new { subject = Person.SubjectOfStaff(staffId) }, cancellationToken: ct)) > 0;
    }

    /// <summary>
    /// Has a disabling of the caller come before the transaction or after it, never between: it then finds what the transaction left. First
    /// in a transaction, as a disabling takes the person first.
    /// </summary>
    /// <exception cref="ApiProblemException"><c>auth.unauthenticated</c>: the caller was disabled a moment ago.</exception>
    public static async Task HoldAsync(DbTransaction transaction, Caller caller, CancellationToken ct)
    {
        if (caller.StaffId is { } staffId && await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition(
            "UPDATE person SET role = role WHERE subject = @subject RETURNING disabled_at",
            new { subject = Person.SubjectOfStaff(staffId) }, transaction, cancellationToken: ct)) is not null)
            throw new ApiProblemException(ApiProblem.Unauthenticated);
    }

    /// <summary>
    /// Credentials that a disabling, a change of role or a refused enrolment ended, those on their way to somebody, and staff ids of who is disabled.
    /// </summary>
    public async Task<(HashSet<string> Credentials, HashSet<string> OnTheirWay, HashSet<string> Staff)> EndedAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var credentials = (await connection.QueryAsync<(string Id, long EndedAt)>(new CommandDefinition(
            "SELECT credential_id, ended_at FROM ended_staff_key", cancellationToken: ct))).ToLookup(key => key.EndedAt <= clock.GetUtcNow().ToUnixTimeMilliseconds(), key => key.Id);
        var staff = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT staff_id FROM person WHERE disabled_at IS NOT NULL AND staff_id IS NOT NULL", cancellationToken: ct));
        return (credentials[true].ToHashSet(StringComparer.Ordinal), credentials[false].ToHashSet(StringComparer.Ordinal), staff.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>
    /// Shuts somebody out at once: passkeys, sessions and open invitations, also those that the person made, go in one transaction, which notes the keys that the channel must
    /// not keep. The person's webhooks are switched off. An invitation made afterwards lets the person in again, with a new passkey.
    /// </summary>
    /// <param name="personId">Who.</param>
    /// <param name="by">The administrator.</param>
    /// <param name="keys">Credentials of the person's keys on the channel, as far as they are known; the passkeys are noted in any case.</param>
    /// <param name="ct">Stops it, where it is not done.</param>
    /// <returns>How many open invitations went; null where there is nobody of this id.</returns>
    public Task<int?> DisableAsync(string personId, string by, IEnumerable<string> keys, CancellationToken ct) => database.WriteAsync<int?>(async transaction =>
    {
        var connection = transaction.Connection!;
        // The person first: who enrols or makes something as this person at this moment did so by now, and it goes next, or finds the person disabled.
        var staffId = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "UPDATE person SET role = role WHERE id = @personId AND patient_id IS NULL RETURNING staff_id", new { personId }, transaction, cancellationToken: ct));
        if (staffId is null)
            return null;
        var at = clock.GetUtcNow();
        var all = new { personId, staffId, subject = Person.SubjectOfStaff(staffId), by, now = at.ToUnixTimeMilliseconds() };
        // Links that the person made go, too: each would let in somebody of the person's choice.
        var links = await connection.ExecuteAsync(Command("""
            UPDATE invitation SET withdrawn_at = @now WHERE used_at IS NULL AND withdrawn_at IS NULL AND expires_at > @now AND (subject = @subject OR created_by = @personId
                OR created_staff = @staffId)
            """));
        await connection.ExecuteAsync(Command("""
            INSERT INTO ended_staff_key (credential_id, ended_at) SELECT credential_id, @now FROM passkey WHERE person_id = @personId
            ON CONFLICT (credential_id) DO NOTHING
            """));
        foreach (var credentialId in keys)
        {
            // Also one that is on its way yet.
            await connection.ExecuteAsync(new CommandDefinition("""
                INSERT INTO ended_staff_key (credential_id, ended_at) VALUES (@credentialId, @now)
                ON CONFLICT (credential_id) DO UPDATE SET ended_at = excluded.ended_at WHERE ended_staff_key.ended_at > excluded.ended_at
                """, new { credentialId, all.now }, transaction, cancellationToken: ct));
        }
        // Passkeys before sessions: a sign-in under way notes the use of its passkey in the transaction that begins its session.
        await connection.ExecuteAsync(Command("DELETE FROM passkey WHERE person_id = @personId"));
        await connection.ExecuteAsync(Command("DELETE FROM session WHERE person_id = @personId"));
        await connection.ExecuteAsync(Command("UPDATE person SET disabled_at = @now, disabled_by = @by WHERE id = @personId")); // again for who was before: a link made since may be in use
        await WebhookTable.DisableOfMakerAsync(transaction, staffId, null, incidents, at, ct);
        return links;

        CommandDefinition Command(string sql) => new(sql, all, transaction, cancellationToken: ct);
    }, ct);

    private async Task<IReadOnlyList<StaffPerson>> WithKeysAsync(DbConnection connection, List<Row> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
            return [];
        var people = new ValueList([.. rows.Select(row => row.Id)]);
        var passkeys = (await connection.QueryAsync<Passkey>(new CommandDefinition(
            $"SELECT person_id AS PersonId, last_used_at AS LastUsedAt FROM passkey WHERE person_id IN {people.Sql}", people.With(), cancellationToken: ct)))
            .ToLookup(passkey => passkey.PersonId);
        var now = clock.GetUtcNow();
        var sessions = (await connection.QueryAsync<string>(new CommandDefinition(
            $"SELECT person_id FROM session WHERE expires_at > @now AND last_seen_at > @idle AND person_id IN {people.Sql}",
            people.With(new { now = now.ToUnixTimeMilliseconds(), idle = (now - options.Value.IdleTimeout).ToUnixTimeMilliseconds() }), cancellationToken: ct)))
            .ToLookup(person => person);
        return [.. rows.Select(row => new StaffPerson(
            new Person(row.Id, Enum.Parse<Role>(row.Role), names.Unprotect(row.Name, row.Id), row.StaffId, null, null), At(row.CreatedAt),
            passkeys[row.Id].Count(), passkeys[row.Id].Max(passkey => passkey.LastUsedAt) is { } used ? At(used) : null, sessions[row.Id].Count(),
            row.DisabledAt is { } disabled ? At(disabled) : null))];
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record Row(string Id, string Role, byte[] Name, string? StaffId, long CreatedAt, long? DisabledAt);

    private sealed record Passkey(string PersonId, long? LastUsedAt);
}
