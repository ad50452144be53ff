namespace HealthShare.Chaincode.Ledger;

/// <summary>How two ids come to be one person's, and what follows. Endorsers, nodes and auditors compute it alike.</summary>
public static class Merging
{
    /// <summary>Most ids of one person.</summary>
    public const int MaxIds = 32;

    /// <summary>
    /// Most merges into one id, and out of one id, that one hospital is ever the first to speak for, those that were stopped included:
    /// decisions read them all.
    /// </summary>
    public const int MaxPerMember = 16;

    /// <summary>A hospital's word that two ids are one person, the first or another one.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="merge">What is said; its form is checked elsewhere.</param>
    /// <param name="member">MSP id of the hospital.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<Ruling<MergeEntry>> AttestAsync(
        ILedgerState state, MergePatients merge, string member, DateTimeOffset time, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            if (await state.FindAsync(LedgerKey.Patient(id), LedgerJson.Default.PatientEntry, ct) is not { } patient)
                return new(null, "patient.not_found", "One of the two is not on this channel.");
            if (patient.IsErased)
                return new(null, "patient.erased", "One of the two erased what is shared.");
        }
        var known = await state.FindAsync(LedgerKey.Merge(merge.Surviving, merge.Merged), LedgerJson.Default.MergeEntry, ct);
        // Decisions about the id that stays read what is said of it, so nobody begins that does not know it.
        if (!await IsAffiliatedAsync(state, merge.Surviving, member, ct)
            && (known is null || !await IsAffiliatedAsync(state, merge.Merged, member, ct)))
            return new(null, "patient.not_affiliated", "The hospital is not affiliated with the id that stays, or with either of the two where another spoke first.");
        if (known is { ObjectedBy: not null } || await IsRevokedAsync(state, merge, ct))
            return new(null, "merge.objected", "Somebody objected; these two are not merged.");
        if (known is not null && known.Merge != merge)
            return new(null, "merge.id_taken", "Another hospital speaks of this merge under another id; use that one.");
        // The time to object begins with a word that found the merge complete: the one that completed it may have been held back.
        var settlingFrom = known?.SettlingFrom ?? (known?.CompleteAt is null ? null : time);
        if (known is { CompleteAt: not null } && known.Vouchers.Any(voucher => voucher.Member == member))
            return new(known with { SettlingFrom = settlingFrom });
        if (known is null && await IsTakenAsync(state, merge, ct))
            return new(null, "statement.id_taken", "The id is in use for a statement.");
        if (known is not { CompleteAt: not null } && await RefusalAsync(state, merge, ct) is { } refusal)
            return new(null, refusal.Code, refusal.Text);
        if (known is null && (await BegunIntoAsync(state, merge.Surviving, member, ct) >= MaxPerMember
            || await BegunOutOfAsync(state, merge.Merged, member, ct) >= MaxPerMember))
            return new(null, "merge.too_many", $"A hospital speaks first for at most {MaxPerMember} merges into an id, and out of one.");

        // A word may be given again: after a patient linked the hospital it may be enough, after a suspension it counts anew.
        var own = known?.Vouchers.FirstOrDefault(voucher => voucher.Member == member);
        var word = own is not null && await own.StandsAsync(state, ct) ? own : new Voucher(member, time);
        IReadOnlyList<Voucher> vouchers = own is null
            ? [.. known?.Vouchers ?? [], word]
            : [.. known!.Vouchers.Select(voucher => voucher.Member == member ? word : voucher)];
        var completeAt = known?.CompleteAt ?? (await SufficesAsync(state, merge, vouchers, ct) ? time : null);
        return new(new MergeEntry(merge, vouchers, completeAt, SettlingFrom: settlingFrom));
    }

    /// <summary>
    /// The objection of a hospital, while the merge is new to those who see it: later one hospital alone could take away what keeps denies in force, and it
    /// takes the patient's word.
    /// </summary>
    public static async Task<Ruling<MergeEntry>> ObjectAsync(
        ILedgerState state, ObjectToMerge objection, string member, DateTimeOffset time, CancellationToken ct)
    {
        if (await state.FindAsync(LedgerKey.Merge(objection.Surviving, objection.Merged), LedgerJson.Default.MergeEntry, ct) is not { } known)
            return new(null, "merge.not_found", "No hospital says that these two are one person.");
        if (!await IsAffiliatedAsync(state, objection.Merged, member, ct) && !await IsAffiliatedAsync(state, objection.Surviving, member, ct))
            return new(null, "patient.not_affiliated", "The hospital is not affiliated with either of the two.");
        if (known.ObjectedBy is not null)
            return new(known);
        return time >= known.SettlingFrom + MergeEntry.Waiting
            ? new(null, "merge.settled", $"After {MergeEntry.Waiting.TotalHours:0} hours only the patient's signature stops a merge.")
            : new(known with { ObjectedBy = member, ObjectedAt = time });
    }

    /// <summary>True for a merge that is complete and that nobody stopped.</summary>
    public static async Task<bool> CountsAsync(ILedgerState state, MergeEntry entry, CancellationToken ct) =>
        entry is { CompleteAt: not null, ObjectedBy: null } && !await IsRevokedAsync(state, entry.Merge, ct);

    /// <summary>True for an id that was merged into another, by a merge that counts.</summary>
    public static async Task<bool> IsMergedAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        foreach (var entry in await OutOfAsync(state, patientId, ct))
        {
            if (await CountsAsync(state, entry, ct))
                return true;
        }
        return false;
    }

    /// <summary>The ids that were merged into one. None of them has ids that were merged into it.</summary>
    public static async Task<IReadOnlyList<string>> MergedIntoAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var entry in await state.ListAsync(LedgerKind.Merge, patientId, LedgerJson.Default.MergeEntry, ct))
        {
            if (await CountsAsync(state, entry, ct))
                found.Add(entry.Merge.Merged);
        }
        return found;
    }

    /// <summary>The ids whose decisions the denies of one may count for: those that hospitals ever said it was merged into.</summary>
    public static async Task<IReadOnlyCollection<string>> SurvivorsOfAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        [.. (await state.ListAsync(LedgerKind.MergedInto, patientId, LedgerJson.Default.MergedIntoEntry, ct)).Select(static link => link.Surviving)];

    // No chains: what an id carries is read in one step, and stopping one merge undoes all that it did.
    private static async Task<(string Code, string Text)?> RefusalAsync(ILedgerState state, MergePatients merge, CancellationToken ct)
    {
        if (await IsMergedAsync(state, merge.Merged, ct) || await IsMergedAsync(state, merge.Surviving, ct))
            return ("merge.already_merged", "One of the two was merged into another id; name that one.");
        if ((await MergedIntoAsync(state, merge.Merged, ct)).Count > 0)
            return ("merge.is_surviving", "Other ids were merged into the one that goes; let that one stay.");
        var ids = 2 + (await MergedIntoAsync(state, merge.Surviving, ct)).Count;
        if (ids > MaxIds)
            return ("merge.too_many", $"A person has at most {MaxIds} ids.");
        return await GrantRange.AreTooManyToCarryAsync(state, merge.Merged, ct) || await AttestedConsents.AreTooManyToCarryAsync(state, merge.Merged, ct)
            ? ("merge.too_much", "The id that goes has more consents than decisions about another can read; let it stay, or revoke some first.")
            : null;
    }

    // For each of the two somebody who knows the person speaks; where the id ever held a credential, two hospitals that know the person.
    private static async Task<bool> SufficesAsync(
        ILedgerState state, MergePatients merge, IReadOnlyList<Voucher> vouchers, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            var needed = (await state.ListAsync(LedgerKind.Credential, id, LedgerJson.Default.CredentialEntry, ct)).Count > 0 ? 2 : 1;
            foreach (var voucher in vouchers)
            {
                if (await IsAffiliatedAsync(state, id, voucher.Member, ct) && await voucher.StandsAsync(state, ct))
                    needed--;
            }
            if (needed > 0)
                return false;
        }
        return true;
    }

    private static async Task<int> BegunIntoAsync(ILedgerState state, string surviving, string member, CancellationToken ct) =>
        (await state.ListAsync(LedgerKind.Merge, surviving, LedgerJson.Default.MergeEntry, ct)).Count(entry => entry.Vouchers[0].Member == member);

    private static async Task<int> BegunOutOfAsync(ILedgerState state, string merged, string member, CancellationToken ct) =>
        (await OutOfAsync(state, merged, ct)).Count(entry => entry.Vouchers[0].Member == member);

    private static async Task<List<MergeEntry>> OutOfAsync(ILedgerState state, string merged, CancellationToken ct)
    {
        var entries = new List<MergeEntry>();
        foreach (var link in await state.ListAsync(LedgerKind.MergedInto, merged, LedgerJson.Default.MergedIntoEntry, ct))
        {
            if (await state.FindAsync(LedgerKey.Merge(link.Surviving, merged), LedgerJson.Default.MergeEntry, ct) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    private static async Task<bool> IsRevokedAsync(ILedgerState state, MergePatients merge, CancellationToken ct) =>
        await PatientRevocations.HasAsync(state, merge.Surviving, merge.MergeId, ct)
        || await PatientRevocations.HasAsync(state, merge.Merged, merge.MergeId, ct);

    // An id that ended under either would leave the patient none to stop the merge by.
    private static async Task<bool> IsTakenAsync(ILedgerState state, MergePatients merge, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            if (await state.GetAsync(LedgerKey.Statement(id, merge.MergeId), ct) is not null
                || await state.GetAsync(LedgerKey.EndedStatement(id, merge.MergeId), ct) is not null)
                return true;
        }
        return false;
    }

    private static async Task<bool> IsAffiliatedAsync(ILedgerState state, string patientId, string member, CancellationToken ct) =>
        await state.GetAsync(LedgerKey.Affiliation(patientId, member), ct) is not null;
}
