using System.Buffers.Text;
using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>
/// Whether a passkey may sign somebody in as far as the channel goes: a patient signs in with what signs for the patient, and with
/// nothing else.
/// </summary>
internal sealed class CredentialStanding(Replica replica, ILedger ledger)
{
    /// <summary>The person as whom the passkey signs in; null where it signs nobody in.</summary>
    /// <param name="person">Whose passkey it is.</param>
    /// <param name="credentialId">The passkey, base64url.</param>
    /// <param name="publicKey">Its key as this node knows it.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<Person?> SignInAsync(Person person, string credentialId, byte[] publicKey, CancellationToken ct)
    {
        if (person.PatientId is not { } patientId)
            return await IsRevokedStaffKeyAsync(credentialId, ct) ? null : person;
        if (person.DelegateId is { } delegateId)
            return await IsRevokedDelegateAsync(patientId, delegateId, ct) ? null : person;
        var key = Base64Url.EncodeToString(publicKey);
        var pinned = await replica.GetAsync(LedgerKey.Credential(patientId, credentialId), LedgerJson.Default.CredentialEntry, ct);
        if (pinned is not null)
            return !pinned.IsRevoked && pinned.Credential.PublicKey == key ? person : null;
        // One that hospitals vouch for acts under its own id until the patient takes it up by a statement.
        var vouched = await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct);
        foreach (var entry in vouched.Where(entry => entry is { Attested.Kind: VouchedKind.Credential, ObjectedBy: null }
            && entry.Attested.Credentials[0] is { } own && own.CredentialId == credentialId && own.PublicKey == key))
        {
            if (await entry.SufficesAsync(replica, ct))
                return person with { DelegateId = entry.Attested.SignerId };
        }
        return null;
    }

    private async Task<bool> IsRevokedStaffKeyAsync(string credentialId, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.StaffKey(ledger.MspId, credentialId), LedgerJson.Default.StaffKeyEntry, ct) is { RevokedAt: not null };

    private async Task<bool> IsRevokedDelegateAsync(string patientId, string delegateId, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.Delegate(patientId, delegateId), LedgerJson.Default.DelegateEntry, ct) is { RevokedBy: not null };
}

/// <summary>Ends the sessions of what a block revokes, in the transaction that takes the block up.</summary>
internal sealed class SessionProjection(ILedger ledger) : IProjection
{
    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            switch (write)
            {
                case { Kind: LedgerKind.Credential, Value: { } value } when Read(value, LedgerJson.Default.CredentialEntry) is { IsRevoked: true }:
                    await EndAsync("""
                        DELETE FROM session WHERE credential_id = @second
                            AND person_id IN (SELECT id FROM person WHERE patient_id = @first)
                        """, write, transaction, ct);
                    break;
                case { Kind: LedgerKind.StaffKey, Value: { } value } when write.Parts[0] == ledger.MspId
                    && Read(value, LedgerJson.Default.StaffKeyEntry) is { RevokedAt: not null }:
                    await EndAsync("""
                        DELETE FROM session WHERE credential_id = @second
                            AND person_id IN (SELECT id FROM person WHERE patient_id IS NULL)
                        """, write, transaction, ct);
                    break;
                case { Kind: LedgerKind.Delegate, Value: { } value } when Read(value, LedgerJson.Default.DelegateEntry) is { RevokedBy: not null }:
                case { Kind: LedgerKind.VouchedSigner, Value: { } word } when Read(word, LedgerJson.Default.VouchedEntry) is { ObjectedBy: not null }:
                    await EndAsync("""
                        DELETE FROM session WHERE delegate_id = @second
                            AND person_id IN (SELECT id FROM person WHERE patient_id = @first)
                        """, write, transaction, ct);
                    break;
            }
        }
    }

    private static Task<int> EndAsync(string sql, StateWrite write, DbTransaction transaction, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            sql, new { first = write.Parts[0], second = write.Parts[1] }, transaction, cancellationToken: ct));

    // What cannot be read ends nothing here; the projections that answer for it say so.
    private static T? Read<T>(ReadOnlyMemory<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => System.Text.Json.JsonSerializer.Deserialize(json.Span, type);
}
