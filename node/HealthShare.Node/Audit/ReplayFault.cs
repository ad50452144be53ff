namespace HealthShare.Node.Audit;

/// <summary>Something on the channel that the rules do not allow, although enough members endorsed it.</summary>
/// <param name="Block">Number of the block.</param>
/// <param name="TransactionId">The transaction.</param>
/// <param name="Code">
/// What is wrong: <c>decision.wrong</c>, <c>decision.forged</c>, <c>release.not_permitted</c>, <c>release.forged</c>,
/// <c>statement.forged</c>, <c>credential.forged</c>, <c>affiliation.forged</c>, <c>record.forged</c>, <c>entry.unreadable</c> or
/// <c>entry.removed</c>.
/// </param>
/// <param name="Text">The same in words, with ids only.</param>
public sealed record ReplayFault(ulong Block, string TransactionId, string Code, string Text);
