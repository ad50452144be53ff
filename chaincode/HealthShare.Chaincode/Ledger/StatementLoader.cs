using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Reads what counts of a patient's statements, as the channel does, or as one custodian does.</summary>
internal sealed class StatementLoader
{
    private readonly ILedgerState state;
    private readonly string patientId;
    private readonly Func<CredentialEntry, DateTimeOffset?> trustedFrom;
    private readonly Func<SignedStatement, Statement, Credential, bool> isSigned;
    private readonly Func<VouchedEntry, DateTimeOffset?> vouchedFrom;
    private readonly Func<Waiting, CancellationToken, Task<DateTimeOffset?>> effectiveFrom;

    private StatementLoader(
        ILedgerState state, string patientId, Func<CredentialEntry, DateTimeOffset?> trustedFrom,
        Func<SignedStatement, Statement, Credential, bool> isSigned, Func<VouchedEntry, DateTimeOffset?> vouchedFrom,
        Func<Waiting, CancellationToken, Task<DateTimeOffset?>> effectiveFrom)
    {
        (this.state, this.patientId) = (state, patientId);
        (this.trustedFrom, this.isSigned, this.vouchedFrom, this.effectiveFrom) = (trustedFrom, isSigned, vouchedFrom, effectiveFrom);
    }

    /// <summary>A permit of which it is asked from when it counts.</summary>
    private sealed record Waiting(
        StatementEntry Entry, GrantBody Grant, CredentialEntry? Signer, CredentialEntry? CoSigner, ChannelSettings Settings);

    /// <summary>As the channel accepted it.</summary>
    public static StatementLoader OfChannel(ILedgerState state, string patientId) => new(state, patientId,
        static _ => CustodianView.Always, static (_, _, _) => true, static _ => CustodianView.Always,
        static (permit, _) => Task.FromResult(BroadPermits.EffectiveFrom(permit.Entry, permit.Grant, permit.CoSigner, permit.Settings)));

    /// <summary>As a custodian counts it, by its own list and its own clock.</summary>
    public static StatementLoader OfCustodian(ILedgerState state, string patientId, CustodianView own) => new(state, patientId,
        own.TrustedFrom, (signed, statement, credential) => statement.Channel == own.Channel && IsSigned(signed, credential), own.VouchedFrom,
        async (permit, ct) =>
        {
            // A majority sets the channel's times, so where this custodian's own are the more careful ones, those count.
            if (!BroadPermits.IsBroad(permit.Grant, permit.Settings) && !BroadPermit.IsBroad(permit.Grant, own.BroadPermitLength))
                return null;
            var waited = await SeenForAsync(LedgerKey.Statement(patientId, permit.Entry.StatementId));
            if (permit is not { Entry: { CoSigned: { } second, Signed: var signed }, Signer: { } signer, CoSigner: { IsRevoked: false } coSigner }
                || own.TrustedFrom(coSigner) is not { } trusted
                || !BroadPermit.AreIndependent(signer.Credential.RpId, coSigner.Credential.RpId)
                || !BroadPermits.IsOfAnotherMember(permit.Entry, signer, coSigner)
                || !IsSigned(signed with { Assertion = second.Assertion }, coSigner.Credential))
                return waited;
            var old = await SeenForAsync(LedgerKey.Credential(patientId, coSigner.Credential.CredentialId));
            return new[] { waited, new[] { old, trusted, second.AcceptedAt }.Max() }.Min();

            async Task<DateTimeOffset> SeenForAsync(string key) => await own.SeenAt(key, ct) is { } seen
                ? new[] { BroadPermits.After(seen, permit.Settings), BroadPermits.After(seen, own.BroadPermitWait) }.Max()
                : DateTimeOffset.MaxValue;
        });

