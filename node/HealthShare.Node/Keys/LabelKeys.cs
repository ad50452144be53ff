using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Keys;

/// <summary>Patients' label keys: the tokens on the ledger are computed with them, and mean nothing once they are gone.</summary>
public sealed class LabelKeys
{
    private readonly NodeKeys keys;
    private readonly IDatabase database;

    internal LabelKeys(NodeKeys keys, IDatabase database) => (this.keys, this.database) = (keys, database);

    /// <summary>A patient's label key, or null when this node does not have it. Dispose it after use.</summary>
    public Task<SecretKey?> FindAsync(string patientId, CancellationToken ct) =>
        keys.Secrets.FindKeyAsync(SecretPurpose.LabelKey, patientId, ct);

    /// <summary>A patient's label key, made now if there is none: for the member that enrols the patient.</summary>
    public async Task<SecretKey> GetOrCreateAsync(string patientId, CancellationToken ct)
    {
        if (await FindAsync(patientId, ct) is { } known)
            return known;
        using var fresh = SecretKey.Create();
        await KeepAsync(patientId, fresh, ct);
        return await FindAsync(patientId, ct) ?? throw new InvalidOperationException("The label key was erased at this moment.");
    }

    /// <summary>Makes label keys for those of several patients who have none, in one commit.</summary>
    public Task CreateMissingAsync(IReadOnlyCollection<string> patientIds, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        foreach (var patientId in patientIds)
        {
            using var fresh = SecretKey.Create();
            await AddAsync(transaction, patientId, fresh, ct); // one that is there stays
        }
    }, ct);

    /// <summary>Keeps a label key that the enrolling member shared.</summary>
    /// <returns>True when this key is the one kept; false when another was there, which stays, or the patient erased what is shared.</returns>
    public async Task<bool> KeepAsync(string patientId, SecretKey key, CancellationToken ct)
    {
        var kept = await database.WriteAsync(transaction => AddAsync(transaction, patientId, key, ct), ct);
        if (kept)
            return true;
        using var known = await FindAsync(patientId, ct);
        return known is not null && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(known.Bytes, key.Bytes);
    }

    /// <summary>Forgets a label key, at erasure. Absent already is fine.</summary>
    public Task EraseAsync(string patientId, CancellationToken ct) => database.WriteAsync(
        transaction => EraseAsync(transaction, patientId), ct);

    /// <inheritdoc cref="EraseAsync(string, CancellationToken)"/>
    internal static Task EraseAsync(DbTransaction transaction, string patientId) =>
        SecretDeletion.DeleteAsync(transaction, SecretPurpose.LabelKey, patientId);

    // What was on its way while the patient erased must not bring the key back.
    private async Task<bool> AddAsync(DbTransaction transaction, string patientId, SecretKey key, CancellationToken ct) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM erasure_task WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct)) == 0
        && await keys.Secrets.AddAsync(transaction, SecretPurpose.LabelKey, patientId, key.Bytes);
}
