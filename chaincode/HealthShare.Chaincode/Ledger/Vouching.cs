namespace HealthShare.Chaincode.Ledger;

/// <summary>How signers come to be vouched for, and objected to. Endorsers and auditors compute it alike.</summary>
public static class Vouching
{
    /// <summary>Most signers of a patient that one hospital is the first to vouch for while they can sign or might.</summary>
    public const int MaxPerMember = 8;

    /// <summary>Most signers of a patient that one hospital is ever the first to vouch for: decisions read them all.</summary>
    public const int MaxEverPerMember = 64;

    /// <summary>A hospital's word for a signer, the first or another one.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="attested">What is vouched for; its form is checked elsewhere.</param>
    /// <param name="member">MSP id of the hospital.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<Ruling<VouchedEntry>> AttestAsync(
        ILedgerState state, AttestSigner attested, string member, DateTimeOffset time, CancellationToken ct)
    {
        var patientId = attested.PatientId;
        if (await state.GetAsync(LedgerKey.Affiliation(patientId, member), ct) is null)
            return new(null, "patient.not_affiliated", "The hospital is not affiliated with this patient.");
        if (!IsEndRight(attested, time))
            return new(null, "delegate.end_out_of_range", "A guardian's end is the beginning of a month, at most a year ahead; a credential has none.");
        if (await state.FindAsync(LedgerKey.VouchedSigner(patientId, attested.SignerId), LedgerJson.Default.VouchedEntry, ct) is { } known)
        {
            if (!LedgerValue.Same(known.Attested, attested, LedgerJson.Default.AttestSigner))
                return new(null, "attestation.id_taken", "The id is in use for another signer.");
            if (known.ObjectedBy is not null)
                return new(null, "attestation.objected", "Somebody objected; the id is never used again.");
            var word = new Voucher(member, time);
            var place = known.Vouchers.ToList().FindIndex(voucher => voucher.Member == member);
            if (place >= 0 && await known.Vouchers[place].StandsAsync(state, ct))
                return new(known);
            // What was enough once and is no longer counts from the word on that makes it enough again, and so does the waiting time.
            var sufficed = await known.SufficesAsync(state, ct);
            var next = known with
            {
                Vouchers = place < 0 ? [.. known.Vouchers, word] : [.. known.Vouchers.Select((before, i) => i == place ? word : before)],
            };
            if (sufficed && known.CompleteAt is not null)
                return new(next);
            var suffices = await next.SufficesAsync(state, ct);
            return new(next with
            {
                Needed = suffices && await next.WordsAsync(state, ct) == 1 ? 1 : 2,
                CompleteAt = suffices ? time : null,
            });
        }
        if (await state.GetAsync(LedgerKey.Delegate(patientId, attested.SignerId), ct) is not null)
            return new(null, "attestation.id_taken", "The id is in use for a delegate.");
        var credentials = await state.ListAsync(LedgerKind.Credential, patientId, LedgerJson.Default.CredentialEntry, ct);
        // A key that was stolen and revoked must not come back by this way, nor a guardian hold the patient's own.
        if (attested.Credentials.Any(credential => CredentialHistory.IsAmong(credentials, credential.CredentialId, credential.PublicKey)))
            return new(null, "credential.id_taken", "A credential's id or key is in use, or was.");
        var others = await state.ListAsync(LedgerKind.VouchedSigner, patientId, LedgerJson.Default.VouchedEntry, ct);
        var own = others.Where(entry => entry.Vouchers[0].Member == member).ToList();
        if (own.Count(entry => CanSign(entry, time)) >= MaxPerMember || own.Count >= MaxEverPerMember)
            return new(null, "attestation.too_many", $"A hospital brings at most {MaxPerMember} signers of a patient at once, and {MaxEverPerMember} in all.");
        var first = new VouchedEntry(attested, [new Voucher(member, time)], 2);
        return new(first.Suffices(1, credentials.Select(entry => entry.Credential)) ? first with { Needed = 1, CompleteAt = time } : first);
    }

    /// <summary>An objection, which stops a signer for good.</summary>
    /// <param name="known">The entry before.</param>
    /// <param name="member">MSP id of the hospital that objects, or of the member that relays the patient's objection.</param>
    /// <param name="statementId">Id of the patient's signed objection; null for a hospital's.</param>
    /// <param name="time">The proposal's time.</param>
    public static VouchedEntry Object(VouchedEntry known, string member, string? statementId, DateTimeOffset time) =>
        known with { ObjectedBy = member, ObjectedAt = time, Objection = statementId };

    private static bool IsEndRight(AttestSigner attested, DateTimeOffset time) => attested.Kind is VouchedKind.Credential
        ? attested is { End: null, Joint: false }
        : attested.End is { Day: 1, TimeOfDay.Ticks: 0 } end && end > time && end <= time.AddMonths(DelegatePower.MaxMonths);

    private static bool CanSign(VouchedEntry entry, DateTimeOffset time) =>
        entry.ObjectedBy is null && !(entry.Attested.End is { } end && end <= time);
}
