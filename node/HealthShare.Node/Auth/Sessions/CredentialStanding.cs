using System.Buffers.Text;
using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
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
        var key = Base64Url.EncodeToString(publicKey);
        if (person.DelegateId is { } delegateId)
            return await SignsForAsync(patientId, delegateId, credentialId, key, ct) ? person : null;
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

    // Before the power is there its credential is shown to who gives it; from then on no other passkey stands for it, whoever got a link.
    private async Task<bool> SignsForAsync(string patientId, string delegateId, string credentialId, string key, CancellationToken ct) =>
        await DelegatePower.FindAsync(replica, patientId, delegateId, ct) is not { } power
        || (!power.IsStopped && power.CredentialOf(credentialId) is { } own && own.PublicKey == key
            && !DelegatePower.WasRevoked(await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct), own));
}

/// <summary>Ends the sessions of what a block revokes, or gives a power to others than, in the transaction that takes the block up.</summary>
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
                case { Kind: LedgerKind.Delegate or LedgerKind.VouchedSigner, Value: not null }:
                    await EndOthersAsync(write, transaction, ct);
                    break;
            }
        }
    }

    // What a passkey began that is none of the power's: it may have been enrolled before the power was there, by another link.
    private static Task<int> EndOthersAsync(StateWrite write, DbTransaction transaction, CancellationToken ct)
    {
        var power = DelegatePower.Read(write.Kind, write.Key, write.Value!.Value);
        var own = new ValueList(power is { IsStopped: false } ? [.. power.Credentials.Select(credential => credential.CredentialId)] : [""]);
        return transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
            DELETE FROM session WHERE delegate_id = @second AND credential_id NOT IN {own.Sql}
                AND person_id IN (SELECT id FROM person WHERE patient_id = @first)
            """, own.With(new { first = write.Parts[0], second = write.Parts[1] }), transaction, cancellationToken: ct));
    }

    private static Task<int> EndAsync(string sql, StateWrite write, DbTransaction transaction, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            sql, new { first = write.Parts[0], second = write.Parts[1] }, transaction, cancellationToken: ct));

    // One that cannot be read does not come here: the check of the rules stops the copy before it, with an incident.
    private static T? Read<T>(ReadOnlyMemory<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => System.Text.Json.JsonSerializer.Deserialize(json.Span, type);
}
