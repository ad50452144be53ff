using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Keys of the hospitals' staff, each registered and revoked by its own hospital.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed class StaffContract(TimeProvider clock) : LedgerContract(clock)
{
    /// <summary>Registers a key of the caller's staff. Repeating it has no second effect.</summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>credential.key_malformed</c>, <c>credential.key_unsupported</c>,
    /// <c>staff_key.id_taken</c>, <c>staff_key.key_taken</c> or <c>staff_key.revoked</c>.
    /// </exception>
    [Transaction]
    public async Task<StaffKeyEntry> RegisterAsync(TransactionContext tx, RegisterStaffKey registration)
    {
        var member = (await HospitalAsync(tx)).MspId;
        Require.Code(registration.Staff, "staff");
        Require.Code(registration.Role, "role");
        CredentialRules.Check(registration.Credential);
        var key = LedgerKey.StaffKey(member, registration.Credential.CredentialId);
        var entry = new StaffKeyEntry(member, registration.Staff, registration.Role, registration.Credential, TimeOf(tx));
        if (await tx.GetAsync(key, LedgerJson.Default.StaffKeyEntry) is { } existing)
        {
            if (existing.RevokedAt is not null)
                throw Revoked();
            return Same(existing with { RegisteredAt = entry.RegisteredAt }, entry, LedgerJson.Default.StaffKeyEntry)
                ? existing
                : throw new ContractException("staff_key.id_taken", "The credential id is registered with other content.");
        }
        if (await StaffKeys.HasKeyAsync(StateOf(tx), entry, tx.Cancellation))
            throw new ContractException("staff_key.key_taken", "The caller has, or had, that key under another credential id.");
        await tx.PutAsync(key, entry, LedgerJson.Default.StaffKeyEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>Revokes a key of the caller's staff, for ever; sessions that rest on it are over. Repeating it has no second effect.</summary>
    /// <exception cref="ContractException"><c>caller.not_hospital</c>, <c>arguments.invalid</c> or <c>staff_key.unknown</c>.</exception>
    [Transaction]
    public async Task<StaffKeyEntry> RevokeAsync(TransactionContext tx, RevokeStaffKey revocation)
    {
        var member = (await HospitalAsync(tx)).MspId;
        Require.That(LedgerCode.IsCredentialId(revocation.CredentialId), "credentialId", "is not 1 to 1023 bytes in base64url");
        var key = LedgerKey.StaffKey(member, revocation.CredentialId);
        var existing = await tx.GetAsync(key, LedgerJson.Default.StaffKeyEntry)
            ?? throw new ContractException("staff_key.unknown", "The caller has no such staff key.");
        if (existing.RevokedAt is not null)
            return existing;
        var entry = existing with { RevokedAt = TimeOf(tx) };
        await tx.PutAsync(key, entry, LedgerJson.Default.StaffKeyEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>The staff keys of a member, revoked ones included; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>arguments.invalid</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<StaffKeyList> ListAsync(TransactionContext tx, string mspId)
    {
        await MemberAsync(tx);
        Require.MspId(mspId, nameof(mspId));
        return new StaffKeyList(await ListAsync(tx, LedgerKind.StaffKey, [mspId], LedgerJson.Default.StaffKeyEntry));
    }

    private static ContractException Revoked() =>
        new("staff_key.revoked", "The key was revoked; its id is never used again.");
}
