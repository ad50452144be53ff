using HealthShare.Chaincode.Ledger;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>Which ids hospitals may merge and object to, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class MergeReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAsync(
        ReplayedTransaction transaction, MergeEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var merge = entry.Merge;
        // JSON's null passes as an entry of a list, whatever the list's type says.
        var holds = transaction.Time is { } time && !entry.Vouchers.Contains(null!) && parts.SequenceEqual([merge.Surviving, merge.Merged])
            && merge.Surviving != merge.Merged && await reader.HospitalAsync(transaction.Creator, ct) is not null
            && await IsRightAsync(transaction, entry, time, ct);
        return holds ? null : (MergeForged, $"Patients {parts[0]} and {parts[1]} were merged, or that was objected to, by one that may not.");
    }

    /// <summary>The way from the id that goes to the one that stays is written with the first word for the merge, and never again.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckLinkAsync(
        ReplayedTransaction transaction, MergedIntoEntry entry, IReadOnlyList<string> parts, CancellationToken ct) =>
        parts[1] == entry.Surviving && !await reader.ExistsAsync(LedgerKey.MergedInto(parts[0], parts[1]), ct)
            && transaction.Find(LedgerKey.Merge(parts[1], parts[0]), LedgerJson.Default.MergeEntry)?.Merge.MergeId == entry.MergeId
            ? null
            : (MergeForged, $"Patient {parts[0]} was led to {parts[1]} without a merge.");

    private async Task<bool> IsRightAsync(ReplayedTransaction transaction, MergeEntry entry, DateTimeOffset time, CancellationToken ct)
    {
        var merge = entry.Merge;
        var known = await reader.FindAsync(LedgerKey.Merge(merge.Surviving, merge.Merged), LedgerJson.Default.MergeEntry, ct);
        if (known is null && transaction.Find(LedgerKey.MergedInto(merge.Merged, merge.Surviving), LedgerJson.Default.MergedIntoEntry) is null)
            return false;
        var ruling = entry.ObjectedBy is null
            ? await Merging.AttestAsync(reader.State, merge, transaction.Creator, time, ct)
            : await Merging.ObjectAsync(reader.State, new ObjectToMerge(merge.Merged, merge.Surviving), transaction.Creator, time, ct);
        return ruling.Entry is { } right && LedgerValue.Same(entry, right, LedgerJson.Default.MergeEntry)
            && (known is null || !LedgerValue.Same(entry, known, LedgerJson.Default.MergeEntry));
    }
}
