namespace HealthShare.Fabric.Client.Verification;

/// <summary>What is wrong with a channel's blocks, and where: the first thing found.</summary>
/// <param name="Kind">What kind of fault it is.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="TransactionIndex">Place of the transaction in the block, from 0; null where the block as a whole is at fault.</param>
/// <param name="TransactionId">Id of the transaction; null where there is none, or where it cannot be read.</param>
/// <param name="Text">What is wrong, in a sentence, without any of the data.</param>
public sealed record BlockFault(BlockFaultKind Kind, ulong Block, int? TransactionIndex, string? TransactionId, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => TransactionIndex is null
        ? $"block {Block}: {Kind}: {Text}"
        : $"block {Block}, transaction {TransactionIndex} ({TransactionId ?? "without an id"}): {Kind}: {Text}";
}

/// <summary>Kinds of faults.</summary>
public enum BlockFaultKind
{
    /// <summary>The block cannot be read: a stored frame fails its checksum, or the bytes are no block.</summary>
    Unreadable,

    /// <summary>The block's number is not the one that follows.</summary>
    Number,

    /// <summary>The block does not name its predecessor's hash.</summary>
    PreviousHash,

    /// <summary>The transactions are not those that the header names.</summary>
    DataHash,

    /// <summary>The orderers' signatures do not satisfy the channel's policy for blocks.</summary>
    OrdererSignature,

    /// <summary>The block names another configuration block than the last one.</summary>
    LastConfig,

    /// <summary>A configuration cannot be read, or does not follow from the one before.</summary>
    Configuration,

    /// <summary>
    /// A validation flag is not what the transaction deserves: a signature, an endorsement policy, a version that was read, or
    /// an id, says otherwise than the flag.
    /// </summary>
    ValidationFlag,
}
