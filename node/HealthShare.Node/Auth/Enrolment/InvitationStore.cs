using System.Data.Common;
using Dapper;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>Invitations; of their tokens only the hashes. They go a month after their end, used or not: they hold people's names.</summary>
internal sealed class InvitationStore(IDatabase database, PersonNames names, TimeProvider clock) : IPruned
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private const string Select = """
        SELECT id AS Id, person_id AS PersonId, role AS Role, name AS Name, staff_id AS StaffId, patient_id AS PatientId,
            delegate_id AS DelegateId, created_by AS CreatedBy, created_at AS CreatedAt, expires_at AS ExpiresAt, used_at AS UsedAt
        FROM invitation
        """;

    // A link counts for nothing where its maker is disabled, or whom it is for was disabled since: whatever becomes of a use under way.
    private const string Stands = """
        NOT EXISTS (SELECT 1 FROM person maker WHERE maker.disabled_at IS NOT NULL AND (maker.id = invitation.created_by OR maker.staff_id = invitation.created_staff))
        AND NOT EXISTS (SELECT 1 FROM person ended WHERE ended.id = invitation.person_id AND ended.disabled_at > invitation.created_at)
        """;

    private const string IsOpen = $"used_at IS NULL AND withdrawn_at IS NULL AND expires_at > @now AND {Stands}";

    /// <summary>Adds an invitation. An open one for the same person is withdrawn: one link at a time.</summary>
    /// <returns>The invitation and its token, which is nowhere else.</returns>
    /// <param name="id">Its id, which no other has.</param>
    /// <param name="person">Who is to enrol.</param>
    /// <param name="createdBy">The caller who makes it.</param>
    /// <param name="createdStaff">The staff id of that caller; null where there is none.</param>
    /// <param name="goodFor">How long it is good.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<(Invitation Invitation, string Token)> AddAsync(
        string id, Person person, string createdBy, string? createdStaff, TimeSpan goodFor, CancellationToken ct)
    {
        var (token, now) = (SessionToken.New(), clock.GetUtcNow());
        var invitation = new Invitation(id, person, createdBy, now, now + goodFor, null);
        await database.WriteAsync(async transaction =>
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE invitation SET withdrawn_at = @now WHERE subject = @Subject AND used_at IS NULL AND withdrawn_at IS NULL
                """, new { person.Subject, now = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO invitation (id, token_hash, person_id, subject, role, name, staff_id, patient_id, delegate_id, created_by, created_staff,
                    created_at, expires_at)
                VALUES (@id, @hash, @person, @Subject, @role, @name, @StaffId, @PatientId, @DelegateId, @createdBy, @createdStaff, @created, @expires)
                """,
                new
                {
                    id = invitation.Id, hash = SessionToken.Hash(token), person = person.Id, person.Subject, role = person.Role.ToString(),
                    name = names.Protect(person.Name, invitation.Id), person.StaffId, person.PatientId, person.DelegateId, createdBy, createdStaff,
                    created = now.ToUnixTimeMilliseconds(), expires = invitation.ExpiresAt.ToUnixTimeMilliseconds(),
                }, transaction, cancellationToken: ct));
        }, ct);
        return (invitation, token);
    }

    /// <summary>The invitation of a token; null where there is none, or none that is still good.</summary>
    public async Task<Invitation?> FindOpenAsync(string token, CancellationToken ct)
    {
        if (!SessionToken.IsPlausible(token))
            return null;
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"{Select} WHERE token_hash = @hash AND {IsOpen}",
            new { hash = SessionToken.Hash(token), now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: ct));
        return row is null ? null : InvitationOf(row);
    }

    /// <summary>Uses an invitation up, within the transaction that adds the passkey; false where somebody was faster or it is over.</summary>
    public async Task<bool> UseAsync(DbTransaction transaction, string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE invitation SET used_at = @now WHERE id = @id AND {IsOpen}", new { id, now }, transaction, cancellationToken: ct)) == 1;
    }

    /// <summary>True while nobody was disabled on whom an invitation in use rests: who made it, or whom it is for.</summary>
    public static async Task<bool> StandsAsync(DbTransaction transaction, string id, CancellationToken ct) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            $"SELECT count(*) FROM invitation WHERE id = @id AND {Stands}", new { id }, transaction, cancellationToken: ct)) == 1;

    /// <summary>Opens an invitation again whose use had no effect, where it still counts and none was made for the person since.</summary>
    public static Task ReopenAsync(DbTransaction transaction, string id, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
            UPDATE invitation SET used_at = NULL WHERE id = @id AND {Stands} AND NOT EXISTS (SELECT 1 FROM invitation newer
                WHERE newer.subject = invitation.subject AND newer.id <> invitation.id AND newer.created_at >= invitation.created_at)
            """, new { id }, transaction, cancellationToken: ct));

    /// <summary>The id of the person whom an earlier invitation of this subject is for, whether or not it was used; null where there is none.</summary>
    public async Task<string?> PersonIdOfAsync(string subject, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT person_id FROM invitation WHERE subject = @subject ORDER BY created_at DESC, id LIMIT 1", new { subject }, cancellationToken: ct));
    }

    /// <summary>A page of the invitations that were not withdrawn, newest first.</summary>
    /// <param name="roles">Only those for people of these roles.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <returns>The invitations, and the cursor of the next page; null on the last.</returns>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<(IReadOnlyList<Invitation> Items, string? Next)> ListAsync(
        IEnumerable<Role> roles, string? cursor, int limit, CancellationToken ct)
    {
        var (before, id) = PageCursor.Parse(cursor, 2) is [var at, var last] ? (PageCursor.Number(at), last) : (long.MaxValue, "");
        var wanted = new ValueList([.. roles.Select(role => role.ToString())]);
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition($"""
            {Select} WHERE withdrawn_at IS NULL AND role IN {wanted.Sql} AND (created_at < @before OR (created_at = @before AND id > @id))
            ORDER BY created_at DESC, id LIMIT @most
            """, wanted.With(new { before, id, most = limit + 1 }), cancellationToken: ct))).AsList();
        return ([.. rows.Take(limit).Select(InvitationOf)],
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(rows[limit - 1].CreatedAt), rows[limit - 1].Id) : null);
    }

    /// <summary>True where there is or was an invitation of this id.</summary>
    public async Task<bool> IsKnownAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT count(*) FROM invitation WHERE id = @id", new { id }, cancellationToken: ct)) > 0;
    }

    /// <summary>An invitation that was not withdrawn; null where there is none.</summary>
    public async Task<Invitation?> FindAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"{Select} WHERE id = @id AND withdrawn_at IS NULL", new { id }, cancellationToken: ct)) is { } row ? InvitationOf(row) : null;
    }

    /// <summary>Withdraws an open invitation; false where there is none.</summary>
    public Task<bool> WithdrawAsync(string id, CancellationToken ct) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE invitation SET withdrawn_at = @now WHERE id = @id AND used_at IS NULL AND withdrawn_at IS NULL",
            new { id, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)) == 1, ct);

    /// <inheritdoc/>
    public string Name => "invitations that are over";

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM invitation WHERE expires_at <= @old",
            new { old = (clock.GetUtcNow() - KeptFor).ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);

    private Invitation InvitationOf(Row row) => new(
        row.Id, new Person(row.PersonId, Enum.Parse<Role>(row.Role), names.Unprotect(row.Name, row.Id), row.StaffId, row.PatientId, row.DelegateId),
        row.CreatedBy, At(row.CreatedAt), At(row.ExpiresAt), row.UsedAt is { } used ? At(used) : null);

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record Row(
        string Id, string PersonId, string Role, byte[] Name, string? StaffId, string? PatientId, string? DelegateId, string CreatedBy,
        long CreatedAt, long ExpiresAt, long? UsedAt);
}
