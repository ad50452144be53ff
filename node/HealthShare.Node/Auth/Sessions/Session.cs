using HealthShare.Node.Auth.People;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>A person's session.</summary>
/// <param name="Id">Random id, for lists; it opens nothing.</param>
/// <param name="Person">Who signed in.</param>
/// <param name="CredentialId">The passkey, base64url.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastSeenAt">When it was used last, to the minute.</param>
/// <param name="ExpiresAt">When it ends at the latest.</param>
/// <param name="StepUpUntil">Until when the passkey's last use counts as fresh.</param>
/// <param name="UserAgent">What the browser called itself, cut off.</param>
internal sealed record Session(
    string Id, Person Person, string CredentialId, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt,
    DateTimeOffset StepUpUntil, string UserAgent);
