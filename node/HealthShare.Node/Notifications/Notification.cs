using System.Text.Json.Serialization;

namespace HealthShare.Node.Notifications;

/// <summary>Something that happened on the channel and that the patient should know of.</summary>
/// <param name="Kind">
/// <c>emergency</c>, <c>emergencyReview</c>, <c>consentAttested</c>, <c>consentAccepted</c>, <c>consentRevoked</c>,
/// <c>credentialAdded</c> or <c>hospitalLinked</c>.
/// </param>
/// <param name="At">When, by the channel.</param>
/// <param name="Subject">Id of what it is about: the emergency, the statement, the credential or the hospital.</param>
/// <param name="Member">MSP id of the member that did it.</param>
/// <param name="Code">For an emergency the code of its reason, for a review its outcome; null otherwise.</param>
/// <param name="Until">For an emergency its end; null otherwise.</param>
public sealed record Notification(
    string Kind, DateTimeOffset At, string Subject, string Member, string? Code = null, DateTimeOffset? Until = null);

/// <summary>A patient's notifications, newest first.</summary>
/// <param name="Items">The newest.</param>
/// <param name="Total">How many there are.</param>
public sealed record NotificationPage(IReadOnlyList<Notification> Items, int Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NotificationPage))]
internal sealed partial class NotificationJson : JsonSerializerContext;
