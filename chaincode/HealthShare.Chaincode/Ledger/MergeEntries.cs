namespace HealthShare.Chaincode.Ledger;

/// <summary>Argument of <c>Patients:Merge</c>: two ids that the calling hospital says are one person.</summary>
/// <param name="MergeId">
/// Id chosen by the first that says so, <c>st-…</c>: the patient's signed revocation of that id, under either of the two, stops the merge.
/// </param>
/// <param name="Merged">The id that goes out of use.</param>
/// <param name="Surviving">The id that stays.</param>
public sealed record MergePatients(string MergeId, string Merged, string Surviving);

/// <summary>Argument of <c>Patients:ObjectToMerge</c>.</summary>
/// <param name="Merged">The id that goes out of use.</param>
/// <param name="Surviving">The id that stays.</param>
public sealed record ObjectToMerge(string Merged, string Surviving);

/// <summary>That hospitals say two ids are one person. Kept for ever.</summary>
/// <param name="Merge">What they say.</param>
/// <param name="Vouchers">Who says so, in their order.</param>
/// <param name="CompleteAt">Proposal time of the word that made it enough; null before. From then on denies are carried over.</param>
/// <param name="ObjectedBy">MSP id of the hospital that objected; null while none did.</param>
/// <param name="ObjectedAt">Proposal time of the objection.</param>
/// <param name="SettlingFrom">
/// Proposal time of the first word after that; null before. Such a word can only be endorsed once the complete merge is in a block, so
/// whoever held that back won nothing: the hospitals' time to object runs from here.
/// </param>
public sealed record MergeEntry(
    MergePatients Merge, IReadOnlyList<Voucher> Vouchers, DateTimeOffset? CompleteAt = null, string? ObjectedBy = null,
    DateTimeOffset? ObjectedAt = null, DateTimeOffset? SettlingFrom = null)
{
    /// <summary>How long hospitals may object, and nodes wait before new data goes to the surviving id.</summary>
    public static readonly TimeSpan Waiting = VouchedEntry.Waiting;
}

/// <summary>Leads from an id that goes out of use to the one that stays; written together with the merge.</summary>
/// <param name="MergeId">Id of the merge.</param>
/// <param name="Surviving">The id that stays.</param>
public sealed record MergedIntoEntry(string MergeId, string Surviving);