    /// <summary>What stands against an emergency: one statement that cannot be read, of these too, denies everything.</summary>
    public static async Task<PatientPolicy> ForEmergencyAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        if (await IsErasedAsync(state, patientId, ct))
            return PatientPolicy.Erased;
        var never = new List<StatementInForce>();
        var readable = true;
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Statement, [patientId], ct))
        {
            if (TryRead(patientId, key, value) is not var (_, statement, grant))
                readable = false;
            else if (grant is { Effect: Effect.Deny, EmergencyNever: true })
                never.Add(new StatementInForce(statement.Id, grant));
        }
        return PatientPolicy.ForEmergencies(readable ? [.. never] : null);
    }

    public async Task<PatientPolicy> LoadAsync(CancellationToken ct)
    {
        if (await IsErasedAsync(state, patientId, ct))
            return PatientPolicy.Erased;
        var settings = await state.GetAsync(LedgerKey.Settings, ct) is { } stored
            ? JsonSerializer.Deserialize(stored, LedgerJson.Default.ChannelSettings)!
            : new ChannelSettings();
        var credentials = await CredentialsAsync(ct);
        var delegated = new DelegatedPermits(state, credentials, trustedFrom, isSigned, vouchedFrom);
        var loaded = new List<StatementInForce>();
        var lapsed = new List<LapsedPermit>();
        var readable = true;
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Statement, [patientId], ct))
        {
            // The whole range is read even when one entry is bad: endorsers must agree on what was read.
            if (TryRead(patientId, key, value) is not var (entry, statement, grant))
            {
                readable = false;
                continue;
            }
            if (grant.Effect is Effect.Deny)
            {
                loaded.Add(new StatementInForce(statement.Id, grant));
                continue;
            }
            var signer = statement.Signer.Delegate is null ? credentials.GetValueOrDefault(statement.Signer.Credential) : null;
            var counting = statement.Signer.Delegate is not null ? await delegated.CountingAsync(entry.Signed, statement, ct)
                : signer is { IsRevoked: false } && trustedFrom(signer) is { } trusted && isSigned(entry.Signed, statement, signer.Credential)
                    ? [(grant, trusted)]
                : [];
            if (counting.Count == 0)
            {
                var cause = statement.Signer.Delegate is not null ? await delegated.CauseAsync(entry.Signed, statement, ct) : CauseOf(signer);
                lapsed.Add(new LapsedPermit(statement.Id, grant, cause, CustodianView.Always));
                continue;
            }
            if (counting.Max(static permit => permit.Permit.Period.End ?? DateTimeOffset.MaxValue) is var last
                && last < (grant.Period.End ?? DateTimeOffset.MaxValue))
                lapsed.Add(new LapsedPermit(statement.Id, grant, LapseCause.DelegateEnded, last));
            var coSigner = entry.CoSigned is { } second ? credentials.GetValueOrDefault(second.Assertion.Credential) : null;
            var waitsUntil = await effectiveFrom(new Waiting(entry, grant, signer, coSigner, settings), ct);
            loaded.AddRange(counting.Select(permit => new StatementInForce(statement.Id, permit.Permit, EffectiveFrom:
                permit.From > (waitsUntil ?? CustodianView.Always) ? permit.From : waitsUntil)));
        }
        var attested = await AttestedConsents.LoadAsync(state, patientId, ct);
        var carried = await CarriedDenies.LoadAsync(state, patientId, ct);
        return PatientPolicy.Of(readable && attested is not null && carried is not null ? [.. loaded, .. attested, .. carried] : null, lapsed);
    }

    private LapseCause CauseOf(CredentialEntry? signer) => signer switch
    {
        null => LapseCause.CredentialUnknown,
        { IsRevoked: true } => LapseCause.CredentialRevoked,
        _ => trustedFrom(signer) is null ? LapseCause.NotAccepted : LapseCause.NotVerified,
    };

    /// <summary>The patient's credentials by id, those that can be read; a permit of one that cannot counts for nothing.</summary>
    private async Task<Dictionary<string, CredentialEntry>> CredentialsAsync(CancellationToken ct)
    {
        var credentials = new Dictionary<string, CredentialEntry>(StringComparer.Ordinal);
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Credential, [patientId], ct))
        {
            try
            {
                var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.CredentialEntry)!;
                if (key == LedgerKey.Credential(patientId, entry.Credential.CredentialId))
                    credentials[entry.Credential.CredentialId] = entry;
            }
            catch (JsonException)
            {
                // Left out, which is what the summary says.
            }
        }
        return credentials;
    }

    // Read first, so an erasure that comes until the commit invalidates the transaction.
    private static async Task<bool> IsErasedAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        await state.GetAsync(LedgerKey.Patient(patientId), ct) is { } patient
        && JsonSerializer.Deserialize(patient, LedgerJson.Default.PatientEntry) is { IsErased: true };

    private static (StatementEntry Entry, Statement Statement, GrantBody Grant)? TryRead(string patientId, string key, ReadOnlyMemory<byte> value)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StatementEntry)!;
            var statement = SignedStatementReader.Read(entry.Signed);
            return statement.Body is GrantBody grant && statement.Patient == patientId
                && key == LedgerKey.Statement(patientId, statement.Id)
                ? (entry, statement, grant)
                : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // nothing is permitted; that is the answer
        }
    }

    private static bool IsSigned(SignedStatement signed, Credential credential)
    {
        try
        {
            SignedStatementReader.Verify(signed, credential);
            return true;
        }
        catch (PolicyException)
        {
            return false; // the signature does not count; that is the answer
        }
    }
}
