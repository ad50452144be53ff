using System.Security.Cryptography;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;

namespace HealthShare.UnitTests.Vault.Replicas;

public sealed class VerifiedBlocksTests : IDisposable
{
    private const int Leaf = 1024;
    private readonly TemporaryFolder folder = new();
    private readonly EmbeddedContentStore store;
    private readonly StoreReplica own;

    public VerifiedBlocksTests()
    {
        store = EmbeddedContentStore.Open(new() { Folder = folder.Path, Layout = new(Leaf, 3), SyncToDisk = false });
        own = new StoreReplica("own", store);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(Leaf, 1)]
    [InlineData(Leaf + 1, 3)]
    [InlineData(3 * Leaf, 4)]
    [InlineData(3 * Leaf + 1, 7)]
    [InlineData(30 * Leaf + 7, 49)]
    public async Task The_store_gives_all_blocks_of_a_content_and_they_give_the_content_again(int length, int blocks)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var stored = await store.PutAsync(new MemoryStream(content), CancellationToken.None);
        var source = await CopyAsync(stored.Cid);
        Assert.Equal(blocks, source.Count);
        var replica = new BlockReplica("copy", new Blocks(source));
        var leaves = new MemoryStream();
        await foreach (var block in replica.ReadBlocksAsync(stored.Cid, CancellationToken.None))
        {
            if (block.IsLeaf)
                leaves.Write(block.Bytes.Span);
        }
        Assert.Equal(content, leaves.ToArray());

