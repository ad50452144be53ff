using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>The sessions that are open. One that is over is not found, whether or not its row is still there.</summary>
internal sealed class SessionStore(IDatabase database, PersonNames names, IOptions<SignInOptions> options, TimeProvider clock) : IPruned
{
    private const int LongestUserAgent = 200;
    private static readonly TimeSpan SeenStep = TimeSpan.FromMinutes(1);

    private const string Select = """
        SELECT s.id AS Id, s.credential_id AS CredentialId, s.delegate_id AS SessionDelegate, s.user_agent AS UserAgent,
            s.created_at AS CreatedAt, s.last_seen_at AS LastSeenAt, s.expires_at AS ExpiresAt, s.step_up_until AS StepUpUntil,
            p.id AS PersonId, p.role AS Role, p.name AS Name, p.staff_id AS StaffId, p.patient_id AS PatientId, p.delegate_id AS DelegateId
        FROM session s JOIN person p ON p.id = s.person_id
        """;

    /// <summary>Begins a session within the transaction that notes what let the person in; sessions of that person that are over go.</summary>
    /// <returns>The token, which is nowhere else.</returns>
    public async Task<(string Token, Session Session)> BeginAsync(
        DbTransaction transaction, Person person, string credentialId, string? userAgent, CancellationToken ct)
    {
        var (token, now, settings) = (SessionToken.New(), clock.GetUtcNow(), options.Value);
        var agent = new string([.. (userAgent ?? "").Where(c => !char.IsControl(c)).Take(LongestUserAgent)]);
        var session = new Session(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), person, credentialId, now, now, now + settings.AbsoluteTimeout,
            now + settings.StepUpFor, agent);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM session WHERE person_id = @Id AND (expires_at <= @now OR last_seen_at <= @idle)",
            new { person.Id, now = now.ToUnixTimeMilliseconds(), idle = IdleSince(now) }, transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO session (id, token_hash, person_id, credential_id, delegate_id, user_agent, created_at, last_seen_at, expires_at, step_up_until)
            VALUES (@Id, @hash, @person, @CredentialId, @delegateId, @UserAgent, @now, @now, @expires, @stepUp)
            """,
            new
            {
                session.Id, hash = SessionToken.Hash(token), person = person.Id, session.CredentialId, delegateId = person.DelegateId,
                session.UserAgent, now = now.ToUnixTimeMilliseconds(), expires = session.ExpiresAt.ToUnixTimeMilliseconds(),
                stepUp = session.StepUpUntil.ToUnixTimeMilliseconds(),
            }, transaction, cancellationToken: ct));
        return (token, session);
    }

    /// <summary>The session of a token, and notes that it was used; null where there is none, or none any more.</summary>
    public async Task<Session?> FindAsync(string? token, CancellationToken ct)
    {
        if (!SessionToken.IsPlausible(token))
            return null;
        Row? row;
        await using (var connection = await database.OpenAsync(ct))
        {
            row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                $"{Select} WHERE s.token_hash = @hash", new { hash = SessionToken.Hash(token!) }, cancellationToken: ct));
        }
        var now = clock.GetUtcNow();
        if (row is null || !IsOpen(row, now))
            return null;
        if (now - DateTimeOffset.FromUnixTimeMilliseconds(row.LastSeenAt) >= SeenStep)
        {
            await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE session SET last_seen_at = @now WHERE id = @Id", new { row.Id, now = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);
        }
        return SessionOf(row);
    }

    /// <summary>True while a session is open; no use of it.</summary>
    public async Task<bool> IsOpenAsync(string sessionId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"{Select} WHERE s.id = @sessionId", new { sessionId }, cancellationToken: ct));
        return row is not null && IsOpen(row, clock.GetUtcNow());
    }

    /// <summary>The open sessions of somebody, newest first. A patient's are also those of a passkey that hospitals vouch for; that one has its own alone.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(Person person, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"{Select} WHERE s.person_id = @Id{OwnOf(person, "s.")} ORDER BY s.created_at DESC, s.id", new { person.Id, person.DelegateId }, cancellationToken: ct));
        var now = clock.GetUtcNow();
        return [.. rows.Where(row => IsOpen(row, now)).Select(SessionOf)];
    }

    /// <summary>Notes a fresh use of the passkey.</summary>
    public async Task<DateTimeOffset> StepUpAsync(DbTransaction transaction, string sessionId, CancellationToken ct)
    {
        var until = clock.GetUtcNow() + options.Value.StepUpFor;
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE session SET step_up_until = @until WHERE id = @sessionId",
            new { sessionId, until = until.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        return until;
    }

    /// <summary>Ends one of the sessions that <see cref="ListAsync"/> shows; true when there was one.</summary>
    public Task<bool> EndAsync(Person person, string sessionId, CancellationToken ct) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"DELETE FROM session WHERE id = @sessionId AND person_id = @Id{OwnOf(person)}",
            new { sessionId, person.Id, person.DelegateId }, transaction, cancellationToken: ct)) == 1, ct);

    /// <summary>Ends the session of a token, if there is one: a new sign-in never goes on with what the browser had.</summary>
    public static Task EndByTokenAsync(DbTransaction transaction, string? token, CancellationToken ct) => SessionToken.IsPlausible(token)
        ? transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM session WHERE token_hash = @hash", new { hash = SessionToken.Hash(token!) }, transaction, cancellationToken: ct))
        : Task.CompletedTask;

    /// <inheritdoc/>
    public string Name => "ended sessions";

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(transaction =>
    {
        var now = clock.GetUtcNow();
        return transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM session WHERE expires_at <= @now OR last_seen_at <= @idle",
            new { now = now.ToUnixTimeMilliseconds(), idle = IdleSince(now) }, transaction, cancellationToken: ct));
    }, ct);

    // A passkey that hospitals vouch for signs in as the patient's own person, to whom it may be a stranger: the patient must keep the
    // sessions in which to object.
    private static string OwnOf(Person person, string alias = "") => person.DelegateId is null ? "" : $" AND {alias}delegate_id = @DelegateId";

    private bool IsOpen(Row row, DateTimeOffset now) =>
        row.ExpiresAt > now.ToUnixTimeMilliseconds() && row.LastSeenAt > IdleSince(now);

    private long IdleSince(DateTimeOffset now) => (now - options.Value.IdleTimeout).ToUnixTimeMilliseconds();

    private Session SessionOf(Row row) => new(
        row.Id,
        new Person(row.PersonId, Enum.Parse<Role>(row.Role), names.Unprotect(row.Name, row.PersonId), row.StaffId, row.PatientId,
            row.SessionDelegate ?? row.DelegateId),
        row.CredentialId, At(row.CreatedAt), At(row.LastSeenAt), At(row.ExpiresAt), At(row.StepUpUntil), row.UserAgent);

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record Row(
        string Id, string CredentialId, string? SessionDelegate, string UserAgent, long CreatedAt, long LastSeenAt, long ExpiresAt,
        long StepUpUntil, string PersonId, string Role, byte[] Name, string? StaffId, string? PatientId, string? DelegateId);
}
