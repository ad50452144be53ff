using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

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
    /// <returns>The entry as it becomes, or why it does not: a code and a sentence.</returns>
    public static async Task<(MergeEntry? Entry, (string Code, string Text) Refusal)> AttestAsync(
        ILedgerState state, MergePatients merge, string member, DateTimeOffset time, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            if (await FindAsync(state, LedgerKey.Patient(id), LedgerJson.Default.PatientEntry, ct) is not { } patient)
                return Refused("patient.not_found", "One of the two is not on this channel.");
            if (patient.IsErased)
                return Refused("patient.erased", "One of the two erased what is shared.");
        }
        var known = await FindAsync(state, LedgerKey.Merge(merge.Surviving, merge.Merged), LedgerJson.Default.MergeEntry, ct);
        // Decisions about the id that stays read what is said of it, so nobody begins that does not know it.
        if (!await IsAffiliatedAsync(state, merge.Surviving, member, ct)
            && (known is null || !await IsAffiliatedAsync(state, merge.Merged, member, ct)))
            return Refused("patient.not_affiliated", "The hospital is not affiliated with the id that stays, or with either of the two where another spoke first.");
        if (known is { ObjectedBy: not null } || await IsRevokedAsync(state, merge, ct))
            return Refused("merge.objected", "Somebody objected; these two are not merged.");
        if (known is not null && known.Merge != merge)
            return Refused("merge.id_taken", "Another hospital speaks of this merge under another id; use that one.");
        if (known is { CompleteAt: not null } && known.Vouchers.Any(voucher => voucher.Member == member))
            return (known, default);
        if (known is null && await IsTakenAsync(state, merge, ct))
            return Refused("statement.id_taken", "The id is in use for a statement.");
        if (known is not { CompleteAt: not null } && await RefusalAsync(state, merge, ct) is { } refusal)
            return Refused(refusal.Code, refusal.Text);
        if (known is null && (await BegunIntoAsync(state, merge.Surviving, member, ct) >= MaxPerMember
            || await BegunOutOfAsync(state, merge.Merged, member, ct) >= MaxPerMember))
            return Refused("merge.too_many", $"A hospital speaks first for at most {MaxPerMember} merges into an id, and out of one.");

        // A word may be given again: after a patient linked the hospital it may be enough, after a suspension it counts anew.
        var own = known?.Vouchers.FirstOrDefault(voucher => voucher.Member == member);
        var word = own is not null && await IsWordAsync(state, own, ct) ? own : new Voucher(member, time);
        IReadOnlyList<Voucher> vouchers = own is null
            ? [.. known?.Vouchers ?? [], word]
            : [.. known!.Vouchers.Select(voucher => voucher.Member == member ? word : voucher)];
        var completeAt = known?.CompleteAt ?? (await SufficesAsync(state, merge, vouchers, ct) ? time : null);
        return (new MergeEntry(merge, vouchers, completeAt), default);
    }

    /// <summary>
    /// The objection of a hospital, while the merge is new: later one hospital alone could take away what keeps denies in force, and it
    /// takes the patient's word.
    /// </summary>
    /// <inheritdoc cref="AttestAsync" path="/returns"/>
    public static async Task<(MergeEntry? Entry, (string Code, string Text) Refusal)> ObjectAsync(
        ILedgerState state, ObjectToMerge objection, string member, DateTimeOffset time, CancellationToken ct)
    {
        if (await FindAsync(state, LedgerKey.Merge(objection.Surviving, objection.Merged), LedgerJson.Default.MergeEntry, ct) is not { } known)
            return Refused("merge.not_found", "No hospital says that these two are one person.");
        if (!await IsAffiliatedAsync(state, objection.Merged, member, ct) && !await IsAffiliatedAsync(state, objection.Surviving, member, ct))
            return Refused("patient.not_affiliated", "The hospital is not affiliated with either of the two.");
        if (known.ObjectedBy is not null)
            return (known, default);
        return time >= known.CompleteAt + MergeEntry.Waiting
            ? Refused("merge.settled", $"After {MergeEntry.Waiting.TotalHours:0} hours only the patient's signature stops a merge.")
            : (known with { ObjectedBy = member, ObjectedAt = time }, default);
    }

    /// <summary>True for a merge that is complete and that nobody stopped.</summary>
    public static async Task<bool> CountsAsync(ILedgerState state, MergeEntry entry, CancellationToken ct) =>
        entry is { CompleteAt: not null, ObjectedBy: null } && !await IsRevokedAsync(state, entry.Merge, ct);

    /// <summary>The ids that were merged into one. None of them has ids that were merged into it.</summary>
    public static async Task<IReadOnlyList<string>> MergedIntoAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var entry in await ListAsync(state, LedgerKind.Merge, patientId, LedgerJson.Default.MergeEntry, ct))
        {
            if (await CountsAsync(state, entry, ct))
                found.Add(entry.Merge.Merged);
        }
        return found;
    }

    /// <summary>The ids whose decisions the denies of one may count for: those that hospitals ever said it was merged into.</summary>
    public static async Task<IReadOnlyCollection<string>> SurvivorsOfAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        [.. (await ListAsync(state, LedgerKind.MergedInto, patientId, LedgerJson.Default.MergedIntoEntry, ct)).Select(static link => link.Surviving)];

    // No chains: what an id carries is read in one step, and stopping one merge undoes all that it did.
    private static async Task<(string Code, string Text)?> RefusalAsync(ILedgerState state, MergePatients merge, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            foreach (var other in await OutOfAsync(state, id, ct))
            {
                if (await CountsAsync(state, other, ct))
                    return ("merge.already_merged", "One of the two was merged into another id; name that one.");
            }
        }
        if ((await MergedIntoAsync(state, merge.Merged, ct)).Count > 0)
            return ("merge.is_surviving", "Other ids were merged into the one that goes; let that one stay.");
        var ids = 2 + (await MergedIntoAsync(state, merge.Surviving, ct)).Count;
        return ids > MaxIds ? ("merge.too_many", $"A person has at most {MaxIds} ids.") : null;
    }

    // For each of the two somebody who knows the person speaks; where the id ever held a credential, two hospitals that know the person.
    private static async Task<bool> SufficesAsync(
        ILedgerState state, MergePatients merge, IReadOnlyList<Voucher> vouchers, CancellationToken ct)
    {
        foreach (var id in (string[])[merge.Merged, merge.Surviving])
        {
            var needed = (await ListAsync(state, LedgerKind.Credential, id, LedgerJson.Default.CredentialEntry, ct)).Count > 0 ? 2 : 1;
            foreach (var voucher in vouchers)
            {
                if (await IsAffiliatedAsync(state, id, voucher.Member, ct) && await IsWordAsync(state, voucher, ct))
                    needed--;
            }
            if (needed > 0)
                return false;
        }
        return true;
    }

    // What a member said before it was suspended is void.
    private static async Task<bool> IsWordAsync(ILedgerState state, Voucher voucher, CancellationToken ct) => Governance.Counts(
        await FindAsync(state, LedgerKey.Organization(voucher.Member), LedgerJson.Default.OrganizationEntry, ct), voucher.At);

    private static async Task<int> BegunIntoAsync(ILedgerState state, string surviving, string member, CancellationToken ct) =>
        (await ListAsync(state, LedgerKind.Merge, surviving, LedgerJson.Default.MergeEntry, ct)).Count(entry => entry.Vouchers[0].Member == member);

    private static async Task<int> BegunOutOfAsync(ILedgerState state, string merged, string member, CancellationToken ct) =>
        (await OutOfAsync(state, merged, ct)).Count(entry => entry.Vouchers[0].Member == member);

    private static async Task<List<MergeEntry>> OutOfAsync(ILedgerState state, string merged, CancellationToken ct)
    {
        var entries = new List<MergeEntry>();
        foreach (var link in await ListAsync(state, LedgerKind.MergedInto, merged, LedgerJson.Default.MergedIntoEntry, ct))
        {
            if (await FindAsync(state, LedgerKey.Merge(link.Surviving, merged), LedgerJson.Default.MergeEntry, ct) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    private static async Task<bool> IsRevokedAsync(ILedgerState state, MergePatients merge, CancellationToken ct) =>
        await PatientRevocations.HasAsync(state, merge.Surviving, merge.MergeId, ct)
        || await PatientRevocations.HasAsync(state, merge.Merged, merge.MergeId, ct);

    private static async Task<bool> IsTakenAsync(ILedgerState state, MergePatients merge, CancellationToken ct) =>
        await state.GetAsync(LedgerKey.Statement(merge.Surviving, merge.MergeId), ct) is not null
        || await state.GetAsync(LedgerKey.Statement(merge.Merged, merge.MergeId), ct) is not null;

    private static async Task<bool> IsAffiliatedAsync(ILedgerState state, string patientId, string member, CancellationToken ct) =>
        await state.GetAsync(LedgerKey.Affiliation(patientId, member), ct) is not null;

    private static (MergeEntry?, (string, string)) Refused(string code, string text) => (null, (code, text));

    private static async Task<T?> FindAsync<T>(ILedgerState state, string key, JsonTypeInfo<T> type, CancellationToken ct) where T : class =>
        await state.GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;

    private static async Task<List<T>> ListAsync<T>(
        ILedgerState state, LedgerKind kind, string first, JsonTypeInfo<T> type, CancellationToken ct) where T : class
    {
        var values = new List<T>();
        await foreach (var (_, value) in state.ListAsync(kind, [first], ct))
            values.Add(JsonSerializer.Deserialize(value.Span, type)!);
        return values;
    }
}
