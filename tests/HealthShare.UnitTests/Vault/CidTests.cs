using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault;

public sealed class CidTests
{
    private const string Vectors = "vectors/unixfs-cids.json";
    private const string Empty = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    [Fact]
    public void Text_and_bytes_of_a_CID_are_one_to_one()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), block =>
        {
            var cid = Cid.Of(block.Length % 2 == 0 ? CidCodec.Raw : CidCodec.DagPb, block);
            return Cid.Parse(cid.ToString()).Equals(cid) && cid.Matches(block) && !cid.Matches([.. block, 0]);
        }).QuickCheckThrowOnFailure();
        Assert.Equal(Empty, Cid.Of(CidCodec.Raw, []).ToString());
        Assert.NotEqual(Cid.Of(CidCodec.Raw, []), Cid.Of(CidCodec.DagPb, []));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyk")] // short
    [InlineData("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvykv")] // unused bits set
    [InlineData("BAFKREIHDWDCEFGH4DQKJV67UZCMW7OJEE6XEDZDETOJUZJEVTENXQUVYKU")] // upper case
    [InlineData("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyk/")]
    [InlineData("../../../../../../../../../../../../../../../../etc/passwd0")]
    [InlineData("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG")] // version 0
    [InlineData("bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")] // dag-cbor
    public void Anything_but_the_canonical_text_of_a_known_CID_is_refused(string? text)
    {
        Assert.False(Cid.TryParse(text, out _));
        if (text is not null)
            Assert.Throws<FormatException>(() => Cid.Parse(text));
    }

    [SharedDataFact(Vectors)]
    public async Task The_embedded_store_gives_the_CIDs_that_IPFS_gives()
    {
        using var folder = new TemporaryFolder();
        using var file = File.OpenRead(SharedData.PathOf(Vectors));
        using var vectors = await JsonDocument.ParseAsync(file);
        var stores = new Dictionary<ContentLayout, EmbeddedContentStore>();
        var checkedVectors = 0;
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var size = vector.GetProperty("size").GetInt64();
            var layout = new ContentLayout(int.Parse(vector.GetProperty("chunker").GetString()!.AsSpan("size-".Length), provider: null),
                vector.GetProperty("maxLinks").GetInt32());
            Func<long, byte> content = vector.GetProperty("content").GetString() switch
            {
                "(i*31+7) mod 256" => i => (byte)(i * 31 + 7),
                "(i*2654435761 mod 2^32) >> 24" => i => (byte)((uint)(i * 2654435761) >> 24),
                var other => throw new InvalidDataException($"Unknown content '{other}'."),
            };
            if (!stores.TryGetValue(layout, out var store))
            {
                store = EmbeddedContentStore.Open(new() { Folder = folder.File($"store-{layout.ChunkSize}"), Layout = layout, SyncToDisk = false });
                stores.Add(layout, store);
            }
            var stored = await store.PutAsync(new GeneratedStream(size, content, 100_000), CancellationToken.None);
            Assert.Equal(vector.GetProperty("cid").GetString(), stored.Cid.ToString());
            Assert.Equal(size, stored.Size);
            Assert.Equal(size, await ContentCopy.VerifyAsync(store, stored.Cid, CancellationToken.None));
            checkedVectors++;
        }
        foreach (var store in stores.Values)
            store.Dispose();
        Assert.InRange(checkedVectors, 20, int.MaxValue);
    }

    [Fact]
    public void A_small_node_is_encoded_as_the_standard_writes_it()
    {
        var leaf = Cid.Of(CidCodec.Raw, Encoding.ASCII.GetBytes("a"));
        var node = Convert.ToHexStringLower(DagPb.EncodeFile([new(leaf, 1, 1)]));
        Assert.Equal($"122a0a24{Convert.ToHexStringLower(leaf.Bytes)}120018010a06080218012001", node);
    }
}
