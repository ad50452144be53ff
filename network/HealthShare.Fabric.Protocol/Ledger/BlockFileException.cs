namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>A block file holds something it should not; nothing was changed or skipped.</summary>
/// <param name="blockNumber">Number of the block that lies, or should lie, there.</param>
/// <param name="offset">Offset of the frame in the file, in bytes.</param>
/// <param name="reason">What is wrong.</param>
public sealed class BlockFileException(ulong blockNumber, long offset, string reason)
    : Exception($"Block {blockNumber} at offset {offset} of the block file: {reason}.")
{
    /// <summary>Number of the block that lies, or should lie, there.</summary>
    public ulong BlockNumber { get; } = blockNumber;

    /// <summary>Offset of the frame in the file, in bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;
}
