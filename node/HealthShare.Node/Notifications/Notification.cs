using System.Text.Json.Serialization;

namespace HealthShare.Node.Notifications;

/// <summary>Something that happened on the channel and that the patient should know of.</summary>
/// <param name="Kind">
/// <c>emergency</c>, <c>emergencyReview</c>, <c>consentAttested</c>, <c>consentAccepted</c>, <c>consentRevoked</c>,
/// <c>credentialAdded</c>, <c>credentialRevoked</c>, <c>hospitalLinked</c>, <c>delegateAppointed</c>, <c>signerVouched</c> (a guardian
/// or a new credential that hospitals vouch for; object before it may permit), <c>signerObjected</c>, <c>patientMerged</c> (hospitals say that
/// two ids are one person; revoke that id if they are not), <c>mergeObjected</c>, <c>patientErased</c> or
/// <c>erasureReported</c> (a hospital's node destroyed what it held).
/// </param>
/// <param name="At">When, by the channel.</param>
/// <param name="Subject">Id of what it is about: the emergency, the statement, the credential or the hospital.</param>
/// <param name="Member">MSP id of the member that did it.</param>
/// <param name="Code">
/// For an emergency the code of its reason, for a review its outcome, for a signer <c>guardian</c> or <c>credential</c>, for a
/// merge <c>merged</c> or <c>surviving</c>, as this id is; null otherwise.
/// </param>
/// <param name="Until">For an emergency its end, for a signer the time from which it may permit, for a merge until when hospitals may object, for an erasure until when the hospital must keep records of its own; null otherwise.</param>
public sealed record Notification(
    string Kind, DateTimeOffset At, string Subject, string Member, string? Code = null, DateTimeOffset? Until = null);

/// <summary>A patient's notifications, newest first.</summary>
/// <param name="Items">The newest.</param>
/// <param name="Total">How many there are.</param>
public sealed record NotificationPage(IReadOnlyList<Notification> Items, int Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NotificationPage))]
internal sealed partial class NotificationJson : JsonSerializerContext;
