namespace HealthShare.Node.Audit;

/// <summary>Something on the channel that the rules do not allow, although enough members endorsed it.</summary>
/// <param name="Kind">What kind of fault it is.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="TransactionIndex">Place of the transaction in the block, from 0.</param>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Text">What is wrong, in a sentence, with ids only.</param>
public sealed record ReplayFault(ReplayFaultKind Kind, ulong Block, int TransactionIndex, string TransactionId, string Text)
{
    /// <summary>What was thrown where the rules did not foresee what the transaction writes; null otherwise. For the log.</summary>
    public Exception? Cause { get; init; }
}

/// <summary>Kinds of faults that a replay finds.</summary>
public enum ReplayFaultKind
{
    /// <summary>A decision is not what the patient's statements say.</summary>
    DecisionWrong,

    /// <summary>A decision is not on what its sender asked, or was written twice.</summary>
    DecisionForged,

    /// <summary>A release gives away a record that nothing permitted.</summary>
    ReleaseNotPermitted,

    /// <summary>A release rests on no request, is sealed to another key than the requester's, or was written twice.</summary>
    ReleaseForged,

    /// <summary>A statement was not signed by its patient, was too old, or began or ended otherwise than the patient said.</summary>
    StatementForged,

    /// <summary>A hospital vouched for what it may not, or in another's name.</summary>
    AttestationForged,

    /// <summary>A delegate came or went, or a permit was confirmed, otherwise than the patient signed.</summary>
    DelegateForged,

    /// <summary>A credential was added by a member that may not.</summary>
    CredentialForged,

    /// <summary>A member was affiliated with a patient without the patient's signature.</summary>
    AffiliationForged,

    /// <summary>A patient was enrolled twice, or in another member's name.</summary>
    PatientForged,

    /// <summary>
    /// A record was registered or superseded twice, in another member's name, or by a member that is not affiliated; or a part of one apart from it.
    /// </summary>
    RecordForged,

    /// <summary>The members of the channel or its settings were changed against the rules.</summary>
    OrganizationForged,

    /// <summary>A staff key was registered, changed or revoked by another member than its own hospital.</summary>
    StaffKeyForged,

    /// <summary>An emergency was not signed by two members of its hospital's staff, or not declared by the rules.</summary>
    EmergencyForged,

    /// <summary>An emergency was reviewed twice, or by a member that may not.</summary>
    ReviewForged,

    /// <summary>A custodian's report about an access was made twice, or in another member's name.</summary>
    MismatchForged,

    /// <summary>Two ids were merged, or that was objected to, by a hospital that may not.</summary>
    MergeForged,

    /// <summary>What a hospital destroyed after an erasure was reported twice, or by another member.</summary>
    ErasureForged,

    /// <summary>An entry is not what the contracts write.</summary>
    EntryUnreadable,

    /// <summary>An entry was removed that must stay.</summary>
    EntryRemoved,

    /// <summary>A key was written twice at once, or was given an endorsement policy of its own.</summary>
    EntryForged,

    /// <summary>What a transaction writes is nothing that the rules can judge: so no contract wrote it.</summary>
    CheckFailed,
}
