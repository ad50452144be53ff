namespace HealthShare.Node.Ledger;

/// <summary>How far the channel is, by what members' peers say of it. Nobody signs a height.</summary>
internal static class ChannelHeight
{
    /// <summary>
    /// The highest number of blocks that two peers report at least: one that overstates alone makes nobody's copy look old, and
    /// one that is behind alone hides nothing. Where only one other member answers, the higher of the two, since nothing says
    /// which of them is wrong and an old copy must not pass for a fresh one.
    /// </summary>
    /// <param name="own">What this member's own peer reports.</param>
    /// <param name="others">What the other members' peers report, those that answered.</param>
    public static ulong Agreed(ulong own, IReadOnlyList<ulong> others) => others switch
    {
        [] => own,
        [var only] => Math.Max(own, only),
        _ => others.Append(own).OrderDescending().ElementAt(1),
    };
}
