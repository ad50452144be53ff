namespace HealthShare.Node.Content.Keeping.Findings;

/// <summary>A copy that is missing or corrupt, or that its replica does not tell of.</summary>
/// <param name="Cid">The content.</param>
/// <param name="Replica">Name of the replica; <c>own</c> is this node's store.</param>
/// <param name="State"><c>missing</c>, <c>corrupt</c>, or <c>unanswered</c> where the replica answers for others and time and again not for this one.</param>
/// <param name="Detail">What was seen, or why it could not be repaired yet.</param>
/// <param name="RecordId">The record; null for a content that is pinned here and no own record.</param>
/// <param name="FoundAt">When it was found first.</param>
/// <param name="SeenAt">When it was seen last.</param>
/// <param name="Attempts">How often it was looked at again since.</param>
/// <param name="NextAttemptAt">When it is looked at next.</param>
public sealed record ContentFinding(
    string Cid, string Replica, string State, string Detail, string? RecordId,
    DateTimeOffset FoundAt, DateTimeOffset SeenAt, long Attempts, DateTimeOffset NextAttemptAt);

/// <summary>An open finding that is to be looked at again.</summary>
internal sealed record DueFinding(KeptContent Content, string Replica);
