using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.UnitTests.Support;
using HealthShare.UnitTests.Vault;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>Holds the CIDs that the embedded store computes against those of a real daemon.</summary>
[Collection(SwarmCollection.Name)]
public sealed class DaemonCidTests(SwarmFixture swarm) : IDisposable
{
    // Fixed in this daemon, whatever it is asked for.
    private const int DaemonsLinks = 174;
    private const string Vectors = "vectors/unixfs-cids.json";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-cids-");

    [IpfsFact]
    public async Task The_embedded_store_and_a_daemon_give_the_same_ids()
    {
        using var north = new RawRpc(swarm.North);
        using var store = EmbeddedContentStore.Open(
            new() { Folder = folder.FullName, Layout = new(1024, DaemonsLinks) }, TimeProvider.System);
        // One leaf, more leaves, one node full, a level more, and the edges between.
        foreach (var length in new[] { 0, 1, 1024, 1025, DaemonsLinks * 1024, (DaemonsLinks * 1024) + 1, 1_000_000 })
        {
            var stored = await store.PutAsync(Content(length), CancellationToken.None);
            Assert.Equal(stored.Cid, await north.AddAsync(Content(length), chunkSize: 1024));
        }
    }

    [IpfsFact(sharedData: Vectors)]
    public async Task A_daemon_gives_the_ids_of_the_independent_vectors()
    {
        using var north = new RawRpc(swarm.North);
        var vectors = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.PathOf(Vectors)))!.Deserialize<List<Vector>>(JsonSerializerOptions.Web)!;
        Assert.NotEmpty(vectors);
        foreach (var vector in vectors)
        {
            var content = vector.Content.Contains("31", StringComparison.Ordinal) ? Content(vector.Size) : Multiplied(vector.Size);
            Assert.Equal(vector.Cid, $"{await north.AddAsync(content, int.Parse(vector.Chunker.Split('-')[1], null))}");
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static GeneratedStream Content(long length) => new(length, i => (byte)((i * 31) + 7));

    private static GeneratedStream Multiplied(long length) => new(length, i => (byte)(unchecked((uint)i * 2654435761u) >> 24));

    private sealed record Vector(long Size, string Chunker, string Cid, string Content);
}
