using System.Data.Common;
using Dapper;

namespace HealthShare.Node.Auth.People;

/// <summary>
/// A passkey that a member of staff enrols, before the person has it. Until then it is noted as one that ends by itself: whatever becomes
/// of this process, a key that is on the channel and nobody's is revoked there.
/// </summary>
internal static class StaffKeyOnItsWay
{
    // Longer than any transaction is waited for.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Sets a passkey on its way.</summary>
    /// <returns>False for one that was ended once, or is on its way already.</returns>
    public static Task<bool> BeginAsync(DbTransaction transaction, string credentialId, DateTimeOffset now, CancellationToken ct) => IsOneAsync(
        transaction, "INSERT INTO ended_staff_key (credential_id, ended_at) VALUES (@credentialId, @at) ON CONFLICT (credential_id) DO NOTHING",
        credentialId, now + Longest, ct);

    /// <summary>Hands it over to its person, within the transaction that adds it.</summary>
    /// <returns>False where it was ended meanwhile, or took too long.</returns>
    public static Task<bool> ArriveAsync(DbTransaction transaction, string credentialId, DateTimeOffset now, CancellationToken ct) => IsOneAsync(
        transaction, "DELETE FROM ended_staff_key WHERE credential_id = @credentialId AND ended_at > @at", credentialId, now, ct);

    /// <summary>Ends it: whatever reaches the channel of it, by now or late, is revoked.</summary>
    /// <returns>False for one that arrived, or was ended before.</returns>
    public static Task<bool> EndAsync(DbTransaction transaction, string credentialId, DateTimeOffset now, CancellationToken ct) => IsOneAsync(
        transaction, "UPDATE ended_staff_key SET ended_at = @at WHERE credential_id = @credentialId AND ended_at > @at", credentialId, now, ct);

    private static async Task<bool> IsOneAsync(DbTransaction transaction, string sql, string credentialId, DateTimeOffset at, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            sql, new { credentialId, at = at.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)) == 1;
}
