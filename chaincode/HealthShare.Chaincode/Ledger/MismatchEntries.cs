namespace HealthShare.Chaincode.Ledger;

/// <summary>Argument of <c>Access:ReportMismatch</c>. The caller is the custodian whose own check does not confirm the decision.</summary>
/// <param name="Access">The access; nothing is released for it.</param>
/// <param name="Items">What was found, 1 to 100.</param>
public sealed record ReportMismatch(AccessRef Access, IReadOnlyList<MismatchItem> Items);

/// <summary>One disagreement.</summary>
/// <param name="Code">Stable code, such as <c>access.permit_not_trusted</c>.</param>
/// <param name="RecordId">The caller's record; null where it is about the whole access.</param>
public sealed record MismatchItem(string Code, string? RecordId = null);

/// <summary>What a custodian reported about an access, once.</summary>
/// <param name="Report">The report.</param>
/// <param name="Custodian">MSP id of the member that reported.</param>
/// <param name="ReportedAt">Proposal time.</param>
public sealed record MismatchEntry(ReportMismatch Report, string Custodian, DateTimeOffset ReportedAt);
