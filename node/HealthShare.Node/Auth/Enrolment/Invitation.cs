using HealthShare.Node.Auth.People;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>A one-time link that lets somebody enrol a passkey.</summary>
/// <param name="Id">Random id, for lists; it opens nothing.</param>
/// <param name="Person">Whom it lets in, with the id that the person has or will have.</param>
/// <param name="CreatedBy">Name of the caller who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When it is over if nobody used it.</param>
/// <param name="UsedAt">When it was used; null while it was not.</param>
internal sealed record Invitation(
    string Id, Person Person, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);
