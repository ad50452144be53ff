using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The power to sign for a patient as it stands on the ledger: a delegate's, by the patient's appointment, or a signer's whom
/// hospitals vouch for. Endorsers, nodes and auditors judge it alike.
/// </summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Id">Id of the delegate or signer, <c>dg-…</c>.</param>
/// <param name="Credentials">The credentials that sign.</param>
/// <param name="Scope">What may be signed.</param>
/// <param name="End">First instant without the power.</param>
/// <param name="IsStopped">True once the power was revoked or objected to.</param>
public sealed record DelegatePower(
    string PatientId, string Id, IReadOnlyList<Credential> Credentials, DelegateScope Scope, DateTimeOffset End, bool IsStopped)
{
    /// <summary>Most delegates of a patient whose power was not revoked and has not ended.</summary>
    public const int MaxInForce = 8;

    /// <summary>Most delegates of a patient ever, those whose power is over included: decisions read them all.</summary>
    public const int MaxEver = 128;

    private const string TooMany = "delegate.too_many";

    /// <summary>Longest time from an appointment to its end.</summary>
    public const int MaxMonths = 12;

    /// <summary>The patient's appointment; null for a signer whom hospitals vouch for.</summary>
    public SignedStatement? Appointment { get; private init; }

    /// <summary>What hospitals vouch for; null for a delegate whom the patient appointed.</summary>
    public VouchedEntry? Vouched { get; private init; }

    /// <summary>The power of an id; null when there is none.</summary>
    public static async Task<DelegatePower?> FindAsync(ILedgerState state, string patientId, string id, CancellationToken ct)
    {
        var (appointed, vouched) = (LedgerKey.Delegate(patientId, id), LedgerKey.VouchedSigner(patientId, id));
        return await state.GetAsync(appointed, ct) is { } entry ? TryRead(appointed, entry)
            : await state.GetAsync(vouched, ct) is { } attested ? TryReadVouched(vouched, attested)
            : null;
    }

    /// <summary>The power that an entry gives; null where it cannot be read.</summary>
    /// <param name="kind"><see cref="LedgerKind.Delegate"/> or <see cref="LedgerKind.VouchedSigner"/>.</param>
    /// <param name="key">The entry's key.</param>
    /// <param name="json">The entry.</param>
    public static DelegatePower? Read(LedgerKind kind, string key, ReadOnlyMemory<byte> json) =>
        kind is LedgerKind.Delegate ? TryRead(key, json) : TryReadVouched(key, json);

    /// <summary>All powers of a patient, read as ranges, by their ids; those that cannot be read are left out.</summary>
    public static async Task<Dictionary<string, DelegatePower>> LoadAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var powers = new Dictionary<string, DelegatePower>(StringComparer.Ordinal);
        await foreach (var (key, value) in state.ListAsync(LedgerKind.VouchedSigner, [patientId], ct))
        {
            if (TryReadVouched(key, value) is { } power)
                powers[power.Id] = power;
        }
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Delegate, [patientId], ct))
        {
            if (TryRead(key, value) is { } power)
                powers[power.Id] = power;
        }
        return powers;
    }

    /// <summary>
    /// True while the person may see what the patient sees: a delegate in power, a guardian whose word counts; never by a new
    /// credential of the patient's own, which is no other person. Whether the credential that appointed a delegate still stands is
    /// for the caller to ask.
    /// </summary>
    /// <param name="time">Now, by the node's own clock.</param>
    /// <param name="isVouched">True for a signer whose waiting time is over by that clock.</param>
    public bool MaySeeAt(DateTimeOffset time, Func<VouchedEntry, bool> isVouched) => !IsStopped && time < End
        && (Vouched is null || (IsGuardian && isVouched(Vouched)));

    /// <summary>
    /// True for a credential that was the patient's own and was revoked: no power is a way around that. Contracts refuse to appoint one, but
    /// did not always, and a patient may take a helper's credential up as one of their own after the appointment.
    /// </summary>
    /// <param name="ofPatient">The patient's own credentials.</param>
    /// <param name="credential">The credential that signs under the power.</param>
    public static bool WasRevoked(IEnumerable<CredentialEntry> ofPatient, Credential credential) =>
        CredentialHistory.IsAmong(ofPatient.Where(static entry => entry.IsRevoked), credential.CredentialId, credential.PublicKey);

    /// <summary>One of the credentials; null for another.</summary>
    public Credential? CredentialOf(string credentialId) => Credentials.FirstOrDefault(own => own.CredentialId == credentialId);

    /// <summary>Why an appointment is refused: a code and a sentence; null when it is not.</summary>
    /// <param name="known">The patient's delegates so far.</param>
    /// <param name="appointment">The new appointment.</param>
    /// <param name="time">The proposal's time.</param>
    public static (string Code, string Text)? Refusal(
        IReadOnlyDictionary<string, DelegatePower> known, AppointDelegateBody appointment, DateTimeOffset time)
    {
        if (known.GetValueOrDefault(appointment.Delegate) is { Vouched: not null })
            return ("delegate.id_taken", "The id is that of a signer whom hospitals vouch for.");
        if (known.GetValueOrDefault(appointment.Delegate) is { IsStopped: true })
            return ("delegate.revoked", "This delegate was revoked; the id is never used again.");
        if (appointment.End <= time || appointment.End > time.AddMonths(MaxMonths))
            return ("delegate.end_out_of_range", $"The end lies in the past, or more than {MaxMonths} months ahead.");
        var own = known.GetValueOrDefault(appointment.Delegate);
        if (time < own?.End)
            return null; // in power already: nobody more is
        var appointed = known.Values.Where(power => power.Vouched is null).ToList();
        if (appointed.Count(power => !power.IsStopped && time < power.End) >= MaxInForce)
            return (TooMany, $"The patient has {MaxInForce} delegates; revoke one first.");
        return own is null && appointed.Count >= MaxEver ? (TooMany, $"The patient has had {MaxEver} delegates, which is the most; renew one.") : null;
    }

    /// <summary>Why a statement under this power is refused: a code and a sentence; null when it is not.</summary>
    /// <param name="state">The state: what is revoked is looked at.</param>
    /// <param name="statement">The statement; that one of the credentials signed it is checked elsewhere.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<(string Code, string Text)?> RefusalAsync(
        ILedgerState state, Statement statement, DateTimeOffset time, CancellationToken ct)
    {
        if (IsStopped)
        {
            return Vouched is null
                ? ("delegate.revoked", "The delegate was revoked.")
                : ("attestation.objected", "Somebody objected to this signer.");
        }
        if (time >= End)
            return ("delegate.ended", "The power has ended.");
        if (Vouched is { } word && (word.CompleteAt is null || !await word.SufficesAsync(state, ct)))
            return ("attestation.incomplete", "Another affiliated hospital must vouch for this signer.");
        // What is, or was, the patient's own ends as such: a key that was stolen and revoked must not sign by this way.
        var ofPatient = await state.ListAsync(LedgerKind.Credential, PatientId, LedgerJson.Default.CredentialEntry, ct);
        if (CredentialOf(statement.Signer.Credential) is { } signer && WasRevoked(ofPatient, signer))
            return ("credential.revoked", "The credential was revoked; it signs nothing any more.");
        // An appointment stands on the credential that signed it, as a permit does.
        if (Appointment is { Assertion.Credential: var appointer }
            && await state.FindAsync(LedgerKey.Credential(PatientId, appointer), LedgerJson.Default.CredentialEntry, ct) is not { IsRevoked: false })
            return ("delegate.appointer_revoked", "The credential that appointed the delegate was revoked.");
        if (await PatientRevocations.IsKeptForPatientAsync(state, PatientId, statement.Id, ct))
            return ("statement.id_taken", "The id is that of a merge, an attested consent or a carried deny, which only the patient ends.");
        if (!Takes(statement.Body) && Vouched?.CompleteAt + VouchedEntry.Waiting > time)
            return ("attestation.waiting", $"For its first {VouchedEntry.Waiting.TotalHours:0} hours a vouched signer may only deny and revoke.");
        var allowed = statement.Body switch
        {
            GrantBody { EmergencyNever: true } => false, // to keep emergencies out is the patient's own decision
            GrantBody { Effect: Effect.Permit } permit => Scope.Statements.HasFlag(DelegateActs.Permit) && Scope.Covers(permit),
            GrantBody => Scope.Statements.HasFlag(DelegateActs.Deny),
            RevokeBody revocation => Scope.Statements.HasFlag(DelegateActs.Revoke) && await MayEndAsync(state, revocation.Statement, ct),
            // Two guardians sign jointly when one confirms the other's permit; none speaks for the patient, or for itself again.
            ConfirmBody confirmation => IsGuardian && await AreAnothersAsync(state, confirmation, ct),
            LinkBody => Scope.Statements.HasFlag(DelegateActs.Link),
            // A new credential of the patient's own introduces itself, and ends the lost one; it signs the rest as one of them.
            AddCredentialBody or RevokeCredentialBody => Vouched is { Attested.Kind: VouchedKind.Credential },
            _ => false,
        };
        if (allowed && statement.Body is GrantBody { Replaces: { } replaced })
            allowed = Scope.Statements.HasFlag(DelegateActs.Revoke) && await MayEndAsync(state, replaced, ct);
        return allowed ? null : ("delegate.outside_scope", "The power does not reach that far.");
    }

    private bool IsGuardian => Vouched is { Attested.Kind: VouchedKind.Guardian };

    private async Task<bool> AreAnothersAsync(ILedgerState state, ConfirmBody confirmation, CancellationToken ct)
    {
        foreach (var id in confirmation.Statements)
        {
            // One that does not stand has its own answer in the contract.
            if (await state.FindAsync(LedgerKey.Statement(PatientId, id), LedgerJson.Default.StatementEntry, ct) is { } entry
                && (SignedStatementReader.Read(entry.Signed).Signer.Delegate is not { } other || other == Id
                    || await FindAsync(state, PatientId, other, ct) is not { IsGuardian: true }))
                return false;
        }
        return true;
    }

    private static bool Takes(StatementBody body) => body is GrantBody { Effect: Effect.Deny } or RevokeBody;

    // Taking a deny of the patient's away would let more be read, and so would revoking an id before its deny is seen.
    private async Task<bool> MayEndAsync(ILedgerState state, string target, CancellationToken ct)
    {
        if (await state.FindAsync(LedgerKey.Statement(PatientId, target), LedgerJson.Default.StatementEntry, ct) is not { } entry)
        {
            // Once it has ended, the contract has its own answer.
            return await state.GetAsync(LedgerKey.EndedStatement(PatientId, target), ct) is not null;
        }
        var statement = SignedStatementReader.Read(entry.Signed);
        return statement.Body is GrantBody { Effect: Effect.Permit } || statement.Signer.Delegate == Id;
    }

    private static DelegatePower? TryRead(string key, ReadOnlyMemory<byte> json)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(json.Span, LedgerJson.Default.DelegateEntry)!;
            var statement = SignedStatementReader.Read(entry.Appointment);
            return statement.Body is AppointDelegateBody body && statement.Patient == entry.PatientId && body.Delegate == entry.DelegateId
                && statement.Signer.Delegate is null && statement.Signer.Credential == entry.Appointment.Assertion.Credential
                && key == LedgerKey.Delegate(entry.PatientId, entry.DelegateId)
                ? new DelegatePower(entry.PatientId, entry.DelegateId, [.. body.Credentials.Select(CredentialOf)], body.Scope, body.End,
                    entry.RevokedBy is not null) { Appointment = entry.Appointment }
                : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // a power that cannot be read is none
        }
    }

    private static DelegatePower? TryReadVouched(string key, ReadOnlyMemory<byte> json)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(json.Span, LedgerJson.Default.VouchedEntry)!;
            var attested = entry.Attested;
            var acts = attested.Kind is VouchedKind.Guardian
                ? DelegateActs.Permit | DelegateActs.Deny | DelegateActs.Revoke | DelegateActs.Link
                : DelegateActs.Deny | DelegateActs.Revoke;
            return key == LedgerKey.VouchedSigner(attested.PatientId, attested.SignerId)
                ? new DelegatePower(attested.PatientId, attested.SignerId, attested.Credentials, new DelegateScope(acts),
                    attested.End ?? DateTimeOffset.MaxValue, entry.ObjectedBy is not null) { Vouched = entry }
                : null;
        }
        catch (JsonException)
        {
            return null; // a power that cannot be read is none
        }
    }

    private static Credential CredentialOf(AddCredentialBody own) => new(own.Credential, own.PublicKey, own.RpId, [.. own.Origins]);
}
