using System.Text.Json.Serialization;

namespace HealthShare.Node.Notifications;

/// <summary>Something that happened on the channel and that the patient should know of.</summary>
/// <param name="Kind">
/// <c>emergency</c>, <c>emergencyReview</c>, <c>consentAttested</c>, <c>consentWithdrawn</c> (by the hospital that attested),
/// <c>consentAccepted</c>, <c>consentCoSigned</c> (a broad permit waits no longer), <c>consentConfirmed</c> (a delegate's permit stands by
/// itself), <c>consentRevoked</c> (or replaced), <c>credentialAdded</c>, <c>credentialRevoked</c>, <c>hospitalLinked</c>,
/// <c>delegateAppointed</c> (or renewed), <c>delegateRevoked</c>, <c>signerVouched</c> (a guardian
/// or a new credential that hospitals vouch for; object before it may permit), <c>signerObjected</c>, <c>patientMerged</c> (hospitals say that
/// two ids are one person; revoke that id if they are not), <c>mergeObjected</c>, <c>handleUsed</c> (somebody of this node's member used a one-time
/// code of the patient), <c>revocationNotRelayed</c> (what the patient took back could not be brought to the channel by this node; sign it
/// again), <c>patientErased</c> or
/// <c>erasureReported</c> (a hospital's node destroyed what it held).
/// </param>
/// <param name="At">When, by the channel.</param>
/// <param name="Subject">Id of what it is about: the emergency, the statement, the credential or the hospital.</param>
/// <param name="Member">MSP id of the member that did it, or whose node brought what was signed.</param>
/// <param name="Code">
/// For a one-time code the role of whoever used it, for an emergency the code of its reason, for a review its outcome, for a signer <c>guardian</c> or <c>credential</c>, for a
/// merge <c>merged</c> or <c>surviving</c>, as this id is; null otherwise.
/// </param>
/// <param name="Until">For an emergency its end, for a signer the time from which it may permit, for a merge until when hospitals may object, for an erasure until when the hospital must keep records of its own; null otherwise.</param>
public sealed record Notification(
    string Kind, DateTimeOffset At, string Subject, string Member, string? Code = null, DateTimeOffset? Until = null);

/// <summary>A patient's notifications, newest first.</summary>
/// <param name="Items">The notifications of this page.</param>
/// <param name="Total">How many there are on all pages.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
/// <param name="IsCut">
/// True where there are so many that the oldest are left out: of statements that ended, emergencies and reviews the newest 5,000 each are
/// told of. The lists of consents and of accesses have them all.
/// </param>
public sealed record NotificationPage(IReadOnlyList<Notification> Items, int Total, string? Next = null, bool IsCut = false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NotificationPage))]
internal sealed partial class NotificationJson : JsonSerializerContext;
