namespace HealthShare.Chaincode.Ledger;

/// <summary>Names an emergency session.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Member">MSP id of the hospital that broke the glass.</param>
/// <param name="EmergencyId">Id from its declaration, <c>em-…</c>.</param>
public sealed record EmergencyRef(string PatientId, string Member, string EmergencyId);

/// <summary>Argument of <c>Access:BreakGlass</c>: a declaration, asserted by keys of two members of the caller's staff.</summary>
/// <param name="Statement">The declaration's exact canonical bytes, base64url, at most 2 KiB.</param>
/// <param name="First">The assertion of a physician.</param>
/// <param name="Second">The assertion of somebody else.</param>
public sealed record SignedEmergency(string Statement, SignedAssertion First, SignedAssertion Second);

/// <summary>An emergency session.</summary>
/// <param name="Emergency">Its name.</param>
/// <param name="Signed">The declaration and both assertions.</param>
/// <param name="DeclaredAt">Proposal time.</param>
/// <param name="NotAfter">First instant at which it is over.</param>
/// <param name="ReviewDue">First instant at which its review is overdue.</param>
public sealed record EmergencyEntry(
    EmergencyRef Emergency, SignedEmergency Signed, DateTimeOffset DeclaredAt, DateTimeOffset NotAfter, DateTimeOffset ReviewDue);

/// <summary>What a review found.</summary>
public enum ReviewOutcome
{
    /// <summary>The emergency was one.</summary>
    Justified,

    /// <summary>It was none.</summary>
    NotJustified,

    /// <summary>That cannot be told without an inquiry.</summary>
    NeedsInquiry,
}

/// <summary>Argument of <c>Access:Review</c>. The caller is another member than the one that broke the glass.</summary>
/// <param name="Emergency">The session.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="Staff">Staff id of the reviewer, as the caller claims; never a name.</param>
public sealed record ReviewEmergency(EmergencyRef Emergency, ReviewOutcome Outcome, string Staff);

/// <summary>A review. There is one per session.</summary>
/// <param name="Review">What was found.</param>
/// <param name="Reviewer">MSP id of the member whose person reviewed.</param>
/// <param name="ReviewedAt">Proposal time.</param>
public sealed record ReviewEntry(ReviewEmergency Review, string Reviewer, DateTimeOffset ReviewedAt);

/// <summary>A session that waits for its review.</summary>
/// <param name="Emergency">The session.</param>
/// <param name="Due">First instant at which the review is overdue.</param>
public sealed record OpenReviewEntry(EmergencyRef Emergency, DateTimeOffset Due);

/// <summary>Sessions that wait for their review, ordered by member, patient and id.</summary>
/// <param name="Reviews">The sessions.</param>
public sealed record OpenReviewList(IReadOnlyList<OpenReviewEntry> Reviews);
