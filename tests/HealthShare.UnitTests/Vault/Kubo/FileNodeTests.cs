using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.UnitTests.Vault.Kubo;

public sealed class FileNodeTests
{
    private static readonly byte[] Good = DagPb.EncodeFile([Link("a", 1000), Link("b", 1000), Link("c", 17)]);

    [Fact]
    public void The_parts_of_a_node_are_found_by_their_place()
    {
        var node = Decode(Good)!;
        Assert.Equal(2017, node.Length);
        Assert.Equal((Link("a", 0).Cid, 0, 1000), node.PartAt(0));
        Assert.Equal((Link("a", 0).Cid, 0, 1000), node.PartAt(999));
        Assert.Equal((Link("b", 0).Cid, 1000, 1000), node.PartAt(1000));
        Assert.Equal((Link("c", 0).Cid, 2000, 17), node.PartAt(2016));
    }

    [Fact]
    public void A_node_that_is_cut_or_goes_on_is_refused()
    {
        for (var length = 0; length < Good.Length; length++)
            Assert.Null(Decode(Good.AsSpan(0, length)));
        Assert.Null(Decode([.. Good, 0]));
        Assert.Null(Decode([.. Good, .. Good]));
    }

    [Fact]
    public void Whatever_bytes_come_decoding_ends_without_an_exception() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), bytes => Decode(bytes) is null or { Length: > 0 }));

    [Fact]
    public void Whichever_byte_is_changed_decoding_ends_without_an_exception()
    {
        for (var at = 0; at < Good.Length; at++)
        {
            foreach (var value in new byte[] { 0, 0x7F, 0x80, 0xFF })
            {
                var changed = Good.ToArray();
                changed[at] = value;
                if (Decode(changed) is { } node)
                    Assert.Equal(node.Length, node.PartAt(node.Length - 1).Start + node.PartAt(node.Length - 1).Length);
            }
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Null(Decode(DagPb.EncodeFile([])));
        Assert.Null(Decode(DagPb.EncodeFile([Link("a", 0)])));
        Assert.Null(Decode(DagPb.EncodeFile([Link("a", long.MaxValue)])));
        Assert.Null(Decode(DagPb.EncodeFile([Link("a", 1L << 50), Link("b", 1L << 50)])));
        Assert.NotNull(Decode(DagPb.EncodeFile([.. Enumerable.Repeat(Link("a", 1), 8192)])));
    }

    // Null where the node is refused as it should be; any other exception fails the test.
    private static FileNode? Decode(ReadOnlySpan<byte> block)
    {
        try
        {
            return FileNode.Decode(Link("root", 0).Cid, block);
        }
        catch (ContentCorruptException)
        {
            return null;
        }
    }

    private static DagLink Link(string block, long size) =>
        new(Cid.FromDigest(CidCodec.Raw, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(block))), size, size);
}