        using var elsewhere = new TemporaryFolder();
        using var other = EmbeddedContentStore.Open(new() { Folder = elsewhere.Path, SyncToDisk = false }); // cuts in another way
        await new StoreReplica("other", other).RestoreAsync(stored.Cid, replica, CancellationToken.None);
        Assert.True(await other.IsPinnedAsync(stored.Cid, CancellationToken.None));
        await using var read = await other.OpenAsync(stored.Cid, CancellationToken.None);
        Assert.Equal(length, read.Length);
    }

    [Fact]
    public async Task Every_position_leads_to_its_own_leaf()
    {
        var stored = await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(20 * Leaf + 9)), CancellationToken.None);
        var blocks = await CopyAsync(stored.Cid);
        var leaves = blocks.Keys.Where(cid => cid.Codec is CidCodec.Raw).ToList();
        var index = 0;
        foreach (var leaf in leaves)
        {
            var without = blocks.Where(block => !block.Key.Equals(leaf)).ToDictionary();
            var replica = new BlockReplica("lossy", new Blocks(without));
            foreach (var position in new[] { index * Leaf, Math.Min(index * Leaf + Leaf - 1, stored.Size - 1) })
            {
                await Assert.ThrowsAsync<ContentNotFoundException>(() => replica.ChallengeAsync(stored.Cid, stored.Size, position, CancellationToken.None));
            }
            await replica.ChallengeAsync(stored.Cid, stored.Size, (index + 1) % leaves.Count * Leaf, CancellationToken.None);
            index++;
        }
        // Beyond the end the last byte is meant, where nobody knows the length.
        await new BlockReplica("whole", new Blocks(blocks)).ChallengeAsync(stored.Cid, null, long.MaxValue / 2, CancellationToken.None);
    }

    [Fact]
    public async Task Any_changed_block_on_the_way_is_corrupt_and_names_the_content()
    {
        var stored = await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(10 * Leaf)), CancellationToken.None);
        var blocks = await CopyAsync(stored.Cid);
        foreach (var (cid, block) in blocks)
        {
            var changed = new Dictionary<Cid, byte[]>(blocks) { [cid] = [.. block[..^1], (byte)(block[^1] ^ 1)] };
            var replica = new BlockReplica("bad", new Blocks(changed));
            var failure = await Assert.ThrowsAsync<ContentCorruptException>(async () =>
            {
                await foreach (var _ in replica.ReadBlocksAsync(stored.Cid, CancellationToken.None))
                {
                }
            });
            Assert.Equal(stored.Cid, failure.Cid);
        }
    }

    [Fact]
    public async Task A_length_other_than_the_ledgers_is_corrupt()
    {
        foreach (var length in new[] { 10, 10 * Leaf })
        {
            var stored = await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(length)), CancellationToken.None);
            foreach (var replica in new IContentReplica[] { own, new BlockReplica("copy", new Blocks(await CopyAsync(stored.Cid))) })
            {
                await replica.ChallengeAsync(stored.Cid, length, 0, CancellationToken.None);
                await Assert.ThrowsAsync<ContentCorruptException>(() => replica.ChallengeAsync(stored.Cid, length + 1, 0, CancellationToken.None));
            }
        }
    }

    [Fact]
    public void Nodes_read_back_as_they_were_written_and_nothing_else_is_taken_for_one()
    {
        for (var seed = 0; seed < 2000; seed++)
            Assert.True(IsRight(new Random(seed)), $"seed {seed}");
    }

    private static bool IsRight(Random random)
    {
        var links = Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
        {
            var size = random.NextInt64(1, 1L << random.Next(1, 40));
            var digest = new byte[32];
            random.NextBytes(digest);
            return new DagLink(Cid.FromDigest(random.Next(2) == 0 ? CidCodec.Raw : CidCodec.DagPb, digest), size, size + random.Next(100));
        }).ToList();
        var block = DagPb.EncodeFile(links);
        var cid = Cid.Of(CidCodec.DagPb, block);
        var node = DagNode.Decode(cid, block);
        if (!node.Links.SequenceEqual(links) || node.FileSize != links.Sum(link => link.FileSize))
            return false;
        // Whatever is read must be what is written for it: there are no two spellings of one node.
        var other = random.Next(2) == 0 ? block[..random.Next(block.Length)] : [.. block];
        if (other.Length > 0)
            other[random.Next(other.Length)] ^= (byte)(1 << random.Next(8));
        try
        {
            return DagPb.EncodeFile(DagNode.Decode(cid, other).Links).AsSpan().SequenceEqual(other);
        }
        catch (ContentCorruptException)
        {
            return true;
        }
    }

    [Fact]
    public async Task A_content_of_endless_depth_is_refused()
    {
        var source = new Dictionary<Cid, byte[]>();
        var link = new DagLink(Cid.Of(CidCodec.Raw, [1]), 1, 1);
        source[link.Cid] = [1];
        for (var depth = 0; depth < 200; depth++)
        {
            var node = DagPb.EncodeFile([link]);
            link = new DagLink(Cid.Of(CidCodec.DagPb, node), 1, node.Length + link.TotalSize);
            source[link.Cid] = node;
        }
        var replica = new BlockReplica("deep", new Blocks(source));
        await Assert.ThrowsAsync<ContentCorruptException>(() => replica.ChallengeAsync(link.Cid, 1, 0, CancellationToken.None));
        await Assert.ThrowsAsync<ContentCorruptException>(async () =>
        {
            await foreach (var _ in replica.ReadBlocksAsync(link.Cid, CancellationToken.None))
            {
            }
        });
    }

    private async Task<Dictionary<Cid, byte[]>> CopyAsync(Cid cid)
    {
        var blocks = new Dictionary<Cid, byte[]>();
        await foreach (var block in own.ReadBlocksAsync(cid, CancellationToken.None))
        {
            Assert.True(block.Cid.Matches(block.Bytes.Span));
            blocks[block.Cid] = block.Bytes.ToArray();
        }
        return blocks;
    }

    private sealed class Blocks(IReadOnlyDictionary<Cid, byte[]> blocks) : IBlockSource
    {
        public Task<ReadOnlyMemory<byte>> ReadBlockAsync(Cid cid, CancellationToken ct) => blocks.TryGetValue(cid, out var block)
            ? Task.FromResult<ReadOnlyMemory<byte>>(block)
            : throw new ContentNotFoundException(cid);
    }
}
