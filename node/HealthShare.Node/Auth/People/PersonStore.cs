using System.Buffers.Text;
using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using Microsoft.AspNetCore.Identity;

namespace HealthShare.Node.Auth.People;

/// <summary>
/// People and their passkeys, as ASP.NET Core Identity's passkey handler asks for them. It only reads through Identity: people come by
/// invitation, and whatever changes does so in one transaction with the session it belongs to.
/// </summary>
internal sealed class PersonStore(IDatabase database, PersonNames names, TimeProvider clock) : IUserPasskeyStore<Person>
{
    private const string Columns = "id, role, name, staff_id AS StaffId, patient_id AS PatientId, delegate_id AS DelegateId";

    /// <summary>The person of this subject, or null.</summary>
    public Task<Person?> FindBySubjectAsync(string subject, CancellationToken ct) =>
        FindAsync($"SELECT {Columns} FROM person WHERE subject = @value", subject, ct);

    public Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        FindAsync($"SELECT {Columns} FROM person WHERE id = @value", userId, cancellationToken);

    public Task<Person?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) => FindAsync(
        $"SELECT {Columns} FROM person WHERE id = (SELECT person_id FROM passkey WHERE credential_id = @value)",
        Base64Url.EncodeToString(credentialId), cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var passkeys = await GetPasskeysAsync(user, cancellationToken);
        return passkeys.FirstOrDefault(passkey => passkey.CredentialId.AsSpan().SequenceEqual(credentialId));
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Person user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<PasskeyRow>(new CommandDefinition("""
            SELECT credential_id AS CredentialId, public_key AS PublicKey, created_at AS CreatedAt, sign_count AS SignCount, transports,
                backup_eligible AS BackupEligible, backed_up AS BackedUp
            FROM passkey WHERE person_id = @id ORDER BY created_at, credential_id
            """, new { id = user.Id }, cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToInfo())];
    }

    /// <summary>
    /// Adds the person, or brings role and name of a known one up to date, and adds the passkey. Somebody disabled whom a link was made for
    /// afterwards comes back with it. Whose role changes keeps no key of the earlier one: they are noted as ended; and no session or stream.
    /// </summary>
    /// <returns>The role that the person had before, null for somebody new; and how many passkeys the person has now.</returns>
    public async Task<(Role? Former, long Passkeys)> AddAsync(DbTransaction transaction, Person person, UserPasskeyInfo passkey, CancellationToken ct)
    {
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var former = await transaction.Connection!.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT role FROM person WHERE id = @Id", new { person.Id }, transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO person (id, subject, role, name, staff_id, patient_id, delegate_id, created_at)
            VALUES (@Id, @Subject, @role, @name, @StaffId, @PatientId, @DelegateId, @at)
            ON CONFLICT (id) DO UPDATE SET role = excluded.role, name = excluded.name, disabled_at = NULL, disabled_by = NULL
            """,
            new
            {
                person.Id, person.Subject, role = person.Role.ToString(), name = names.Protect(person.Name, person.Id), person.StaffId,
                person.PatientId, person.DelegateId, at,
            }, transaction, cancellationToken: ct));
        if (former is not null && former != person.Role.ToString())
        {
            // The channel has their keys under the earlier role: one would still be a colleague's signature in an emergency.
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO ended_staff_key (credential_id, ended_at) SELECT credential_id, @at FROM passkey WHERE person_id = @Id
                ON CONFLICT (credential_id) DO NOTHING
                """, new { person.Id, at }, transaction, cancellationToken: ct));
            // What is open in some browser, perhaps unwatched, neither gains the new role nor goes on hearing what the earlier one might.
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM session WHERE person_id = @Id", new { person.Id }, transaction, cancellationToken: ct));
        }
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO passkey (credential_id, person_id, public_key, sign_count, transports, backup_eligible, backed_up, created_at)
            VALUES (@credential, @Id, @PublicKey, @count, @transports, @eligible, @backedUp, @at)
            """,
            new
            {
                credential = Base64Url.EncodeToString(passkey.CredentialId), person.Id, passkey.PublicKey, count = (long)passkey.SignCount,
                transports = string.Join(' ', passkey.Transports ?? []), eligible = passkey.IsBackupEligible ? 1 : 0,
                backedUp = passkey.IsBackedUp ? 1 : 0, at,
            }, transaction, cancellationToken: ct));
        return (former is null ? null : Enum.Parse<Role>(former), await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM passkey WHERE person_id = @Id", new { person.Id }, transaction, cancellationToken: ct)));
    }

    /// <summary>Takes the person's row, so that a disabling comes before or after the transaction, never between; nothing for somebody new.</summary>
    public static Task HoldAsync(DbTransaction transaction, string personId, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE person SET role = role WHERE id = @personId", new { personId }, transaction, cancellationToken: ct));

    /// <summary>Notes that the passkey was used; false where it is not there any more.</summary>
    public async Task<bool> UsedAsync(DbTransaction transaction, UserPasskeyInfo passkey, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE passkey SET sign_count = @count, backed_up = @backedUp, last_used_at = @at WHERE credential_id = @credential
            """,
            new
            {
                count = (long)passkey.SignCount, backedUp = passkey.IsBackedUp ? 1 : 0, at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
                credential = Base64Url.EncodeToString(passkey.CredentialId),
            }, transaction, cancellationToken: ct)) == 1;

    /// <summary>Takes a passkey away, and with it its sessions; false where it is not there any more.</summary>
    public static async Task<bool> RemoveAsync(DbTransaction transaction, string credentialId, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(Command("DELETE FROM session WHERE credential_id = @credentialId"));
        return await transaction.Connection!.ExecuteAsync(Command("DELETE FROM passkey WHERE credential_id = @credentialId")) == 1;

        CommandDefinition Command(string sql) => new(sql, new { credentialId }, transaction, cancellationToken: ct);
    }

    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    // Nobody has a user name to be found by, and nothing is written through Identity.
    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => Task.FromResult<Person?>(null);

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => throw ByInvitation();

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => throw ByInvitation();

    public Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => throw ByInvitation();

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => throw ByInvitation();

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => throw ByInvitation();

    public Task AddOrUpdatePasskeyAsync(Person user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw ByInvitation();

    public Task RemovePasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) => throw ByInvitation();

    public void Dispose()
    {
    }

    private async Task<Person?> FindAsync(string sql, string value, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<PersonRow>(new CommandDefinition(sql, new { value }, cancellationToken: ct));
        return row is null ? null : new Person(
            row.Id, Enum.Parse<Role>(row.Role), names.Unprotect(row.Name, row.Id), row.StaffId, row.PatientId, row.DelegateId);
    }

    private static NotSupportedException ByInvitation() => new("People and passkeys are added by invitation only.");

    private sealed record PersonRow(string Id, string Role, byte[] Name, string? StaffId, string? PatientId, string? DelegateId);

    private sealed record PasskeyRow(
        string CredentialId, byte[] PublicKey, long CreatedAt, long SignCount, string Transports, long BackupEligible, long BackedUp)
    {
        public UserPasskeyInfo ToInfo() => new(
            Base64Url.DecodeFromChars(CredentialId), PublicKey, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt), (uint)SignCount,
            Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries), isUserVerified: true, BackupEligible == 1, BackedUp == 1,
            attestationObject: [], clientDataJson: []);
    }
}
