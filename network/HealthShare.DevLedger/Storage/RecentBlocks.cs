using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Storage;

/// <summary>A block and what filtered streams show of its transactions.</summary>
internal sealed record RecentBlock(Block Block, IReadOnlyList<FilteredTransaction> Filtered);

/// <summary>The newest blocks, so that streams that keep up find them read. One thread adds, any number look.</summary>
internal sealed class RecentBlocks
{
    private const int Most = 8;
    private const int MostBytes = 16 * 1024 * 1024; // but always the newest
    private volatile RecentBlock[] newestLast = [];

    /// <summary>The last block; null before the first.</summary>
    public RecentBlock? Newest => newestLast is [.., var newest] ? newest : null;

    /// <summary>A block by its number; null where it is not among the newest.</summary>
    public RecentBlock? Find(ulong number) => Array.Find(newestLast, recent => recent.Block.Header.Number == number);

    /// <summary>Adds the next block.</summary>
    public void Add(RecentBlock block)
    {
        var (keep, bytes) = (newestLast.Length, SizeOf(block));
        while (keep > 0 && newestLast.Length - keep < Most - 1 && (bytes += SizeOf(newestLast[keep - 1])) <= MostBytes)
            keep--;
        newestLast = [.. newestLast[keep..], block];
    }

    private static long SizeOf(RecentBlock block) => block.Block.Data.Data.Sum(transaction => (long)transaction.Length);
}
