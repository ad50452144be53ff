using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Requests;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>An emergency as two members of staff declare it. At most one of <c>recordIds</c> and <c>categories</c> is given.</summary>
/// <param name="Statement">The declaration's canonical bytes, base64url.</param>
/// <param name="First">Assertion of the caller, a physician.</param>
/// <param name="Second">Assertion of another member of staff.</param>
/// <param name="Reason">Why, in words, 10 to 2,000 characters, blanks around them not counted among the 10; they stay at this node, encrypted.</param>
/// <param name="Salt">The 16 bytes that the declaration commits to together with the reason, base64url.</param>
/// <param name="RecordIds">1 to 1,000 record ids; null for all.</param>
/// <param name="Categories">1 to 50 codes of categories; null for all.</param>
public sealed record NewEmergency(
    string Statement, SignedAssertion First, SignedAssertion Second, string Reason, string Salt,
    IReadOnlyList<string>? RecordIds = null, IReadOnlyList<string>? Categories = null);

/// <summary>An emergency session.</summary>
/// <param name="Id">Its id, <c>em-…</c>.</param>
/// <param name="PatientId">The patient.</param>
/// <param name="Member">MSP id of the hospital that broke the glass.</param>
/// <param name="Role">Role that may read in it.</param>
/// <param name="ReasonCode"><c>lifeThreat</c>, <c>cannotConsent</c> or <c>other</c>.</param>
/// <param name="DeclaredBy">Staff ids of the two who signed, as their hospital registered them.</param>
/// <param name="DeclaredAt">When.</param>
/// <param name="NotAfter">First instant at which it is over.</param>
/// <param name="ReviewDue">First instant at which its review is overdue.</param>
/// <param name="Review">The review; null while it is open.</param>
/// <param name="Reason">The reason in words, for those who review at the hospital that keeps them; null for all others.</param>
/// <param name="Commitment">
/// What the declaration on the channel commits to: SHA-256 over the salt and the reason in UTF-8, base64url. Whoever is told both can hold
/// them against it.
/// </param>
/// <param name="Salt">The salt of 16 bytes, base64url, where the reason is shown; null for all others.</param>
/// <param name="Access">What was asked together with the declaration; only in the answer to that.</param>
public sealed record EmergencyView(
    string Id, string PatientId, string Member, string Role, string ReasonCode, IReadOnlyList<string> DeclaredBy, DateTimeOffset DeclaredAt,
    DateTimeOffset NotAfter, DateTimeOffset ReviewDue, EmergencyReviewView? Review = null, string? Reason = null,
    string? Commitment = null, string? Salt = null, AccessRequestView? Access = null);

/// <summary>A review.</summary>
/// <param name="Outcome"><c>justified</c>, <c>notJustified</c> or <c>needsInquiry</c>.</param>
/// <param name="Reviewer">MSP id of the member whose person reviewed.</param>
/// <param name="Staff">Staff id of the reviewer, as that member says.</param>
/// <param name="ReviewedAt">When.</param>
public sealed record EmergencyReviewView(ReviewOutcome Outcome, string Reviewer, string Staff, DateTimeOffset ReviewedAt);

/// <summary>A page of emergencies, what waits longest first.</summary>
/// <param name="Emergencies">The emergencies.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record EmergencyPage(IReadOnlyList<EmergencyView> Emergencies, string? Next = null);

/// <summary>What a review found.</summary>
/// <param name="Outcome"><c>justified</c>, <c>notJustified</c> or <c>needsInquiry</c>.</param>
public sealed record NewReview(ReviewOutcome Outcome);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    Converters = [typeof(LowerCaseEnumConverter<ReviewOutcome>)])]
[JsonSerializable(typeof(NewEmergency))]
[JsonSerializable(typeof(EmergencyView))]
[JsonSerializable(typeof(EmergencyPage))]
[JsonSerializable(typeof(NewReview))]
internal sealed partial class EmergencyJson : JsonSerializerContext;
